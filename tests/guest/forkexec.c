// forkexec [TIMES]: starts itself again and again: fork, exec, page faults, exit, wait.
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

static int child(const char* number) { return atoi(number) % 100; }

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "child") == 0) return child(argv[2]);
  const int times = (int)argument(argc, argv, 1, 100);
  long sum = 0;
  orrery_marker(ORRERY_BEGIN);
  for (int i = 0; i < times; i++) {
    const pid_t pid = (pid_t)require(fork(), "fork");
    if (pid == 0) {
      char number[16];
      snprintf(number, sizeof number, "%d", i);
      execl("/proc/self/exe", "forkexec", "child", number, (char*)NULL);
      perror("exec");
      _exit(255);
    }
    int status;
    require(waitpid(pid, &status, 0), "waitpid");
    sum += WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
  }
  orrery_marker(ORRERY_END);
  printf("forkexec: %d children, sum of exit codes = %ld\n", times, sum);
  return 0;
}
