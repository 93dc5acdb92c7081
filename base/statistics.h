// Statistics are members, declared beside what they count:
//
//   Counter hits{this, "hits", "accesses", "accesses that found their line"};
//   Counter misses{this, "misses", "accesses", "accesses that did not"};
//   Ratio miss_ratio{this, "miss_ratio", "misses per access", {&misses}, {&hits, &misses}, "..."};
//
// That line is the whole addition: path, unit and text come from it; report, reset and interval
// difference walk the tree. Counting is an integer add. A region of interest is the difference of
// two snapshots, never a copied list of fields.
#pragma once

#include <bit>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/component.h"
#include "base/json_fwd.h"
#include "base/types.h"

namespace orrery {

// The raw numbers of every statistic below one component at one moment.
using StatisticsSnapshot = std::unordered_map<const Statistic*, std::vector<u64>>;

class Statistic {
 public:
  Statistic(Component* owner, const char* name, const char* unit, const char* text);
  virtual ~Statistic();
  Statistic(const Statistic&) = delete;
  Statistic& operator=(const Statistic&) = delete;

  const char* name() const { return name_; }
  const char* unit() const { return unit_; }
  const char* text() const { return text_; }

  // The numbers that differences are taken of; empty for a derived statistic.
  virtual std::vector<u64> raw() const { return {}; }
  virtual void set_raw(const std::vector<u64>&) {}

  // The names of the numbers, when the reported value is a list.
  virtual std::vector<std::string> buckets() const { return {}; }

  // The reported value, counted since `since` (null: since the last reset).
  virtual Json report(const StatisticsSnapshot* since) const = 0;

 private:
  Component* owner_;
  const char* name_;
  const char* unit_;
  const char* text_;
};

class Counter final : public Statistic {
 public:
  using Statistic::Statistic;

  Counter& operator++() {
    ++value_;
    return *this;
  }
  Counter& operator+=(u64 amount) {
    value_ += amount;
    return *this;
  }
  u64 value() const { return value_; }
  void set(u64 value) { value_ = value; }

  u64 since(const StatisticsSnapshot* snapshot) const;
  std::vector<u64> raw() const override { return {value_}; }
  void set_raw(const std::vector<u64>& raw) override { value_ = raw.at(0); }
  Json report(const StatisticsSnapshot* since) const override;

 private:
  u64 value_ = 0;
};

// Sum of counters over sum of counters; 0 when the base is 0.
class Ratio final : public Statistic {
 public:
  Ratio(Component* owner, const char* name, const char* unit, std::vector<const Counter*> numerator,
        std::vector<const Counter*> denominator, const char* text);
  Json report(const StatisticsSnapshot* since) const override;

 private:
  std::vector<const Counter*> numerator_;
  std::vector<const Counter*> denominator_;
};

// Which values count together. The last bucket holds everything above as well.
class Buckets {
 public:
  // 0..width-1, width..2*width-1, ...; the width is a power of two.
  static Buckets linear(std::size_t count, u64 width = 1);
  // Up to `most` in about `count` of them.
  static Buckets up_to(u64 most, std::size_t count = 16);
  // 0, 1, 2-3, 4-7, ...
  static Buckets log2(std::size_t count);

  std::size_t size() const { return size_; }
  std::size_t of(u64 value) const {
    const u64 bucket = is_log2_ ? static_cast<u64>(std::bit_width(value)) : value >> shift_;
    return bucket < size_ ? static_cast<std::size_t>(bucket) : size_ - 1;
  }
  std::string name(std::size_t bucket) const;  // "5", "32-47", "48+"

 private:
  std::size_t size_ = 0;
  unsigned shift_ = 0;
  bool is_log2_ = false;
};

// How often, or for how long, a value lay in each bucket.
class Histogram final : public Statistic {
 public:
  Histogram(Component* owner, const char* name, const char* unit, const char* text,
            const Buckets& buckets);
  void add(u64 value, u64 weight = 1) { counts_[buckets_.of(value)] += weight; }
  std::vector<u64> raw() const override { return counts_; }
  void set_raw(const std::vector<u64>& raw) override;
  std::vector<std::string> buckets() const override;
  Json report(const StatisticsSnapshot* since) const override;

 private:
  Buckets buckets_;
  std::vector<u64> counts_;
};

StatisticsSnapshot snapshot_statistics(const Component& root);
void reset_statistics(Component& root);

// One flat object: path -> number (or list of numbers for a histogram), in tree order.
Json report_statistics(const Component& root, const StatisticsSnapshot* since);

// path -> {"unit": ..., "text": ...}, and "buckets": [names] of a histogram
Json describe_statistics(const Component& root);

}  // namespace orrery
