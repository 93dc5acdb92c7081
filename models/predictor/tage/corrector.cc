#include "models/predictor/tage/corrector.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "base/bits.h"

namespace orrery::tage {
namespace {

constexpr u32 most_iterations = 1023;
constexpr i16 first_threshold = 35 * 8;

i8 stepped(i8 counter, bool up, int most) {
  if (up ? counter >= most : counter <= -most - 1) return counter;
  return static_cast<i8>(up ? counter + 1 : counter - 1);
}

std::vector<u64> history_masks(u32 tables, u32 longest) {
  std::vector<u64> result;
  if (tables == 0) return result;
  for (const u32 length : geometric_lengths((longest + 1) / 4, longest, tables))
    result.push_back(bits(~u64{0}, 0, length));
  return result;
}

}  // namespace

void CorrectorConfig::visit(Params& p) {
  p("entries", entries, "counters", "of each table");
  p("counter_bits", counter_bits, "bits", "width of a counter");
  p("global_tables", global_tables, "tables", "by the last outcomes of all branches");
  p("global_longest", global_longest, "branches", "in the longest of these histories; a quarter of it in the shortest");
  p("local_tables", local_tables, "tables", "by the last outcomes of the same branch");
  p("local_longest", local_longest, "branches", "in the longest of these histories");
  p("local_histories", local_histories, "histories", "of branches by address");
  p("imli", imli, "there is a table by the iteration of the innermost loop");
  p.require(is_power_of_two(entries) && entries >= 2 && entries <= 1 << 20, "entries",
            "must be a power of two from 2 to 1048576");
  p.require(counter_bits >= 2 && counter_bits <= 8, "counter_bits", "must be 2..8");
  p.require(global_tables <= Corrector::most_tables, "global_tables", "must be 0..8");
  p.require(global_longest >= std::max(2 * global_tables, 4u) && global_longest <= 64, "global_longest",
            "must be from twice the number of tables, and 4, to 64");
  p.require(local_tables <= Corrector::most_tables, "local_tables", "must be 0..8");
  p.require(local_longest >= std::max(2 * local_tables, 4u) && local_longest <= 16, "local_longest",
            "must be from twice the number of tables, and 4, to 16");
  p.require(is_power_of_two(local_histories) && local_histories <= 1 << 20, "local_histories",
            "must be a power of two up to 1048576");
}

Corrector::Corrector(const CorrectorConfig& config)
    : entries_(config.entries),
      entry_shift_(64 - static_cast<u32>(std::countr_zero(config.entries))),
      most_(static_cast<i8>((1 << (config.counter_bits - 1)) - 1)),
      imli_used_(config.imli),
      global_masks_(history_masks(config.global_tables, config.global_longest)),
      local_masks_(history_masks(config.local_tables, config.local_longest)),
      tables_(2 + config.global_tables + config.local_tables + (config.imli ? 1 : 0)),
      counters_(std::size_t{tables_} * entries_),
      local_histories_(config.local_histories),
      threshold_(first_threshold) {
  // The biases begin with what TAGE says, as loudly as it does (see look_up for the low bits); of the
  // others, one speaks against the other.
  for (u32 i = 0; i < entries_; ++i) {
    const auto loudness = static_cast<Confidence>(std::min(i >> 1 & 3, 2u));
    const int lean = loudness == Confidence::High ? most_ : loudness == Confidence::Medium ? most_ / 2 : most_ / 8;
    counters_[i] = static_cast<i8>(i & 1 ? lean : -lean - 1);
    counters_[entries_ + i] = static_cast<i8>(i & 1 ? most_ / 8 : -(most_ / 8) - 1);
  }
  for (std::size_t i = 2 * std::size_t{entries_}; i < counters_.size(); ++i)
    counters_[i] = static_cast<i8>(i / entries_ % 2 == 0 ? 0 : -1);
}

void Corrector::look_up(u64 pc, const Tables::Lookup& tage, Lookup& lookup) const {
  const u64 address = pc * mixer;
  const auto low_bits = static_cast<u32>(tage.confidence) << 1 | tage.taken;
  const auto by_table = static_cast<u32>((address ^ static_cast<u64>(tage.provider) * mixer) * mixer >> entry_shift_);
  const i8* const counters = counters_.data();
  const u32 entries = entries_, shift = entry_shift_;
  u32 table = 0, first = 0;
  i32 sum = 0;
  const auto take = [&](u32 entry) {
    lookup.counter[table++] = first + entry;
    sum += counters[first + entry];
    first += entries;
  };
  take(static_cast<u32>(address >> 32 << 3 | low_bits) & (entries - 1));
  take((by_table & ~1u) | tage.taken);
  const auto look = [&](u64 history) { take(static_cast<u32>((address ^ history << 8) * mixer >> shift)); };
  for (const u64 mask : global_masks_) look(global_history_ & mask);
  const u64 local = local_histories_[pc >> 1 & (local_histories_.size() - 1)];
  for (const u64 mask : local_masks_) look(local & mask);
  if (imli_used_) look(iteration_);

  lookup.sum = 2 * sum + static_cast<i32>(table);  // a counter of 0 leans to taken as one of -1 to not taken
  lookup.branch = static_cast<u32>(address >> 58);
  lookup.threshold = (threshold_ + thresholds_[lookup.branch]) / 8;
  lookup.sum_says = lookup.sum >= 0;
  lookup.taken = lookup.sum_says;
  if (const int open = chooser(tage, lookup); open >= 0 && choosers_[static_cast<std::size_t>(open)] < 0)
    lookup.taken = tage.taken;
  // A whisper never outvotes a sure TAGE.
  if (tage.confidence == Confidence::High && std::abs(lookup.sum) < lookup.threshold / 4) lookup.taken = tage.taken;
}

int Corrector::chooser(const Tables::Lookup& tage, const Lookup& lookup) {
  const i32 loudness = std::abs(lookup.sum);
  if (tage.confidence == Confidence::High && loudness < lookup.threshold / 2) return 0;
  if (tage.confidence == Confidence::Medium && loudness < lookup.threshold / 4) return 1;
  return -1;
}

void Corrector::update(u64 pc, u64 target, const Tables::Lookup& tage, const Lookup& lookup, bool taken) {
  const bool wrong = lookup.sum_says != taken;
  if (lookup.sum_says != tage.taken) {
    if (const int open = chooser(tage, lookup); open >= 0) {
      i8& judge = choosers_[static_cast<std::size_t>(open)];
      judge = stepped(judge, !wrong, 31);
    }
  }
  if (wrong || std::abs(lookup.sum) < lookup.threshold) {
    // Wrong ones and those that were right without being sure are to balance.
    const int step = wrong ? 1 : -1;
    threshold_ = static_cast<i16>(std::clamp(threshold_ + step, 4 * 8, 255 * 8));
    i16& own = thresholds_[lookup.branch];
    own = static_cast<i16>(std::clamp(own + step, -16 * 8, 127 * 8));
    for (u32 i = 0; i < tables_; ++i) {
      i8& counter = counters_[lookup.counter[i]];
      counter = stepped(counter, taken, most_);
    }
  }
  global_history_ = global_history_ << 1 | taken;
  u16& local = local_history(pc);
  local = static_cast<u16>(local << 1 | taken);
  if (target < pc) iteration_ = taken ? std::min(iteration_ + 1, most_iterations) : 0;
}

void Corrector::state(Archive& a) {
  a("counters", std::span<i8>(counters_));
  a("local_histories", std::span<u16>(local_histories_));
  a("global_history", global_history_);
  a("iteration", iteration_);
  a("threshold", threshold_);
  a("thresholds", thresholds_);
  a("choosers", choosers_);
}

}  // namespace orrery::tage
