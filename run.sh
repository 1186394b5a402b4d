#!/usr/bin/env bash
# Builds KubeWalk and runs it.
#   ./run.sh               the page: WebAssembly in release mode, served on http://localhost:8080 (PORT=... chooses another)
#   ./run.sh --native [FOLDER]  the same application as a desktop window; a lesson's folder is opened, and anew whenever you save
#   ./run.sh --build-only  stops before serving or opening; the site is in dist/
set -euo pipefail
called_from="$PWD"
cd "$(dirname "$0")"

native=no
build_only=no
folder=
for argument in "$@"; do
  case "$argument" in
    --native) native=yes ;;
    --build-only) build_only=yes ;;
    -h|--help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    [!-]*) folder="$(cd "$called_from" && realpath "$argument")" ;;
    *) echo "run.sh: unknown option $argument (see ./run.sh --help)" >&2; exit 2 ;;
  esac
done

if [ -n "$folder" ] && [ "$native" = no ]; then
  echo "run.sh: a folder is opened by the desktop window only: ./run.sh --native $folder (the page takes it by drag and drop)" >&2
  exit 2
fi

# shellcheck source=cmake/setup.sh
source cmake/setup.sh

# build PRESET TARGET...: configures only the first time, ninja sees to the rest.
build() {
  local preset="$1"; shift
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset"
  cmake --build --preset "$preset" --target "$@"
}

if [ "$native" = yes ]; then
  setup_all native
  build native kubewalk-desktop kubewalk
  [ "$build_only" = yes ] || exec build/native/kubewalk-desktop ${folder:+"$folder"}
  echo "Built build/native/kubewalk-desktop and build/native/kubewalk"
else
  setup_all wasm
  build wasm dist
  [ "$build_only" = yes ] || exec /usr/bin/python3 cmake/serve.py dist "${PORT:-8080}"
  echo "Built dist/: copy it to any file host"
fi
