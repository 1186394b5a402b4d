#!/usr/bin/env bash
# Recorded sessions: every tests/golden/*.script against what the named source shows.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec node tests/golden/run.mjs "${KUBEWALK_NATIVE:-build/native/kubewalk}" tests/golden
