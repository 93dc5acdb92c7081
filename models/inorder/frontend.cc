// The pipeline's front end: fetch blocks, prediction.
#include <algorithm>

#include "base/bits.h"
#include "memory/ram.h"
#include "models/inorder/pipeline.h"

namespace orrery {

// The same for an instruction that enters an empty pipeline.
Cycle Pipeline::empty_time(Entry entry) const {
  if (head_ != tail_ || !stores_.all_submitted()) return never_cycle;
  const Cycle quiet = std::max({now_, quiet_, stores_.last_done()});
  if (entry == Entry::Never) return quiet;
  return std::max(quiet, in_block() ? available_ : next_fetch_ + front_delay_);
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
  if (!block_open_ || first != block_)
    fetch_block(first, PhysAddr{align_down(record.fetch.value(), config_.fetch_bytes)});
  if (last == first) return;
  // The rest of it is in the next block, perhaps on another page.
  if (last % page_size != 0) {
    fetch_block(last, PhysAddr{align_down(record.fetch.value(), config_.fetch_bytes) +
                               config_.fetch_bytes});
  } else if (const auto physical = side_.fetch_address(last)) {
    fetch_block(last, *physical);
  }
}

void Pipeline::fetch_block(u64 address, PhysAddr physical) {
  const Cycle start = std::max(next_fetch_, now_);
  const Cycle translated = space_.fetch == SpaceId::untranslated ? start : translate_fetch(address, start);
  Cycle done = translated + ports_.l1i.latency_cycles();
  const Cycle hit_done = done;
  if (!ports_.l1i.fast_hit(physical, config_.fetch_bytes, RequestKind::Fetch, tick(translated))) {
    Request request;
    request.address = physical;
    request.pc = address;
    request.size = config_.fetch_bytes;
    request.hart = hart_;
    request.kind = RequestKind::Fetch;
    Answer answer = submit_counted(ports_.l1i, request, translated, Event::L1iMisses);
    while (answer.is_refused())
      answer = submit_counted(ports_.l1i, request, cycle(answer.tick), Event::L1iMisses);
    done = cycle(answer.tick);
  }
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
  if (ports_.l2tlb && ports_.l2tlb->lookup(address, space_.fetch)) {
    ports_.itlb.insert(address, space_.fetch, 0);
    return start + ports_.l2tlb->latency_cycles;
  }
  const WalkSteps steps = side_.walk(address, true);
  ++walks;
  if (ports_.l2tlb) {
    ports_.l2tlb->insert(address, space_.fetch, steps.level);
    start += ports_.l2tlb->latency_cycles;
  }
  ports_.itlb.insert(address, space_.fetch, steps.level);
  return walk(steps.entries.data(), steps.count, address, start);
}

// Where the front end goes after this record.
void Pipeline::follow(const Record& record, Slot& s) {
  next_pc_ = record.next_pc;
  if (record.trapped || record.alone) {
    blocked_ = true;  // until it issues
    return;
  }
  if (record.flow == Record::Flow::Sequential) return;

  events_.add(Event::Branches);
  const Branch branch{record.pc,
                      record.pc + record.length,
                      record.address,
                      record.next_pc,
                      static_cast<Branch::Kind>(static_cast<u8>(record.flow) - 1),
                      record.is_call,
                      record.is_return};
  const Prediction prediction = predictor_.predict(branch);
  predictor_.update(branch, prediction);
  const Cycle seen = next_fetch_;  // when the block behind it would be fetched
  if (prediction.next == record.next_pc) {
    if (prediction.next == branch.fall_through) return;
    turn(seen + (prediction.at_fetch ? config_.taken_cycles : config_.decode_redirect_cycles),
         CycleCause::TakenBranch, front_delay_);
    return;
  }
  events_.add(Event::BranchMisses);
  s.mispredicted = true;
  blocked_ = true;
  if (config_.wrong_path) begin_wrong_path(prediction.next, std::max(seen, now_));
}

}  // namespace orrery
