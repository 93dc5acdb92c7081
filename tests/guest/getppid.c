// getppid [CALLS]: the cost of entering and leaving the kernel.
#include <sys/syscall.h>
#include <unistd.h>

#include "program.h"

int main(int argc, char** argv) {
  const uint64_t calls = argument(argc, argv, 1, 200000);
  const long parent = getppid();
  uint64_t same = 0;
  orrery_marker(ORRERY_BEGIN);
  for (uint64_t i = 0; i < calls; i++) same += syscall(SYS_getppid) == parent;
  orrery_marker(ORRERY_END);
  printf("getppid: %llu calls, %llu the same\n", (unsigned long long)calls,
         (unsigned long long)same);
  return same != calls;
}
