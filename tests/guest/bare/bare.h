// What bare-metal programs need on QEMU's virt board: registers, the console, the end, locks.
#ifndef BARE_H
#define BARE_H

#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;

#define most_harts 16

#define read_csr(name) ({ u64 value_; __asm__ volatile("csrr %0, " #name : "=r"(value_)); value_; })
#define write_csr(name, value) __asm__ volatile("csrw " #name ", %0" : : "r"((u64)(value)) : "memory")
#define set_csr(name, bits) __asm__ volatile("csrs " #name ", %0" : : "r"((u64)(bits)) : "memory")
#define clear_csr(name, bits) __asm__ volatile("csrc " #name ", %0" : : "r"((u64)(bits)) : "memory")

static volatile u8 *const uart = (volatile u8 *)0x10000000;
static volatile u32 *const finisher = (volatile u32 *)0x100000;
static volatile u32 *const msip = (volatile u32 *)0x02000000;
static volatile u64 *const mtimecmp = (volatile u64 *)0x02004000;
static volatile u64 *const mtime = (volatile u64 *)0x0200bff8;

static inline void print(const char *text) {
  for (; *text; ++text) {
    while (!(uart[5] & 0x20)) continue;
    uart[0] = (u8)*text;
  }
}

static inline void print_number(u64 value) {
  char digits[24];
  char *at = digits + sizeof digits - 1;
  *at = 0;
  do *--at = (char)('0' + value % 10); while (value /= 10);
  print(at);
}

// Ends the machine: status 0 is good.
static inline void __attribute__((noreturn)) end(u32 status) {
  *finisher = status ? status << 16 | 0x3333 : 0x5555;
  for (;;) continue;
}

static inline u64 amo_add(u64 *at, u64 value) {
  __asm__ volatile("amoadd.d.aqrl %0, %1, (%2)" : "=r"(value) : "r"(value), "r"(at) : "memory");
  return value;
}

// The same by LR/SC, with a long way from one to the other: the instructions between wait for the
// first and keep the second out of a pipeline, so that other harts come in between.
static inline u64 reserved_add(u64 *at, u64 value) {
  u64 old, next, failed;
  __asm__ volatile(
      "1: lr.d.aq %0, (%3)\n"
      "   add %1, %0, %4\n"
      "   .rept 5; addi %1, %1, 3; addi %1, %1, -3; .endr\n"
      "   sc.d.rl %2, %1, (%3)\n"
      "   bnez %2, 1b"
      : "=&r"(old), "=&r"(next), "=&r"(failed) : "r"(at), "r"(value) : "memory");
  return old;
}

static inline void lock(u32 *at) {
  u32 failed;
  __asm__ volatile(
      "1: lr.w.aq %0, (%1)\n"
      "   bnez %0, 1b\n"
      "   sc.w %0, %2, (%1)\n"
      "   bnez %0, 1b"
      : "=&r"(failed) : "r"(at), "r"(1) : "memory");
}

static inline void unlock(u32 *at) {
  __asm__ volatile("amoswap.w.rl x0, x0, (%0)" : : "r"(at) : "memory");
}

#endif
