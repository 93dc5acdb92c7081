#include "frontend/sampler.h"

#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace orrery {
namespace {

constexpr long period_nanoseconds = 997'000;  // prime: in step with nothing

double thread_seconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The hosts name it differently: gregs[16] is RIP on x86-64, pc stands on AArch64.
template <class Registers>
u64 pc_of(const Registers& registers) {
  if constexpr (requires { registers.gregs[16]; })
    return static_cast<u64>(registers.gregs[16]);
  else if constexpr (requires { registers.pc; })
    return static_cast<u64>(registers.pc);
  else
    return 0;
}

}  // namespace

void Sampler::on_signal(int, siginfo_t* info, void* context) {
  if (info->si_code != SI_TIMER) return;  // somebody's kill
  Sampler& self = *static_cast<Sampler*>(info->si_value.sival_ptr);
  const u64 at = self.written_.load(std::memory_order_relaxed);
  self.ring_[at % size].store(pc_of(static_cast<ucontext_t*>(context)->uc_mcontext),
                              std::memory_order_relaxed);
  self.written_.store(at + 1, std::memory_order_release);
}

Sampler::Sampler() : begin_(thread_seconds()) {
  static_assert(std::atomic<u64>::is_always_lock_free);
  stack_t stack = {};
  stack.ss_sp = stack_.get();
  stack.ss_size = stack_bytes;
  sigaltstack(&stack, &stack_before_);
  struct sigaction action = {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  sigaction(SIGPROF, &action, &action_before_);

  sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGPROF;
  event.sigev_value.sival_ptr = this;
  event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));  // glibc 2.36 has no name for it
  const itimerspec every = {{0, period_nanoseconds}, {0, period_nanoseconds}};
  if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_) != 0 ||
      timer_settime(timer_, 0, &every, nullptr) != 0)
    config_error("--profile: the host gives no timer: {}", std::strerror(errno));
}

Sampler::~Sampler() {
  timer_delete(timer_);
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;  // a signal that is under way would otherwise kill
  sigaction(SIGPROF, &ignore, nullptr);
  sigaction(SIGPROF, &action_before_, nullptr);
  sigaltstack(&stack_before_, nullptr);
}

double Sampler::seconds() const { return thread_seconds() - begin_; }

}  // namespace orrery
