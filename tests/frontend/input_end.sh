#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/frontend/input_end.sh
#
# A guest whose input has ended is told so at times of its own: one that was saved and resumed, in
# another process, ends in the same state as one that kept running.

. "$(dirname "$0")/../preamble.sh"
command -v riscv64-linux-gnu-gcc >/dev/null || {
  echo "skipped: riscv64-linux-gnu-gcc is not installed"
  exit 77
}
cd "$work" || exit 1

# Sleeps a millisecond, again and again.
cat >ticks.S <<'CODE'
  .globl _start
_start:
  li s2, 0x2004000    # mtimecmp
  li s3, 0x200bff8    # mtime
  li t0, 0x80
  csrs mie, t0
1: ld t0, (s3)
  li t1, 10000
  add t0, t0, t1
  sd t0, (s2)
  wfi
  j 1b
CODE
riscv64-linux-gnu-gcc -nostdlib -static -Wl,-N -Wl,--no-warn-rwx-segments -Wl,-Ttext=0x80000000 -Wl,--build-id=none ticks.S -o ticks || exit 1

run() { "$orrery" run "$source/configs/bare.json" --kernel ticks --quiet "$@" </dev/null || exit 1; }

run --until time=2500ms --save whole
for cut in 5 999 1000 1001 2400; do
  run --until time=${cut}ms --save part --replace
  "$orrery" resume part --until time=$((2500 - cut))ms --save rest --replace --quiet </dev/null || exit 1
  "$orrery" checkpoint diff whole rest || fail "cut at $cut ms: another state"
done
exit $failures
