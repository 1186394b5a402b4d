#!/usr/bin/env bash
# Brings a Debian 12 machine to where KubeWalk builds. Sourced by run.sh and test.sh; can also be run by itself:
#   cmake/setup.sh [native] [wasm] [test]        (default: all three)
#
# Everything fetched goes to a cache outside the tree: ${KUBEWALK_CACHE:-${XDG_CACHE_HOME:-~/.cache}/kubewalk}.
# A second run only looks and takes well under a second.
#   src/NAME/            source packages: imgui, libyaml, md4c (and a file VERSION in each)
#   wasm/KEY/            libyaml and md4c built for WebAssembly with the Emscripten that KEY names
#   npm/node_modules/    @kubernetes/client-node (the schema comes from it) and playwright-core
#   bench/node_modules/  @ngrok/webernetes, and esbuild to bundle it (./test.sh --bench only)
#   kubectl/usr/bin/     a real kubectl for the parity tests (optional)
#   apt/                 a private apt directory, so that the system's own apt is never changed

KUBEWALK_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export KUBEWALK_ROOT
export KUBEWALK_CACHE="${KUBEWALK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kubewalk}"

setup_say() { printf '[setup] %s\n' "$*" >&2; }
setup_die() { printf '[setup] error: %s\n' "$*" >&2; exit 1; }

# --- Debian packages -------------------------------------------------------------------------

SETUP_PACKAGES_COMMON=(
  ca-certificates cmake ninja-build ccache g++ python3 python3-fonttools xz-utils tzdata
  nlohmann-json3-dev doctest-dev fonts-inter fonts-jetbrains-mono fonts-noto-cjk)
SETUP_PACKAGES_NATIVE=(libyaml-dev libmd4c-dev libsdl2-dev libgl-dev)
SETUP_PACKAGES_WASM=(brotli)
SETUP_PACKAGES_TEST=(chromium xvfb libgl1-mesa-dri)

setup_as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    setup_die "not root and no sudo. As root, run: $*"
  fi
}

setup_packages() {
  local wanted=("$@") missing=() installed package
  installed="$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^ii //p' || true)"
  for package in "${wanted[@]}"; do
    grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || setup_die "this script installs packages with apt (Debian 12). Missing: ${missing[*]}"
  setup_say "installing with apt: ${missing[*]}"
  # An old list of packages points to files the mirror no longer has.
  setup_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >&2 || setup_say "apt-get update failed; trying with the lists that are there"
  setup_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${missing[@]}" >&2 ||
    setup_die "apt could not install: ${missing[*]}"
}

