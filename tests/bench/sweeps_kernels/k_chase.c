#include "common.h"
// Dependent loads, 4,096 a repetition, once through each of LINES lines in random order and again.
#define LOADS 4096
static u64 lines[LINES * STRIDE / 8] __attribute__((aligned(4096)));
static u64 order[LINES];
void setup(void) {
  u64 seed = 88172645463325252UL;
  for (u64 i = 0; i < LINES; i++) order[i] = i;
  for (u64 i = LINES - 1; i > 0; i--) { u64 j = rng(&seed) % (i + 1), t = order[i]; order[i] = order[j]; order[j] = t; }
  for (u64 i = 0; i < LINES; i++) lines[order[i] * STRIDE / 8] = (u64)&lines[order[(i + 1) % LINES] * STRIDE / 8];
}
u64 kernel(u64 rep) { static u64 p; u64 q = p ? p : (u64)&lines[order[0] * STRIDE / 8], n = LOADS / 16;
  asm volatile("1:\n .rept 16\n ld %0,0(%0)\n .endr\n addi %1,%1,-1\n bnez %1,1b" : "+r"(q), "+r"(n)); p = q; return rep; }
