#!/usr/bin/env bash
# Same seed and same script give the same bytes natively and in WebAssembly.
set -euo pipefail
cd "$(dirname "$0")/../.."

passed=0
failed=0
# Another build of it, with sanitizers for one: KUBEWALK_NATIVE=build/debug/kubewalk.
native="${KUBEWALK_NATIVE:-build/native/kubewalk}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

for script in tests/parity/*.script; do
  # "# options: --cloud" in a script is for the program.
  read -r -a options <<<"$(sed -n 's/^# options: //p' "$script")"
  for seed in 1 42; do
    name="$(basename "$script" .script)-$seed"
    "$native" "${options[@]}" --seed "$seed" script --json "$script" >"$work/$name.native" || true
    node build/wasm/kubewalk.js "${options[@]}" --seed "$seed" script --json "$script" >"$work/$name.wasm" || true
    if [ -s "$work/$name.native" ] && cmp "$work/$name.native" "$work/$name.wasm"; then
      passed=$((passed + 1))
    else
      echo "FAIL $name: $(wc -c <"$work/$name.native") bytes natively, $(wc -c <"$work/$name.wasm") in WebAssembly"
      diff "$work/$name.native" "$work/$name.wasm" | cut -c1-400 | head -n 6 || true
      failed=$((failed + 1))
    fi
  done
  # Another seed is another history: were the output constant, the comparison would prove nothing.
  base="$(basename "$script" .script)"
  if cmp -s "$work/$base-1.native" "$work/$base-42.native"; then
    echo "FAIL $base: seeds 1 and 42 give the same output"
    failed=$((failed + 1))
  else
    passed=$((passed + 1))
  fi
done

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
