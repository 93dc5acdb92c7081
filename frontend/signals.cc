#include "frontend/signals.h"

#include <signal.h>

#include <atomic>

#include "frontend/terminal.h"

namespace orrery {
namespace {

std::atomic<int> received = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void die(int signal) {
  restore_terminal();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void ask(int signal) {
  int none = 0;
  if (!received.compare_exchange_strong(none, signal)) die(signal);
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
