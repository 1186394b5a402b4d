#!/usr/bin/env bash
# Runs every test. Last line: N passed, N failed, N skipped.
#   ./test.sh            what CI runs
#   ./test.sh --full     also what is too long for CI
#   ./test.sh --bench    measures instead (page weight, start times, CPU); judges nothing
#   ./test.sh --only A,B only these stages: tidy unit ui fuzz wasm parity golden browser
# A stage that cannot be built, crashes or runs no test counts as a failure.
set -euo pipefail
cd "$(dirname "$0")"

full=no
bench=no
only=
while [ $# -gt 0 ]; do
  case "$1" in
    --full) full=yes ;;
    --bench) bench=yes ;;
    --only) shift; only=",${1:?--only needs names}," ;;
    -h|--help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown option $1 (see ./test.sh --help)" >&2; exit 2 ;;
  esac
  shift
done
export KUBEWALK_FULL="$full"
stage_seconds=1500
[ "$full" = no ] || stage_seconds=7200

# shellcheck source=cmake/setup.sh
source cmake/setup.sh

started=$SECONDS
passed=0
failed=0
skipped=0
failures=()
logs=build/test-logs
mkdir -p "$logs"

say() { printf '\n=== %s (%d s)\n' "$*" "$((SECONDS - started))"; }

# count STAGE PASSED FAILED SKIPPED
count() {
  printf -- '--- %s: %d passed, %d failed, %d skipped\n' "$@"
  passed=$((passed + $2)); failed=$((failed + $3)); skipped=$((skipped + $4))
  [ "$3" -eq 0 ] || failures+=("$1")
}

# A stage as a whole that did not get to its tests.
broken() {
  printf -- '--- %s: %s\n' "$1" "$2"
  failed=$((failed + 1)); failures+=("$1")
}

wanted() { [ -z "$only" ] || [[ $only == *",$1,"* ]]; }

