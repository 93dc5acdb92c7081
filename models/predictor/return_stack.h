// Return addresses of the calls on their way: a ring, in which the oldest is overwritten.
#pragma once

#include <algorithm>
#include <vector>

#include "base/archive.h"

namespace orrery {

class ReturnStack {
 public:
  explicit ReturnStack(u32 entries) : ring_(entries) {}

  bool is_empty() const { return depth_ == 0; }
  void push(u64 address) {
    if (ring_.empty()) return;
    ring_[top_] = address;
    top_ = top_ + 1 == size() ? 0 : top_ + 1;
    depth_ = std::min(depth_ + 1, size());
  }
  // Not when it is empty.
  u64 pop() {
    top_ = below_top();
    --depth_;
    return ring_[top_];
  }

  // What a wrong path does is undone as far as the top goes: what it overwrote below stays lost.
  struct Top {
    u64 address;
    u32 top, depth;
  };
  Top save() const { return {ring_[below_top()], top_, depth_}; }
  void restore(const Top& saved) {
    top_ = saved.top;
    depth_ = saved.depth;
    ring_[below_top()] = saved.address;
  }

  void state(Archive& a) {
    a("return_stack", std::span<u64>(ring_));
    a("return_top", top_);
    a("return_depth", depth_);
    // A damaged file must not lead outside the ring.
    a.require(top_ < std::max(size(), 1u), "return_top", "beyond the return stack");
    a.require(depth_ <= size(), "return_depth", "more than the return stack holds");
  }

 private:
  u32 size() const { return static_cast<u32>(ring_.size()); }
  u32 below_top() const { return (top_ == 0 ? size() : top_) - 1; }

  std::vector<u64> ring_;
  u32 top_ = 0;  // where the next push goes
  u32 depth_ = 0;
};

}  // namespace orrery
