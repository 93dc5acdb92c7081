#include "memory/dram_bus.h"

namespace orrery {

DramBus::DramBus(const DramTiming& t) {
  const u64 burst = t.burst();
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
}

Tick DramBus::find(const DramBurst& burst, Tick from, Tick latest) const {
  Tick start = from;
  if (promised_.forgotten() != Tick{}) start = std::max(start, promised_.forgotten() + longest_);
  // `k` bursts lie before the gap that is looked at. Each turn either settles or moves behind
  // another burst.
  std::size_t k = promised_.until(start);
  for (;;) {
    for (std::size_t i = k; i > 0 && promised_[i - 1].start + longest_ > start; --i)
      start = std::max(start, promised_[i - 1].start + distance(promised_[i - 1], burst));
    if (start > latest) return never;
    std::size_t i = k;
    while (i < promised_.size() && promised_[i].start < start + longest_ &&
           promised_[i].start >= start + distance(burst, promised_[i]))
      ++i;
    if (i == promised_.size() || promised_[i].start >= start + longest_) return start;
    start = std::max(start, promised_[i].start + distance(promised_[i], burst));
    k = i + 1;
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
