// selfmod [TIMES]: writes a small function, calls it, changes it, calls it again. Between writing
// and calling stands what Linux asks of a program: the riscv_flush_icache system call (a fence.i on
// every hart that may run the process).
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "program.h"

typedef uint32_t (*function)(void);

// Writes "return `value`", with value in 0..2047, in the machine's own code.
#if defined(__riscv)
static void write_function(unsigned char* code, uint32_t value) {
  const uint32_t instructions[] = {value << 20 | 0x00000513, // addi a0, x0, value
                                   0x00008067};              // jalr x0, 0(ra)
  memcpy(code, instructions, sizeof instructions);
  require(syscall(259, code, code + sizeof instructions, 0ul), "riscv_flush_icache");
}
#elif defined(__x86_64__)
static void write_function(unsigned char* code, uint32_t value) {
  const unsigned char move_and_return[] = {0xb8, value & 0xff, value >> 8, 0, 0, 0xc3};
  memcpy(code, move_and_return, sizeof move_and_return);
}
#elif defined(__aarch64__)
static void write_function(unsigned char* code, uint32_t value) {
  const uint32_t instructions[] = {0x52800000 | value << 5, 0xd65f03c0}; // mov w0, value; ret
  memcpy(code, instructions, sizeof instructions);
  __builtin___clear_cache((char*)code, (char*)code + sizeof instructions);
}
#endif

int main(int argc, char** argv) {
  const uint64_t times = argument(argc, argv, 1, 5000);
  unsigned char* page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) {
    perror("mmap");
    return 1;
  }
  uint64_t hash = 0, seed = 1;
  int right = 1;
  orrery_marker(ORRERY_BEGIN);
  for (uint64_t i = 0; i < times; i++) {
    const uint64_t random = next_random(&seed);
    const uint32_t value = random % 2048;
    // Everywhere in two pages, across their border too: code is only 2-byte aligned.
    unsigned char* code = page + (random >> 32) % 4090 * 2;
    write_function(code, value);
    const uint32_t returned = ((function)(uintptr_t)code)();
    right &= returned == value;
    hash = mix(hash, returned);
  }
  orrery_marker(ORRERY_END);
  printf("selfmod: %llu functions = %016llx %s\n", (unsigned long long)times,
         (unsigned long long)hash, right ? "right" : "WRONG");
  return !right;
}
