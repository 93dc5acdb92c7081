#include "common.h"
// 1,024 independent loads of as many lines of 4 MiB, 30 independent additions between each two.
static u8 data[4 << 20] __attribute__((aligned(4096)));
u64 kernel(u64 rep) { u64 p = (u64)data + rep % 2 * 64, n = 1024, t = 0;
  asm volatile("1:\n lb %2,0(%0)\n .rept 30\n addi t0,zero,1\n .endr\n add %0,%0,%3\n addi %1,%1,-1\n bnez %1,1b"
    : "+r"(p), "+r"(n), "+r"(t) : "r"(4096) : "t0"); return t; }
