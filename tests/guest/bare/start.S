# Entry of every hart: a0 is its number, a1 the device tree. A stack each, then main(hart, tree).
  .section .text.start, "ax"
  .globl _start
_start:
  la sp, stacks
  addi t0, a0, 1
  slli t0, t0, 14
  add sp, sp, t0
  call main
1: wfi
  j 1b

# long crossing(long x): x + 3, by an instruction that lies in two pages.
  .globl crossing
  .balign 4096
  .skip 4090
crossing:
  .option push
  .option norvc
  addi a0, a0, 1
  addi a0, a0, 2
  .option pop
  ret

  .bss
  .balign 4096
stacks:
  .skip 16 << 14
