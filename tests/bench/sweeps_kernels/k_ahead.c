#include "common.h"
// 2,048 loads of one line behind another, each address made from the value before: 128 KiB a
// repetition that have not been touched.
static u64 data[8 << 17] __attribute__((aligned(4096)));
u64 kernel(u64 rep) { u64 p = (u64)data + rep % 32 * (128 << 10), n = 2048, t = 0;
  asm volatile("1:\n ld %2,0(%0)\n add %0,%0,%2\n addi %0,%0,64\n addi %1,%1,-1\n bnez %1,1b"
    : "+r"(p), "+r"(n), "+r"(t)); return t; }