# build STAGE PRESET TARGET...
build() {
  local stage="$1" preset="$2"; shift 2
  if { [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset"; } && cmake --build --preset "$preset" --target "$@"; then
    return 0
  fi
  broken "$stage" "the build of $* ($preset) failed"
  return 1
}

# run STAGE COMMAND...: shows the output and keeps it; the exit code is left in $code. A stage that hangs is stopped:
# the others still tell what they have to tell.
run() {
  local log="$logs/$1.log"; shift
  code=0
  timeout --kill-after=10 "$stage_seconds" "$@" 2>&1 | tee "$log" || code=${PIPESTATUS[0]}
  [ "$code" -ne 124 ] || echo "stopped: it took longer than $stage_seconds s"
}

# run_beside STAGE COMMAND...: as run, while other stages build; those that run beside come one after the other, and
# each one's output with `await STAGE`.
declare -A beside=()
last_beside=
run_beside() {
  local stage="$1" before="$last_beside"; shift
  { [ -z "$before" ] || tail --pid="$before" -f /dev/null
    exec timeout --kill-after=10 "$stage_seconds" "$@"
  } >"$logs/$stage.log" 2>&1 &
  last_beside=$!
  beside[$stage]=$last_beside
}
# await STAGE COUNTER: nothing for a stage that did not begin.
await() {
  [ -n "${beside[$1]:-}" ] || return 0
  say "$1: what it said"
  code=0
  wait "${beside[$1]}" || code=$?
  cat "$logs/$1.log"
  [ "$code" -ne 124 ] || echo "stopped: it took longer than $stage_seconds s"
  "$2" "$1"
}

# doctest's closing line: [doctest] test cases: 12 | 12 passed | 0 failed | 3 skipped
count_doctest() {
  local stage="$1" line p f s
  line="$(grep -a 'test cases:' "$logs/$stage.log" | tail -n 1 | sed 's/\x1b\[[0-9;]*m//g' || true)"
  p="$(sed -n 's/.*| *\([0-9]*\) passed.*/\1/p' <<<"$line")"
  f="$(sed -n 's/.*| *\([0-9]*\) failed.*/\1/p' <<<"$line")"
  s="$(sed -n 's/.*| *\([0-9]*\) skipped.*/\1/p' <<<"$line")"
  if [ -z "$p" ]; then broken "$stage" "stopped with exit code $code before its summary"; return; fi
  if [ "$((p + f))" -eq 0 ]; then broken "$stage" "ran no test"; return; fi
  # A sanitizer's report or a crash at exit comes after the summary.
  if [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
  count "$stage" "$p" "$f" "${s:-0}"
}

# Our own closing line: N passed, N failed, N skipped
count_plain() {
  local stage="$1" line
  line="$(grep -aE '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$logs/$stage.log" | tail -n 1 || true)"
  if [ -z "$line" ]; then broken "$stage" "stopped with exit code $code before its summary"; return; fi
  local p f s
  read -r p f s <<<"$(sed -E 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/' <<<"$line")"
  if [ "$((p + f + ${s:-0}))" -eq 0 ]; then broken "$stage" "ran no test"; return; fi
  if [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
  count "$stage" "$p" "$f" "${s:-0}"
}

# node --test prints "# pass 3" (TAP) or "ℹ pass 3" (spec).
count_node() {
  local stage="$1" p f s
  number() { sed 's/\x1b\[[0-9;]*m//g' "$logs/$stage.log" | sed -n "s/^[^ ]* $1 \([0-9]*\)\$/\1/p" | tail -n 1; }
  p="$(number pass)"; f="$(number fail)"; s="$(number skipped)"
  if [ -z "$p" ]; then broken "$stage" "stopped with exit code $code before its summary"; return; fi
  f=$((${f:-0} + $(number cancelled || echo 0)))
  if [ "$((p + f))" -eq 0 ]; then broken "$stage" "ran no test"; return; fi
  if [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
  count "$stage" "$p" "$f" "${s:-0}"
}

say "setting up"
setup_all native wasm test

if [ "$bench" = yes ]; then
  setup_bench
  cmake --preset native
  cmake --preset wasm
  cmake --build --preset wasm --target dist
  cmake --build --preset native --target kubewalk_bench kubewalk_network_bench
  cmake --build --preset wasm --target kubewalk_bench kubewalk_network_bench
  say "natively"
  build/native/kubewalk_bench
  build/native/kubewalk_bench large
  say "in WebAssembly (Node.js $(node --version))"
  node build/wasm/kubewalk_bench.js
  node build/wasm/kubewalk_bench.js large
  say "the page, and the peer"
  for script in tests/bench/*.mjs; do
    [ -f "$script" ] && node "$script" dist
  done
  exit 0
fi

# --- the house's rules ------------------------------------------------------------------------------
if wanted tidy; then
  say "tidy: rules that no compiler checks"
  run tidy node tests/tidy/run.mjs
  count_plain tidy
fi

# What follows first are builds, with the tests of what is built already beside them: a compiler fills all cores, a test
# one, and the links of the page's program are one process too.

# --- core natively, with address and undefined-behaviour sanitizers -------------------------------
if wanted unit; then
  say "unit: core with sanitizers"
  if build unit debug core_tests; then run_beside unit build/debug/tests/core_tests; fi
fi

# --- the interface without a window ------------------------------------------------------------------
if wanted ui && compgen -G 'tests/ui/*.cpp' >/dev/null; then
  say "ui: headless interface"
  if build ui debug ui_tests; then run_beside ui build/debug/tests/ui_tests; fi
fi

# --- what strangers may send, with sanitizers -------------------------------------------------------------
if wanted fuzz; then
  say "fuzz: inputs that nobody means well with"
  if build fuzz debug kubewalk_fuzz; then
    runs=()
    [ "$full" = no ] || runs=(--runs 20000)
    run_beside fuzz build/debug/kubewalk_fuzz "${runs[@]}"
  fi
fi

# The sanitized program says more than a fast one and spares CI a third build.
# --full also compares the release build, compiled file by file: each includes what it needs.
export KUBEWALK_NATIVE=build/debug/kubewalk

# --- lessons, golden scripts, cases from the real world ---------------------------------------------------
if wanted golden && compgen -G 'core/cli/*.cpp' >/dev/null; then
  say "golden: recorded sessions, lessons, manifests, cases from the real world"
  if build golden debug kubewalk; then
    if [ -f tests/golden/run.sh ]; then run_beside golden bash tests/golden/run.sh; fi
    if compgen -G 'lessons/*/lesson.json' >/dev/null; then run_beside lessons "$KUBEWALK_NATIVE" lessons check lessons; fi
    run_beside manifests node tests/parity/manifests.mjs "$KUBEWALK_CACHE"
    if [ -d ../shared/vectors ]; then
      run_beside vectors "$KUBEWALK_NATIVE" vectors check ../shared/vectors
    elif [ "${CI:-}" = true ]; then
      broken vectors "../shared/vectors is missing"
    else
      count vectors 0 0 1
    fi
  fi
fi

# --- the same core tests in WebAssembly under Node ---------------------------------------------------
if wanted wasm; then
  say "wasm: core in WebAssembly"
  if build wasm wasm core_tests; then run_beside wasm node build/wasm/tests/core_tests.js; fi
fi

# --- same seed, same script, same bytes -----------------------------------------------------------------
if wanted parity && [ -f tests/parity/determinism.sh ]; then
  say "parity: native and WebAssembly give the same bytes"
  if build parity debug kubewalk && build parity wasm kubewalk; then
    run_beside parity bash tests/parity/determinism.sh
    if [ "$full" = yes ] && cmake --preset native -DKUBEWALK_UNITY=OFF && build parity native kubewalk kubewalk-desktop; then
      run_beside parity-release env KUBEWALK_NATIVE=build/native/kubewalk bash tests/parity/determinism.sh
    fi
  fi
fi

# --- the page in headless Chromium ------------------------------------------------------------------------
built=no
if wanted browser; then
  say "browser: the page"
  if build browser wasm dist; then built=yes; fi
fi

await unit count_doctest
await ui count_doctest
await fuzz count_plain
await golden count_plain
await lessons count_plain
await manifests count_plain
await vectors count_plain
await wasm count_doctest
await parity count_plain
await parity-release count_plain

# Alone: a browser has patience only for so long.
if [ "$built" = yes ]; then
  say "browser: the page in Chromium"
  run browser node --test --test-concurrency=1 --test-reporter=tap tests/browser/*.test.mjs
  count_node browser
fi

printf '\nTook %d s.\n' "$((SECONDS - started))"
if [ ${#failures[@]} -gt 0 ]; then
  printf 'Failed: %s\n' "${failures[*]}"
fi
if [ "$((passed + failed))" -eq 0 ]; then
  failed=1
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
