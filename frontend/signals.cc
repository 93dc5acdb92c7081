#include "frontend/signals.h"

#include <signal.h>
#include <time.h>

#include <atomic>

#include "base/types.h"
#include "frontend/terminal.h"

namespace orrery {
namespace {

// timeout(1), and a shell that ends its jobs, tell the process and its group: that is one request.
constexpr i64 echo_milliseconds = 200;

constexpr i64 never_asked = -1;
std::atomic<i64> asked_at = never_asked;
std::atomic<int> received = 0;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<i64>::is_always_lock_free);

void die(int signal) {
  restore_terminal();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

i64 milliseconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return i64{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void ask(int signal) {
  i64 before = never_asked;
  const i64 now = milliseconds();
  if (asked_at.compare_exchange_strong(before, now)) {
    received = signal;
  } else if (now - before > echo_milliseconds) {
    die(signal);
  }
}

void handle(int number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = 0;  // waiting for input is interrupted
  struct sigaction before = {};
  sigaction(number, nullptr, &before);
  // What our parent chose to ignore (nohup) stays ignored.
  if (before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
}

}  // namespace

void install_signal_handlers() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) handle(number, ask);
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGQUIT, SIGPIPE})
    handle(number, die);
  // Beyond a limit of files' size (ulimit -f) calls fail, and whoever made them says so.
  ::signal(SIGXFSZ, SIG_IGN);
}

int signal_received() { return received.load(std::memory_order_relaxed); }

}  // namespace orrery
