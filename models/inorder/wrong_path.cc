// Behind a mispredicted branch: fetched and executed until the branch is resolved.
//
// The functional side says what stands there and what it does (FunctionalSide); time is decided
// as for the right path, on copies of what would show: registers' ready times and units. What stays
// are the traces in the caches and TLBs, and the MSHRs that misses take. An instruction issues no
// earlier than the branch, so in a short pipeline few do; of those, an access that has not begun
// when the branch is resolved never begins. Stores are dropped before they reach the store buffer.
#include "base/bits.h"
#include "models/inorder/pipeline.h"

namespace orrery {

void Pipeline::begin_wrong_path(u64 pc, Cycle when) {
  side_.begin_wrong_path(pc);
  wrong_.head = wrong_.tail = wrong_.begun = wrong_.ended = 0;
  wrong_path_ = wrong_.fetching = side_.step_wrong_path(wrong_.next());
  wrong_.fetch_time = when;
  wrong_.resolved = never_cycle;
  // The rest of the branch's own block is at hand.
  if (wrong_path_ && is_at_hand(pc, 1))
    queue_wrong_path(block_, now_, available_);
  plan_wrong_path();
}

// The branch issues: what is behind it may from here on.
void Pipeline::resolve_wrong_path(Cycle now) {
  wrong_.resolved = now + config_.resolve_cycles;
  wrong_.last_issue = now;
  wrong_.issued = issued_;
  wrong_.last_class = last_class_;
  wrong_.ready = ready_;
  wrong_.units = units_;
  plan_wrong_path();
}

// Finds when something happens on it next, or ends it.
void Pipeline::plan_wrong_path() {
  wrong_at_ = wrong_path_issue_time();
  if (wrong_.fetching) {
    wrong_at_ = earlier(wrong_at_, wrong_.fetch_time);
  } else if (wrong_at_ == never_cycle && (wrong_.resolved != never_cycle || wrong_.head == wrong_.tail)) {
    wrong_path_ = false;
  }
}

// When the first of the queue issues; never_cycle: it does not, or the branch has not yet.
Cycle Pipeline::wrong_path_issue_time() const {
  if (wrong_.head == wrong_.tail || wrong_.resolved == never_cycle) return never_cycle;
  const Record& record = wrong_.queue[wrong_.head];
  const auto c = static_cast<unsigned>(record.op_class);
  const bool pairs = wrong_.issued < config_.width && config_.pairing.allows(wrong_.last_class, c);
  Cycle at = pairs ? wrong_.last_issue : wrong_.last_issue + 1;
  at = later(at, wrong_.available[wrong_.head]);
  at = later(at, wrong_.units[unit_of[c]].free());
  at = later(at, scoreboard_.room(wrong_.head));  // none of them commits
  for (const u8 source : record.source) at = later(at, wrong_.ready[source]);
  return at < wrong_.resolved ? at : never_cycle;
}

void Pipeline::step_wrong_path(Cycle now) {
  if (wrong_.fetching && wrong_.fetch_time <= now) {
    fetch_wrong_path(now);
  } else {
    issue_wrong_path(now);
  }
  plan_wrong_path();
}

void Pipeline::fetch_wrong_path(Cycle now) {
  const u64 block = align_down(wrong_.next().pc, config_.fetch_bytes);
  if (now >= wrong_.resolved || tail_ - head_ + wrong_.tail - wrong_.head >= capacity_ ||
      (space_.fetch != SpaceId::untranslated && !ports_.itlb.holds(block, space_.fetch))) {
    wrong_.fetching = false;
    return;
  }
  ++wrong_path_fetches;
  u64 missing = 0;
  const PhysAddr physical{align_down(wrong_.next().fetch.value(), config_.fetch_bytes)};
  if (!ports_.l1i.fast_hit(physical, config_.fetch_bytes, RequestKind::Fetch, tick(now))) {
    const Request request = memory_.request(RequestKind::Fetch, physical, config_.fetch_bytes, block);
    const Answer answer = submit_counted(ports_.l1i, request, now, Event::L1iMisses);
    if (answer.is_refused()) {
      wrong_.fetching = false;
      return;
    }
    const Cycle hit_done = now + ports_.l1i.latency_cycles();
    missing = later(cycle(answer.tick), hit_done) - hit_done;
  }
  wrong_.fetch_time = now + 1 + missing;
  queue_wrong_path(block, now, now + front_delay_ + missing);
}

// The instructions in a block, up to a taken branch.
void Pipeline::queue_wrong_path(u64 block, Cycle now, Cycle available) {
  u64 following = 0;
  do {
    following = wrong_.next().pc + wrong_.next().length;
    wrong_.available[wrong_.tail++] = available;
    wrong_.fetching = wrong_.tail < most_slots && side_.step_wrong_path(wrong_.next());
  } while (wrong_.fetching && wrong_.next().pc == following && following - block < config_.fetch_bytes);
  if (listener_) [[unlikely]] tell_wrong_path(now, available);
}

void Pipeline::issue_wrong_path(Cycle now) {
  const Record& record = wrong_.queue[wrong_.head++];
  if (record.op_class == OpClass::Fence || record.memory == Record::Memory::Atomic) {
    // Enters an empty pipeline, or waits until it is certain.
    wrong_.head = wrong_.tail;
    wrong_.fetching = false;
    return;
  }
  ++wrong_path_issues;
  wrong_.issued = now == wrong_.last_issue ? wrong_.issued + 1 : 1;
  wrong_.last_issue = now;
  const auto c = static_cast<unsigned>(record.op_class);
  const OpTiming& timing = config_.op_latency.of[c];
  wrong_.last_class = static_cast<u8>(c);
  if (const ExecUnit unit = unit_of[c]; unit != IntAlus) wrong_.units[unit].take(now + timing.interval);
  Cycle done = now + timing.latency;
  if (record.memory != Record::Memory::None && done < wrong_.resolved) access_wrong_path(record, done, done);
  if (record.dest != no_dest) wrong_.ready[record.dest] = done;
  if (listener_ && wrong_.head <= wrong_.begun) [[unlikely]]
    listener_->reached(hart_, wrong_.id[wrong_.head - 1], PipelineStage::Issue, now);
}

void Pipeline::access_wrong_path(const Record& record, Cycle start, Cycle& done) {
  if (space_.data != SpaceId::untranslated && !ports_.dtlb.lookup(record.address, space_.data)) {
    count_data_tlb_miss(record.op_class);
    start = memory_.translate_miss(ports_.dtlb, record.address, space_.data, record.pc, start);
  }
  done = start + ports_.l1d.latency_cycles();
  if (record.memory != Record::Memory::Load || start >= wrong_.resolved) return;
  ++wrong_path_loads;
  if (ports_.l1d.fast_hit(record.physical, record.size, RequestKind::Load, tick(start))) return;
  const Request request = memory_.request(RequestKind::Load, record.physical, record.size, record.pc);
  const Answer answer = submit_counted(ports_.l1d, request, start, Event::L1dMisses);
  done = answer.is_done() ? cycle(answer.tick) : never_cycle;
}

}  // namespace orrery
