// What a DRAM controller has promised of one resource, in the order of time: bursts on a channel's
// data bus, openings of rows in a rank. New ones may be put before old ones, into the gaps, as long
// as every two keep their distance.
//
// The latest `most` are kept. When an older one is forgotten, nothing can be put before it any more.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "base/archive.h"
#include "memory/saved_ticks.h"

namespace orrery {

// T has a `Tick start` and no padding.
template <class T>
class DramTimeline {
 public:
  static constexpr std::size_t most = 128;

  std::size_t size() const { return size_; }
  const T& operator[](std::size_t i) const { return items_[(first_ + i) % most]; }
  // How many start at `tick` or before.
  std::size_t until(Tick tick) const {
    if (size_ == 0 || (*this)[size_ - 1].start <= tick) return size_;
    std::size_t low = 0, high = size_ - 1;  // the answer is one of low..high
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if ((*this)[middle].start <= tick) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  // Nothing is known of what lies before this.
  Tick forgotten() const { return forgotten_; }

  void add(const T& item) {
    if (size_ == most) {
      forgotten_ = std::max(forgotten_, (*this)[0].start);
      first_ = (first_ + 1) % most;
      --size_;
    }
    std::size_t k = size_++;
    for (; k > 0 && (*this)[k - 1].start > item.start; --k) at(k) = (*this)[k - 1];
    at(k) = item;
  }

  void state(Archive& a, const char* name) {
    std::vector<T> items(size_);
    for (std::size_t i = 0; i < size_; ++i) items[i] = (*this)[i];
    a.group(name, [&](Archive& nested) {
      nested.resizable("promised", items, most);
      nested("forgotten", forgotten_);
      require_reachable(nested, "forgotten", {&forgotten_, 1});
      for (const T& item : items) require_reachable(nested, "promised", {&item.start, 1});
      const auto earlier = [](const T& x, const T& y) { return x.start < y.start; };
      nested.require(std::is_sorted(items.begin(), items.end(), earlier), "promised",
                     "not in the order of time");
    });
    first_ = 0;
    size_ = items.size();
    std::copy(items.begin(), items.end(), items_.begin());
  }

 private:
  T& at(std::size_t i) { return items_[(first_ + i) % most]; }

  std::array<T, most> items_{};
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  Tick forgotten_;
};

}  // namespace orrery
