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

#include <functional>
#include <initializer_list>
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
  Ratio(Component* owner, const char* name, const char* unit,
        std::initializer_list<const Counter*> numerator,
        std::initializer_list<const Counter*> denominator, const char* text);
  Json report(const StatisticsSnapshot* since) const override;

 private:
  std::vector<const Counter*> numerator_;
  std::vector<const Counter*> denominator_;
};

// Counts of values 0..buckets-2; the last bucket holds everything above.
class Histogram final : public Statistic {
 public:
  Histogram(Component* owner, const char* name, const char* unit, const char* text,
            std::size_t buckets);
  void add(u64 value) { ++counts_[value < counts_.size() ? value : counts_.size() - 1]; }
  std::vector<u64> raw() const override { return counts_; }
  void set_raw(const std::vector<u64>& raw) override;
  Json report(const StatisticsSnapshot* since) const override;

 private:
  std::vector<u64> counts_;
};

StatisticsSnapshot snapshot_statistics(const Component& root);
void reset_statistics(Component& root);

// One flat object: path -> number (or list of numbers for a histogram), in tree order.
Json report_statistics(const Component& root, const StatisticsSnapshot* since);

// path -> {"unit": ..., "text": ...}
Json describe_statistics(const Component& root);

}  // namespace orrery
