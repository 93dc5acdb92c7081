// pipe_pingpong [TRIPS]: two processes pass a number to and fro through two pipes: system calls,
// scheduling, and on several harts inter-processor interrupts.
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

static uint64_t receive(int fd) {
  uint64_t value;
  if (read(fd, &value, sizeof value) != sizeof value) exit(1);
  return value;
}

static void send(int fd, uint64_t value) {
  if (write(fd, &value, sizeof value) != sizeof value) exit(1);
}

int main(int argc, char** argv) {
  const uint64_t trips = argument(argc, argv, 1, 5000);
  int ping[2], pong[2];
  require(pipe(ping), "pipe");
  require(pipe(pong), "pipe");
  const pid_t pid = (pid_t)require(fork(), "fork");
  if (pid == 0) {
    for (uint64_t i = 0; i < trips; i++) send(pong[1], mix(receive(ping[0]), i));
    _exit(0);
  }
  uint64_t value = 1;
  orrery_marker(ORRERY_BEGIN);
  for (uint64_t i = 0; i < trips; i++) {
    send(ping[1], value);
    value = receive(pong[0]);
  }
  orrery_marker(ORRERY_END);
  int status;
  require(waitpid(pid, &status, 0), "waitpid");
  printf("pipe_pingpong: %llu round trips = %016llx\n", (unsigned long long)trips,
         (unsigned long long)value);
  return status != 0;
}
