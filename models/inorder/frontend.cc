// The pipeline's front end: fetch blocks, prediction.
#include "base/bits.h"
#include "memory/ram.h"
#include "models/inorder/pipeline.h"

namespace orrery {
namespace {

Branch branch_of(const Footprint& f, u64 pc, u64 target, u64 next) {
  return {pc, pc + f.length, target, next, f.flow, f.is_call, f.is_return};
}

}  // namespace

// The same for an instruction that enters an empty pipeline.
Cycle Pipeline::empty_time(Entry entry) const {
  if (head_ != tail_ || !stores_.all_submitted()) return never_cycle;
  const Cycle quiet = later(later(now_, quiet_), stores_.last_done());
  if (entry == Entry::Never) return quiet;
  return later(quiet, in_block() ? available_ : next_fetch_ + front_delay_);
}

// The front end goes on at another place: fetched from `when` on, issued `delay` cycles later.
void Pipeline::turn(Cycle when, CycleCause cause, u32 delay) {
  block_open_ = false;
  next_fetch_ = when;
  next_cause_ = cause;
  front_delay_ = delay;
}

void Pipeline::fetch(const Record& record) {
  const u64 first = align_down(record.pc, config_.fetch_bytes);
  const u64 last = align_down(record.pc + record.length - 1, config_.fetch_bytes);
  const bool is_fetched = !block_open_ || first != block_;
  if (is_fetched) fetch_block(first, PhysAddr{align_down(record.fetch.value(), config_.fetch_bytes)});
  if (last == first) return;
  const CycleCause cause = turned_cause_;
  // The rest of it is in the next block, perhaps on another page.
  if (last % page_size != 0) {
    fetch_block(last, PhysAddr{align_down(record.fetch.value(), config_.fetch_bytes) +
                               config_.fetch_bytes});
  } else if (const auto physical = side_.fetch_address(last)) {
    fetch_block(last, *physical);
  }
  if (is_fetched) turned_cause_ = cause;  // what it has waited for first
}

void Pipeline::fetch_block(u64 address, PhysAddr physical) {
  const Cycle start = later(next_fetch_, now_);
  const Cycle translated = space_.fetch == SpaceId::untranslated ? start : translate_fetch(address, start);
  u64 misses = 0;
  const Cycle done = memory_.fetch(physical, config_.fetch_bytes, address, translated, misses);
  const Cycle hit_done = translated + ports_.l1i.latency_cycles();
  if (misses != 0) events_.add(Event::L1iMisses, misses);
  block_ = address;
  block_open_ = true;
  block_time_ = start;
  turned_ = start + front_delay_;
  translated_ = turned_ + (translated - start);
  available_ = translated_ + (done - hit_done);
  turned_cause_ = next_cause_;
  next_cause_ = CycleCause::FetchBandwidth;
  next_fetch_ = start + 1 + (available_ - turned_);
}

Cycle Pipeline::translate_fetch(u64 address, Cycle start) {
  if (ports_.itlb.lookup(address, space_.fetch)) return start;
  events_.add(Event::ItlbMisses);
  return memory_.translate_miss(ports_.itlb, address, space_.fetch, address, start);
}

// Where the front end goes after this one, which is a branch, has trapped or runs alone.
void Pipeline::follow(Slot& s) {
  if (s.trapped || s.alone) {
    blocked_ = s.turns = true;
    return;
  }
  events_.add(Event::Branches);
  const Branch branch = branch_of(s, s.pc, s.address, s.next_pc);
  const Prediction prediction = predictor_.predict(branch);
  predictor_.update(branch, prediction);
  const Cycle seen = next_fetch_;  // when the block behind it would be fetched
  if (prediction.next == s.next_pc) {
    if (prediction.next == branch.fall_through) return;
    turn(seen + (prediction.at_fetch ? config_.taken_cycles : config_.decode_redirect_cycles),
         CycleCause::TakenBranch, front_delay_);
    return;
  }
  events_.add(Event::BranchMisses);
  s.mispredicted = true;
  blocked_ = s.turns = true;
  if (config_.wrong_path) begin_wrong_path(prediction.next, later(seen, now_));
}

void Pipeline::train(std::span<const WarmBranch> branches) {
  for (const WarmBranch& b : branches) {
    if (b.is_restart()) continue;
    const Branch branch = branch_of(b.footprint, b.pc, b.target, b.next);
    predictor_.update(branch, predictor_.predict(branch));
  }
}

}  // namespace orrery
