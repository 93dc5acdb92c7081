#include "base/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/bits.h"
#include "base/error.h"
#include "base/json.h"

namespace orrery {
namespace {

// A number that is smaller than it was has been reset since, and all of it is new.
u64 growth(u64 now, u64 then) { return now >= then ? now - then : now; }

}  // namespace

Statistic::Statistic(Component* owner, const char* name, const char* unit, const char* text)
    : owner_(owner), name_(name), unit_(unit), text_(text) {
  for (const Statistic* other : owner->statistics_)
    ORRERY_CHECK(std::string_view(other->name()) != name, "two statistics {}.{}", owner->path(), name);
  owner->statistics_.push_back(this);
}

Statistic::~Statistic() { std::erase(owner_->statistics_, this); }

u64 Counter::since(const StatisticsSnapshot* snapshot) const {
  if (!snapshot) return value_;
  const auto found = snapshot->find(this);
  return found == snapshot->end() ? value_ : growth(value_, found->second.at(0));
}

Json Counter::report(const StatisticsSnapshot* since_snapshot) const { return since(since_snapshot); }

Ratio::Ratio(Component* owner, const char* name, const char* unit, std::vector<const Counter*> numerator,
             std::vector<const Counter*> denominator, const char* text)
    : Statistic(owner, name, unit, text),
      numerator_(std::move(numerator)),
      denominator_(std::move(denominator)) {}

Json Ratio::report(const StatisticsSnapshot* since) const {
  const auto sum = [since](const std::vector<const Counter*>& counters) {
    return std::accumulate(counters.begin(), counters.end(), u64{0},
                           [since](u64 total, const Counter* c) { return total + c->since(since); });
  };
  const u64 base = sum(denominator_);
  return base == 0 ? 0.0 : static_cast<double>(sum(numerator_)) / static_cast<double>(base);
}

Buckets Buckets::linear(std::size_t count, u64 width) {
  ORRERY_CHECK(is_power_of_two(width), "buckets of {} values: no power of two", width);
  Buckets result;
  result.size_ = count;
  result.shift_ = static_cast<unsigned>(std::countr_zero(width));
  return result;
}

Buckets Buckets::up_to(u64 most, std::size_t count) {
  const u64 width = std::bit_ceil((most + count) / count);
  return linear(static_cast<std::size_t>(most / width) + 1, width);
}

Buckets Buckets::log2(std::size_t count) {
  Buckets result;
  result.size_ = count;
  result.is_log2_ = true;
  return result;
}

std::string Buckets::name(std::size_t bucket) const {
  const auto first = [this](u64 i) {
    return !is_log2_ ? i << shift_ : i == 0 ? u64{0} : u64{1} << (i - 1);
  };
  const u64 begin = first(bucket), end = first(bucket + 1);
  if (bucket + 1 == size_) return fmt::format("{}+", begin);
  return end - begin == 1 ? fmt::format("{}", begin) : fmt::format("{}-{}", begin, end - 1);
}

Histogram::Histogram(Component* owner, const char* name, const char* unit, const char* text,
                     const Buckets& buckets)
    : Statistic(owner, name, unit, text), buckets_(buckets), counts_(buckets.size()) {
  ORRERY_CHECK(buckets.size() > 0, "histogram {}.{} without buckets", owner->path(), name);
}

std::vector<std::string> Histogram::buckets() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < counts_.size(); ++i) names.push_back(buckets_.name(i));
  return names;
}

void Histogram::set_raw(const std::vector<u64>& raw) {
  ORRERY_CHECK(raw.size() == counts_.size(), "histogram {} has {} buckets", name(), counts_.size());
  counts_ = raw;
}

Json Histogram::report(const StatisticsSnapshot* since) const {
  std::vector<u64> counts = counts_;
  if (since) {
    const auto found = since->find(this);
    if (found != since->end())
      for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] = growth(counts[i], found->second.at(i));
  }
  return counts;
}

StatisticsSnapshot snapshot_statistics(const Component& root) {
  StatisticsSnapshot result;
  root.for_each([&](const Component& component) {
    for (const Statistic* statistic : component.statistics()) result[statistic] = statistic->raw();
  });
  return result;
}

void reset_statistics(Component& root) {
  root.for_each([](Component& component) {
    for (Statistic* statistic : component.statistics())
      if (const std::size_t size = statistic->raw().size())
        statistic->set_raw(std::vector<u64>(size, 0));
  });
}

Json report_statistics(const Component& root, const StatisticsSnapshot* since) {
  Json result = Json::object();
  root.for_each([&](const Component& component) {
    if (component.statistics().empty()) return;
    const std::string path = component.path();
    for (const Statistic* statistic : component.statistics())
      result[path + "." + statistic->name()] = statistic->report(since);
  });
  return result;
}

Json describe_statistics(const Component& root) {
  Json result = Json::object();
  root.for_each([&](const Component& component) {
    for (const Statistic* statistic : component.statistics()) {
      Json& entry = result[component.path() + "." + statistic->name()];
      entry = {{"unit", statistic->unit()}, {"text", statistic->text()}};
      if (const auto buckets = statistic->buckets(); !buckets.empty()) entry["buckets"] = buckets;
    }
  });
  return result;
}

}  // namespace orrery
