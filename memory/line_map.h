// What is known of each of many lines: a hash table by line number, open addressing with linear
// probing. No line has number ~0. References hold until the next insertion or removal.
#pragma once

#include <bit>
#include <utility>
#include <vector>

#include "base/types.h"

namespace orrery {

template <class T>
class LineMap {
 public:
  LineMap() : slots_(least) {}

  T* find(u64 line) {
    Slot& slot = slots_[place(line)];
    return slot.line == line ? &slot.value : nullptr;
  }
  const T* find(u64 line) const { return const_cast<LineMap*>(this)->find(line); }

  // The line's value; a new one when there was none.
  T& at(u64 line) {
    std::size_t i = place(line);
    if (slots_[i].line == line) return slots_[i].value;
    if (2 * (size_ + 1) > slots_.size()) {
      grow();
      i = place(line);
    }
    ++size_;
    slots_[i] = {line, T{}};
    return slots_[i].value;
  }

  void erase(u64 line) {
    std::size_t hole = place(line);
    if (slots_[hole].line != line) return;
    --size_;
    // Those behind it in the same run move up where that brings them nearer to their home.
    for (std::size_t i = next(hole); slots_[i].line != none; i = next(i)) {
      if (distance(home(slots_[i].line), i) < distance(hole, i)) continue;
      slots_[hole] = std::move(slots_[i]);
      hole = i;
    }
    slots_[hole] = {};
  }

  void clear() {
    slots_.assign(least, {});
    size_ = 0;
  }
  std::size_t size() const { return size_; }

  // In no particular order, which depends on the past.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_)
      if (slot.line != none) visit(slot.line, slot.value);
  }

 private:
  static constexpr u64 none = ~u64{0};
  static constexpr std::size_t least = 64;
  struct Slot {
    u64 line = none;
    T value{};
  };

  std::size_t home(u64 line) const {
    constexpr u64 golden = 0x9e37'79b9'7f4a'7c15;
    return static_cast<std::size_t>(line * golden >> (64 - std::countr_zero(slots_.size())));
  }
  std::size_t next(std::size_t i) const { return (i + 1) & (slots_.size() - 1); }
  std::size_t distance(std::size_t from, std::size_t to) const {
    return (to - from) & (slots_.size() - 1);
  }
  // Where the line is, or would go.
  std::size_t place(u64 line) const {
    std::size_t i = home(line);
    while (slots_[i].line != line && slots_[i].line != none) i = next(i);
    return i;
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    std::swap(old, slots_);
    for (Slot& slot : old)
      if (slot.line != none) slots_[place(slot.line)] = std::move(slot);
  }

  std::vector<Slot> slots_;  // a power of two, at most half of them in use
  std::size_t size_ = 0;
};

}  // namespace orrery
