// Where the calling thread's processor time goes: a signal after every so much of it, whose handler
// notes the host pc in a ring. Waiting costs no samples, and nothing simulated can notice.
//
// One sampler a thread. What is not drained before the ring is full is lost, and counted.
#pragma once

#include <signal.h>
#include <time.h>

#include <array>
#include <atomic>
#include <memory>

#include "base/types.h"

namespace orrery {

class Sampler {
 public:
  Sampler();
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // Calls visit(host pc) for each sample since the last time.
  template <class Visit>
  void drain(Visit&& visit) {
    const u64 end = written_.load(std::memory_order_acquire);
    if (end - read_ > size) {
      lost_ += end - read_ - size;
      read_ = end - size;
    }
    for (; read_ != end; ++read_) visit(ring_[read_ % size].load(std::memory_order_relaxed));
  }

  u64 lost() const { return lost_; }
  // Of the thread, since the beginning.
  double seconds() const;

 private:
  static constexpr u64 size = 1 << 15;  // half a minute
  static constexpr std::size_t stack_bytes = 64 << 10;

  static void on_signal(int, siginfo_t* info, void* context);

  timer_t timer_ = {};
  struct sigaction action_before_ = {};
  stack_t stack_before_ = {};
  // Of its own: translated code owes nobody a stack.
  std::unique_ptr<u8[]> stack_ = std::make_unique<u8[]>(stack_bytes);
  double begin_;
  std::array<std::atomic<u64>, size> ring_ = {};
  std::atomic<u64> written_ = 0;  // by the handler, which runs on the reader's thread
  u64 read_ = 0;
  u64 lost_ = 0;
};

}  // namespace orrery
