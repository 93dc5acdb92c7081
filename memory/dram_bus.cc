#include "memory/dram_bus.h"

namespace orrery {

DramBus::DramBus(const DramTiming& t) : burst_(t.burst()) {
  const u64 burst = burst_;
  const auto column = [&](const DramTime& tCCD) { return std::max(burst, tCCD.ticks); };
  const u64 other_rank = burst + t.tRTRS.ticks;
  const u64 read_write = burst + t.tRTW.ticks;
  const u64 read_write_other = burst + std::max(t.tRTW.ticks, t.tRTRS.ticks);
  const auto write_read = [&](const DramTime& tWTR) { return burst + tWTR.ticks + t.tCL.ticks; };
  const u64 all[2][2][3] = {
      {{column(t.tCCD_L), column(t.tCCD_S), other_rank}, {read_write, read_write, read_write_other}},
      {{write_read(t.tWTR_L), write_read(t.tWTR_S), other_rank},
       {column(t.tCCD_L_WR), column(t.tCCD_S), other_rank}}};
  for (unsigned i = 0; i < 12; ++i) {
    (&distances_[0][0][0])[i] = (&all[0][0][0])[i];
    longest_ = std::max(longest_, (&all[0][0][0])[i]);
  }
  for (const u64 distance : distances_[0][0]) longest_read_ = std::max(longest_read_, distance);
}

void DramBus::add(const DramBurst& burst) {
  const bool is_last = promised_.size() == 0 || burst.start >= last();
  const bool is_apart = promised_.size() == 0 || burst.start >= last() + 2 * burst_;
  promised_.add(burst);
  if (burst.is_write) last_write_ = std::max(last_write_, burst.start);
  if (is_last ? is_apart : burst.start < packed_ && !(packed_ >= burst.start + 2 * burst_))
    find_run(promised_.until(burst.start) - 1);
}

// The run of bursts that leaves no gap reaches from the `k`th to the last; it may begin sooner.
void DramBus::find_run(std::size_t k) {
  while (k > 0 && promised_[k].start < promised_[k - 1].start + 2 * burst_) --k;
  packed_ = promised_[k].start;
}

void DramBus::state(Archive& a) {
  promised_.state(a, "bus");
  last_write_ = Tick{};
  packed_ = never;
  for (std::size_t i = 0; i < promised_.size(); ++i)
    if (promised_[i].is_write) last_write_ = promised_[i].start;
  if (promised_.size()) find_run(promised_.size() - 1);
}

Tick DramBus::find(const DramBurst& burst, Tick from, Tick latest) const {
  Tick start = from;
  if (promised_.forgotten() != Tick{}) start = std::max(start, promised_.forgotten() + longest_);
  // `k` bursts lie before the gap that is looked at. Each turn either settles or moves behind
  // another burst, or all of them.
  std::size_t k = start >= packed_ ? promised_.size() : promised_.until(start);
  for (;;) {
    // A read that no write is near looks at few of its neighbours.
    const u64 near = burst.is_write || last_write_ + longest_ > start ? longest_ : longest_read_;
    for (std::size_t i = k; i > 0 && promised_[i - 1].start + near > start; --i)
      start = std::max(start, promised_[i - 1].start + distance(promised_[i - 1], burst));
    if (start > latest) return never;
    std::size_t i = k;
    while (i < promised_.size() && promised_[i].start < start + near &&
           promised_[i].start >= start + distance(burst, promised_[i]))
      ++i;
    if (i == promised_.size() || promised_[i].start >= start + near) return start;
    start = std::max(start, promised_[i].start + distance(promised_[i], burst));
    k = start >= packed_ ? promised_.size() : i + 1;
  }
}

Tick DramOpenings::find(u64 group, Tick from) const {
  Tick start = from;
  if (promised_.forgotten() != Tick{})
    start = std::max(start, promised_.forgotten() + std::max(tRRD_L_, tFAW_));
  for (std::size_t k = promised_.until(start);; ++k) {
    for (std::size_t i = k; i > 0 && promised_[i - 1].start + tRRD_L_ > start; --i)
      start = std::max(start, promised_[i - 1].start + distance(promised_[i - 1].group, group));
    if (k >= 4) start = std::max(start, promised_[k - 4].start + tFAW_);
    if (k == promised_.size() || fits(group, start, k)) return start;
    start = std::max(start, promised_[k].start);
  }
}

// Whether an opening at `start`, behind the first k, disturbs none of those that follow.
bool DramOpenings::fits(u64 group, Tick start, std::size_t k) const {
  for (std::size_t i = k; i < promised_.size() && promised_[i].start < start + tRRD_L_; ++i)
    if (promised_[i].start < start + distance(group, promised_[i].group)) return false;
  // Of any five that follow each other, the new one among them, the last is tFAW after the first.
  for (std::size_t first = k >= 3 ? k - 3 : 0; first < k && first + 3 < promised_.size(); ++first)
    if (promised_[first + 3].start < promised_[first].start + tFAW_) return false;
  return k + 3 >= promised_.size() || promised_[k + 3].start >= start + tFAW_;
}

}  // namespace orrery
