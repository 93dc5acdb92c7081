#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/bench/sweeps_test.sh
#
# The curves of tests/bench/sweeps are as the textbook has them.

set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
skip() { echo "skipped: $1"; exit 77; }
command -v python3 >/dev/null || skip "no python3"
command -v riscv64-linux-gnu-gcc >/dev/null || skip "no riscv64-linux-gnu-gcc"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$source/tests/bench/sweeps" --out "$work/results"