# Node.js 18 or later: whatever is on the PATH is used, else Debian's.
setup_node() {
  local packages=()
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
  [ ${#packages[@]} -eq 0 ] || setup_packages "${packages[@]}"
  local major
  major="$(node -p 'process.versions.node.split(".")[0]')"
  [ "$major" -ge 18 ] || setup_die "Node.js 18 or later is needed, found $(node --version)"
}

# --- source packages ---------------------------------------------------------------------------

setup_apt_ready=

# A private apt directory whose sources are made from the machine's own configured mirror: the entries
# of its base suite, once more as deb-src, and for the next release (forky), whose imgui is recent enough.
setup_private_apt() {
  [ -n "$setup_apt_ready" ] && return 0
  local apt="$KUBEWALK_CACHE/apt" entries uri options
  mkdir -p "$apt/sources.list.d" "$apt/lists/partial" "$apt/cache/archives/partial"
  entries="$(setup_mirror_entries bookworm)"
  [ -n "$entries" ] || { setup_say "no apt source for bookworm is configured on this machine"; return 1; }
  while IFS=$'\t' read -r uri options; do
    printf 'deb-src %s %s bookworm main\n' "$options" "$uri"
    printf 'deb-src %s %s forky main\n' "$options" "$uri"
    printf 'deb %s %s forky main\n' "$options" "$uri"
  done <<<"$entries" >"$apt/sources.list.d/kubewalk.list"
  setup_say "reading the package lists of the configured mirror (private apt directory)"
  setup_private_apt_get -q update >&2 || { setup_say "the private apt-get update failed"; return 1; }
  setup_apt_ready=yes
}

setup_private_apt_get() {
  local apt="$KUBEWALK_CACHE/apt"
  # Contents, translations and icons would be half of the download and are never read. A mirror that was
  # frozen some weeks ago has lists past their date; what they list is still signed and good to build from.
  apt-get -o Acquire::Check-Valid-Until=false -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt/sources.list.d" \
    -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" \
    -o Acquire::Languages=none -o APT::Sandbox::User="" \
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
    -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false "$@"
}

# Prints "URI<TAB>[options]" for the entries of the given suite, from deb822 .sources and classic .list files.
setup_mirror_entries() {
  local codename="$1" files=()
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] && files+=("$file")
  done
  [ ${#files[@]} -eq 0 ] && return 0
  python3 - "$codename" "${files[@]}" <<'PYTHON'
import re, sys

codename, *files = sys.argv[1:]
found = {}

def add(uri, signed_by):
    # signed-by may hold a whole key in deb822; a classic entry can only name files, and apt then uses its own keyring.
    option = f"[signed-by={signed_by}]" if signed_by.startswith("/") and "\n" not in signed_by else ""
    found.setdefault(uri.rstrip("/"), option)

for name in files:
    text = open(name, encoding="utf-8", errors="replace").read()
    if name.endswith(".sources"):
        for stanza in re.split(r"\n\s*\n", text):
            fields, key = {}, None
            for line in stanza.splitlines():
                if line.startswith("#"):
                    continue
                if line[:1] in " \t" and key:
                    fields[key] += "\n" + line.strip()
                elif ":" in line:
                    key, value = line.split(":", 1)
                    key = key.strip().lower()
                    fields[key] = value.strip()
            if fields.get("enabled", "yes").lower() == "no" or "deb" not in fields.get("types", "").split():
                continue
            if codename in fields.get("suites", "").split() and "main" in fields.get("components", "").split():
                for uri in fields.get("uris", "").split():
                    add(uri, fields.get("signed-by", ""))
    else:
        for line in text.splitlines():
            match = re.match(r"\s*deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s+(.*)", line)
            if match and match[3] == codename and "main" in match[4].split():
                signed = re.search(r"signed-by=(\S+)", match[1] or "")
                add(match[2], signed[1] if signed else "")

for uri, option in found.items():
    print(f"{uri}\t{option}")
PYTHON
}

# setup_source NAME SUITE PACKAGE: unpacks the upstream archive of a Debian source package.
# Only the archive is fetched (apt checks its hash): we compile a few of its files by our own rules,
# so Debian's patches and rules are not needed - and some mirrors have lost a few of them.
setup_source() {
  local name="$1" suite="$2" package="$3"
  local target="$KUBEWALK_CACHE/src/$name" work="$KUBEWALK_CACHE/src/.fetch-$name"
  [ -f "$target/VERSION" ] && return 0
  setup_private_apt || return 1
  setup_say "fetching the source package $package ($suite)"
  rm -rf "$work" "$target"
  mkdir -p "$work/unpacked"
  (cd "$work" && setup_private_apt_get -qq source --download-only --tar-only "$package/$suite" >&2) || { rm -rf "$work"; return 1; }
  local archive version
  archive="$(find "$work" -maxdepth 1 -name '*.orig.tar.*' ! -name '*.asc' | head -n 1)"
  [ -n "$archive" ] || { setup_say "$package came without an upstream archive"; rm -rf "$work"; return 1; }
  version="$(basename "$archive")"
  version="${version#*_}"
  version="${version%.orig.tar.*}"
  tar -xf "$archive" -C "$work/unpacked" --strip-components=1
  printf '%s\n' "$version" >"$work/unpacked/VERSION"
  mv "$work/unpacked" "$target"
  rm -rf "$work"
  setup_say "$package $version is in the cache"
}

setup_imgui() {
  local target="$KUBEWALK_CACHE/src/imgui"
  if [ ! -f "$target/VERSION" ]; then
    if ! setup_source imgui forky imgui; then
      # The tag that is known to work, where GitHub is reachable.
      local tag=v1.92.2b work="$KUBEWALK_CACHE/src/.fetch-imgui"
      setup_say "falling back to the upstream archive of imgui $tag"
      rm -rf "$work" "$target"; mkdir -p "$work"
      python3 - "https://github.com/ocornut/imgui/archive/refs/tags/$tag.tar.gz" "$work/imgui.tar.gz" <<'PYTHON' ||
import sys, urllib.request
urllib.request.urlretrieve(sys.argv[1], sys.argv[2])
PYTHON
        setup_die "Dear ImGui 1.92 could be had neither as source package imgui of suite forky from the configured Debian mirror, nor from GitHub. Put its source into $target with a file VERSION beside imgui.h."
      mkdir -p "$work/unpacked"
      tar -xf "$work/imgui.tar.gz" -C "$work/unpacked" --strip-components=1
      printf '%s\n' "${tag#v}" >"$work/unpacked/VERSION"
      mv "$work/unpacked" "$target"
      rm -rf "$work"
    fi
  fi
  local number
  number="$(sed -n 's/^#define IMGUI_VERSION_NUM *\([0-9]*\).*/\1/p' "$target/imgui.h")"
  if [ -z "$number" ] || [ "$number" -lt 19200 ] || [ "$number" -ge 20000 ]; then
    rm -rf "$target"
    setup_die "Dear ImGui 1.92 or a later 1.x is needed, but the mirror gave version number '${number:-unknown}'"
  fi
}

# --- libraries for WebAssembly -------------------------------------------------------------------

setup_emscripten() {
  # A newer emsdk on the PATH is used if there is one; Debian's 3.1.6 is what is tested.
  command -v emcc >/dev/null || setup_packages emscripten
  local version
  version="$(emcc --version | sed -n '1s/.*) \([0-9][0-9.]*\).*/\1/p')"
  [ -n "$version" ] || setup_die "emcc does not say its version"
  KUBEWALK_EMCC_VERSION="$version"
  export KUBEWALK_WASM_LIBS="$KUBEWALK_CACHE/wasm/emscripten-$version"
  # Where node is not Debian's own, emcc's link step does not find Debian's acorn.
  if [ -d /usr/share/nodejs ]; then
    export NODE_PATH="${NODE_PATH:+$NODE_PATH:}/usr/share/nodejs"
  fi
}

# setup_wasm_library NAME FUNCTION: builds once per version of the source and of Emscripten.
setup_wasm_library() {
  local name="$1" build="$2"
  local source="$KUBEWALK_CACHE/src/$name" target="$KUBEWALK_WASM_LIBS/$name" version
  version="$(cat "$source/VERSION")"
  [ "$(cat "$target/VERSION" 2>/dev/null)" = "$version" ] && return 0
  setup_say "building $name $version for WebAssembly with Emscripten $KUBEWALK_EMCC_VERSION (once)"
  rm -rf "$target" "$target.build"
  mkdir -p "$target/lib" "$target/include" "$target.build"
  local log="$KUBEWALK_WASM_LIBS/$name.log"
  "$build" "$source" "$target" "$target.build" >"$log" 2>&1 || { tail -n 30 "$log" >&2; setup_die "building $name for WebAssembly failed, see $log"; }
  rm -rf "$target.build"
  printf '%s\n' "$version" >"$target/VERSION"
}

setup_build_libyaml() {
  cp "$1/include/yaml.h" "$2/include/" || return 1
  local file objects=()
  for file in "$1"/src/*.c; do
    local object
    object="$3/$(basename "$file" .c).o"
    emcc -Oz -w -I"$1/include" -DYAML_VERSION_MAJOR=0 -DYAML_VERSION_MINOR=2 -DYAML_VERSION_PATCH=5 \
      '-DYAML_VERSION_STRING="0.2.5"' -DYAML_DECLARE_STATIC -c "$file" -o "$object" || return 1
    objects+=("$object")
  done
  emar rcs "$2/lib/libyaml.a" "${objects[@]}"
}

setup_build_md4c() {
  cp "$1/src/md4c.h" "$2/include/" &&
    emcc -Oz -w -DMD4C_USE_UTF8 -c "$1/src/md4c.c" -o "$3/md4c.o" &&
    emar rcs "$2/lib/libmd4c.a" "$3/md4c.o"
}

# --- npm and kubectl ------------------------------------------------------------------------------

# setup_npm_folder FOLDER TARGET: what FOLDER/package-lock.json names, into the cache.
setup_npm_folder() {
  local from="$KUBEWALK_ROOT/$1" target="$KUBEWALK_CACHE/$2" stamp
  stamp="$(cksum <"$from/package-lock.json")"
  [ "$(cat "$target/STAMP" 2>/dev/null)" = "$stamp" ] && return 0
  setup_say "installing npm packages into the cache"
  rm -rf "$target"
  mkdir -p "$target"
  cp "$from"/{package.json,package-lock.json,.npmrc} "$target/"
  (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || return 1
  printf '%s\n' "$stamp" >"$target/STAMP"
}

setup_npm() {
  setup_npm_folder cmake/npm npm || setup_die "npm could not install the packages of cmake/npm/package.json"
}

# The peer that ./test.sh --bench measures beside us; without it that column stays empty.
setup_bench() {
  setup_npm_folder cmake/npm-bench bench || setup_say "npm could not install the packages of cmake/npm-bench; measuring without them"
}

# A real kubectl for the parity tests; without it those tests are skipped.
setup_kubectl() {
  local target="$KUBEWALK_CACHE/kubectl"
  [ -e "$target/STAMP" ] && return 0
  local work="$KUBEWALK_CACHE/.fetch-kubectl"
  rm -rf "$work"; mkdir -p "$work" "$target"
  if setup_private_apt && (cd "$work" && setup_private_apt_get -q download kubectl/forky >&2) &&
    dpkg -x "$work"/kubectl_*.deb "$target" && "$target/usr/bin/kubectl" version --client >"$target/STAMP" 2>/dev/null; then
    setup_say "real kubectl for the parity tests: $(head -n 1 "$target/STAMP")"
  else
    rm -rf "$target"
    setup_say "no real kubectl to be had; the tests that compare with it are skipped"
  fi
  rm -rf "$work"
}

# --- the whole ---------------------------------------------------------------------------------------

# setup_all [native] [wasm] [test]
setup_all() {
  local parts=" ${*:-native wasm test} " packages=("${SETUP_PACKAGES_COMMON[@]}")
  [[ $parts == *" native "* ]] && packages+=("${SETUP_PACKAGES_NATIVE[@]}")
  [[ $parts == *" wasm "* ]] && packages+=("${SETUP_PACKAGES_WASM[@]}")
  [[ $parts == *" test "* ]] && packages+=("${SETUP_PACKAGES_TEST[@]}")
  mkdir -p "$KUBEWALK_CACHE/src"
  setup_packages "${packages[@]}"
  setup_node
  setup_npm
  setup_imgui
  if [[ $parts == *" wasm "* ]]; then
    setup_emscripten
    local name
    for name in libyaml md4c; do
      setup_source "$name" bookworm "$name" ||
        setup_die "the source package $name (bookworm) could not be fetched from the configured Debian mirror"
      setup_wasm_library "$name" "setup_build_$name"
    done
  fi
  if [[ $parts == *" test "* ]]; then
    setup_kubectl
  fi
  # The lists are large and stale tomorrow.
  if [ -n "$setup_apt_ready" ]; then
    rm -rf "$KUBEWALK_CACHE/apt"
  fi
  export PATH="$KUBEWALK_CACHE/kubectl/usr/bin:$PATH"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  setup_all "$@"
  setup_say "ready"
fi
