// What a guest program may tell the simulator: markers.
//
// A marker is the instruction `slti x0, x0, n` with n in 1..2047. It writes no register, and the
// RISC-V unprivileged manual lists SLTI with rd=x0 among the RV64I HINT instructions as designated
// for custom use ("RV64I Base Integer Instruction Set", section "HINT Instructions"). Every
// processor executes it as a no-op; the simulator can end a phase there (--until marker=3).
// On other hosts markers are nothing at all, so that the programs can be compared with native runs.
#ifndef ORRERY_H
#define ORRERY_H

// The numbers that the guest's init and our own programs use. Others are free.
enum {
  ORRERY_INIT = 1,          // init has started
  ORRERY_BEGIN = 2,         // the measured part of a program begins
  ORRERY_END = 3,           // and ends
  ORRERY_COMMAND_OK = 4,    // the command given by --command ended with status 0
  ORRERY_COMMAND_FAILED = 5 // or with another one
};

#if defined(__riscv)
#define ORRERY_SLTI(n) __asm__ volatile("slti x0, x0, %0" : : "i"(n) : "memory")
#else
#define ORRERY_SLTI(n) ((void)0)
#endif

// orrery_marker(n): n is a constant expression.
#define orrery_marker(n)                                                       \
  do {                                                                         \
    _Static_assert((n) >= 1 && (n) <= 2047, "a marker is in 1..2047");         \
    ORRERY_SLTI(n);                                                            \
  } while (0)

// For a number known at run time only: 1..31. Returns 0 and does nothing for any other.
static inline int orrery_marker_small(unsigned n) {
#define ORRERY_CASE(n) case n: ORRERY_SLTI(n); return 1;
#define ORRERY_CASES(n) ORRERY_CASE(n) ORRERY_CASE(n + 1) ORRERY_CASE(n + 2) ORRERY_CASE(n + 3)
  switch (n) {
    ORRERY_CASES(1) ORRERY_CASES(5) ORRERY_CASES(9) ORRERY_CASES(13)
    ORRERY_CASES(17) ORRERY_CASES(21) ORRERY_CASES(25)
    ORRERY_CASE(29) ORRERY_CASE(30) ORRERY_CASE(31)
  }
#undef ORRERY_CASES
#undef ORRERY_CASE
  return 0;
}

#endif
