#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/frontend/guest_lost.sh
#
# A guest that goes nowhere is told from one that works, and whoever ends a run learns where it was.

. "$(dirname "$0")/../preamble.sh"
command -v riscv64-linux-gnu-gcc >/dev/null || {
  echo "skipped: riscv64-linux-gnu-gcc is not installed"
  exit 77
}
cd "$work" || exit 1

# program NAME: from standard input, whole functions in assembly.
program() {
  cat >"$1.S"
  riscv64-linux-gnu-gcc -nostdlib -static -Wl,-N -Wl,--no-warn-rwx-segments -Wl,-Ttext=0x80000000 -Wl,--build-id=none "$1.S" -o "$1" || exit 1
}
run() { timeout 300 "$orrery" run "$source/configs/bare.json" --console none "$@" </dev/null >out 2>&1; }
# said STATUS WORDS: how the last run ended.
said() {
  [ $status = "$1" ] && grep -qF "$2" out || fail "status $status, and not '$2': $(head -n 3 out)"
}

program nowhere <<'CODE'
  .globl _start
_start:
  li t0, 0x10
  jr t0
CODE

# The handler saves registers in a stack that is not there.
program stackless <<'CODE'
  .globl _start
_start:
  la t0, handler
  csrw mtvec, t0
  li sp, 0
  ecall
  .balign 4
handler:
  addi sp, sp, -16
  nop
  sd ra, 0(sp)
  mret
CODE

# Handlers that trap and go on: the breakpoint in the handler is skipped by a second handler.
program nested <<'CODE'
  .globl _start
_start:
  la s0, first
  la s1, second
1: csrw mtvec, s0
  ecall
  j 1b
  .balign 4
first:
  csrr s2, mepc
  csrw mtvec, s1
  ebreak
  addi s2, s2, 4
  csrw mepc, s2
  mret
  .balign 4
second:
  csrr t0, mepc
  addi t0, t0, 2
  csrw mepc, t0
  csrw mtvec, s0
  mret
CODE

# A handler that never returns and goes on with the work, beside the trap that led to it.
program beside <<'CODE'
  .globl _start
_start:
  la t0, handler
  csrw mtvec, t0
  j 1f
  .balign 4
handler:
  addi t1, t1, 1
  j handler
1: ecall
CODE

for cpu in direct interpreter inorder; do
  for lost in nowhere stackless; do
    run --kernel $lost --cpu $cpu
    status=$?
    said 1 "the guest is lost: hart 0's trap handler traps itself"
    said 1 'last trap to M mode'
  done
done
# The second hart waits for nothing.
run --kernel nowhere --harts 2
status=$?
said 1 'the guest is lost'
for alive in nested beside; do
  run --kernel $alive --until insts=60M
  status=$?
  said 0 'insts=60M'
done

program spin <<'CODE'
  .globl _start
_start:
  j _start
  .type _start, @function
  .size _start, . - _start
CODE
timeout -s TERM 2 "$orrery" run "$source/configs/bare.json" --kernel spin --console none </dev/null >out 2>&1
status=$?
# timeout gives 124 for whom it had to end.
said 124 'ended by signal 15'
said 124 'pc 0000000080000000 _start'
# The same request twice in a moment is one.
"$orrery" run "$source/configs/bare.json" --kernel spin --console none </dev/null >out 2>&1 &
sleep 2
kill -TERM $! && kill -TERM $!
wait $!
status=$?
said 143 'ended by signal 15'

# Which traps there were: registers that software wrote are none. Both programs go to S mode with
# mret and end with an exit code; the second one by way of an ebreak.
program untrapped <<'CODE'
  .globl _start
_start:
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, supervisor
  csrw mepc, t0
  csrw sepc, t0
  li t0, 5
  csrw mcause, t0
  csrw scause, t0
  li t0, 0x1800
  csrc mstatus, t0
  li t0, 0x800
  csrs mstatus, t0
  mret
supervisor:
  li t0, 0x100000
  li t1, 0x13333
  sw t1, 0(t0)
  j .
CODE
program trapped <<'CODE'
  .globl _start
_start:
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, supervisor
  csrw mepc, t0
  la t0, handler
  csrw stvec, t0
  li t0, 8
  csrw medeleg, t0
  li t0, 0x1800
  csrc mstatus, t0
  li t0, 0x800
  csrs mstatus, t0
  mret
  .type supervisor, @function
supervisor:
  nop
  ebreak
  .size supervisor, . - supervisor
  .balign 4
handler:
  csrw sepc, zero
  li t0, 0x100000
  li t1, 0x13333
  sw t1, 0(t0)
  j .
CODE
for cpu in direct interpreter inorder; do
  run --kernel untrapped --cpu $cpu
  status=$?
  said 1 'the guest ended with exit code 1'
  grep -q 'last trap' out && fail "a trap that was none: $(grep 'last trap' out)"
  run --kernel trapped --cpu $cpu
  status=$?
  said 1 'the guest ended with exit code 1'
  grep 'last trap to S mode: breakpoint, tval 0x8.*, at 000000008.* supervisor+0x2$' out >traps ||
    fail "no trap to S mode: $(grep 'last trap' out)"
  grep -q 'last trap to M mode' out && fail "a trap to M mode that was none"
done

# A call that never returns is its function's last instruction.
program noreturn <<'CODE'
  .globl _start
  .type _start, @function
_start:
  la sp, stack
  addi sp, sp, -16
  addi s0, sp, 16
  li t0, 0
  sd t0, 8(sp)
  sd t0, 0(sp)
  call caller
  .size _start, . - _start
  .type caller, @function
caller:
  addi sp, sp, -16
  sd ra, 8(sp)
  sd s0, 0(sp)
  addi s0, sp, 16
  call dies
  .size caller, . - caller
  .type dies, @function
dies:
  addi sp, sp, -16
  sd ra, 8(sp)
  sd s0, 0(sp)
  addi s0, sp, 16
1: jr zero
  .size dies, . - dies
  .balign 16
  .space 1024
stack: .space 16
CODE
run --kernel noreturn
status=$?
said 1 'the guest is lost'
grep -A 1 'called from' out | grep -q 'caller+0x' || fail "the caller is not named: $(grep -A 3 'called from' out)"
exit $failures
