#include "memory/cache.h"

#include <algorithm>
#include <bit>

#include "base/bits.h"
#include "memory/saved_ticks.h"

namespace orrery {
namespace {

constexpr const char* accesses = "accesses";

Use use_of(const Request& request) { return {request.pc, request.kind}; }

bool is_last_free(const std::vector<Tick>& free_at, Tick now) {
  return std::count_if(free_at.begin(), free_at.end(), [now](Tick at) { return at <= now; }) == 1;
}

}  // namespace

void CacheConfig::visit(Params& p) {
  p("size", size, "capacity");
  p("ways", ways, "ways", "associativity");
  p("line", line, "line size");
  p("latency_cycles", latency_cycles, "cycles", "from an access to its data, on a hit");
  p("mshrs", mshrs, "lines", "lines that may be under way at once");
  p.choice("write", write, {{"back", Write::Back}, {"through", Write::Through}},
           "what a store writes: this cache (back), or the level below too (through)");
  p("write_allocate", write_allocate, "a store that misses brings the line in");
  p("banks", banks, "banks", "by line, each begins one access a cycle; 0: no limit");
  p("ports", ports, "accesses", "begun in a cycle; 0: no limit");
  p("write_buffer", write_buffer, "lines",
    "evicted dirty lines that the level below has not taken yet; 0: it takes them at once");
  p.child("replacement", replacement, "which line makes room");
  p.child("prefetcher", prefetcher, "what is fetched before it is asked for");
  p("classify_misses", classify_misses,
    "say why each miss is one (memory/miss_classes.h); takes host time");
  p("count_outstanding", count_outstanding,
    "say how many misses are under way, and for how long (memory/outstanding.h)");
  p.require(is_power_of_two(line.value) && line.value >= 8 && line.value <= 4096, "line",
            "must be a power of two from 8B to 4KiB");
  p.require(ways >= 1 && ways <= 1024, "ways", "must be 1..1024");
  p.require(size.value <= u64{4} << 30, "size", "must be at most 4GiB");
  p.require(size.value % (line.value * ways) == 0 &&
                is_power_of_two(size.value / line.value / ways),
            "size", "must be ways x line x a power of two");
  p.require(latency_cycles <= 10'000, "latency_cycles", "must be 0..10000");
  p.require(mshrs >= 1 && mshrs <= 1024, "mshrs", "must be 1..1024");
  p.require(banks == 0 || (is_power_of_two(banks) && banks <= 64), "banks",
            "must be 0 or a power of two up to 64");
  p.require(ports <= 64, "ports", "must be 0..64");
  p.require(write_buffer <= 1024, "write_buffer", "must be 0..1024");
  p.require(write == Write::Through || write_allocate, "write_allocate",
            "must be true in a write-back cache");
}

Cache::Cache(Component* parent, std::string name, const CacheConfig& config, const Clock& clock,
             TimingPort& next, const AddressRanges& uncacheable)
    : Component(parent, std::move(name)),
      hits{{{this, "fetch_hits", accesses, "instruction fetches that found their line"},
            {this, "load_hits", accesses, "loads that found their line"},
            {this, "store_hits", accesses, "stores that found their line"},
            {this, "atomic_hits", accesses, "atomics that found their line"},
            {this, "walk_hits", accesses, "page-table reads that found their line"},
            {this, "prefetch_hits", accesses, "prefetches that found their line"},
            {this, "writeback_hits", accesses, "writebacks from above that found their line"}}},
      misses{{{this, "fetch_misses", accesses, "instruction fetches that did not"},
              {this, "load_misses", accesses, "loads that did not"},
              {this, "store_misses", accesses, "stores that did not"},
              {this, "atomic_misses", accesses, "atomics that did not"},
              {this, "walk_misses", accesses, "page-table reads that did not"},
              {this, "prefetch_misses", accesses, "prefetches that did not"},
              {this, "writeback_misses", accesses, "writebacks from above that did not"}}},
      miss_ratio(this, "miss_ratio", "misses per access",
                 {&misses[0], &misses[1], &misses[2], &misses[3], &misses[4]},
                 {&misses[0], &misses[1], &misses[2], &misses[3], &misses[4], &hits[0], &hits[1],
                  &hits[2], &hits[3], &hits[4]},
                 "prefetches and writebacks left out"),
      prefetch_coverage(this, "prefetch_coverage", "useful per miss there would be",
                        {&prefetches_useful},
                        {&prefetches_useful, &warm_misses, &misses[0], &misses[1], &misses[2], &misses[3], &misses[4]},
                        "of the misses there would be without the prefetcher"),
      line_bits_(static_cast<unsigned>(std::countr_zero(config.line.value))),
      line_size_(config.line.value),
      fast_size_(config.classify_misses ? 0 : config.line.value),
      latency_cycles_(config.latency_cycles),
      latency_(config.latency_cycles * clock.period()),
      write_(config.write),
      write_allocate_(config.write_allocate),
      next_(next),
      uncacheable_(uncacheable),
      tags_({config.sets(), config.ways}, config.replacement),
      states_(tags_.size(), LineState::Invalid),
      ready_(tags_.size()),
      mshrs_(config.mshrs),
      write_buffer_(config.write_buffer),
      banks_(config.banks, CycleSlots(1, clock.period())),
      ports_(config.ports ? 1 : 0, CycleSlots(config.ports, clock.period())),
      prefetcher_(config.prefetcher.create({config.line.value})),
      prefetched_(tags_.size()) {
  for (unsigned kind = 0; kind < request_kinds; ++kind)
    observed_ |= u32{prefetcher_->observes(static_cast<RequestKind>(kind))} << kind;
  if (config.classify_misses) classes_.emplace(this, tags_.size());
  if (config.count_outstanding) outstanding_.emplace(this, config.mshrs);
}

Answer Cache::submit(const Request& request, Tick now) {
  if (uncacheable_.contains(request.address)) return next_.submit(request, now);
  const u64 first = request.address.value() >> line_bits_;
  const u64 last = (request.address.value() + std::max(request.size, 1u) - 1) >> line_bits_;
  Answer answer = access(request, first, now);
  if (!answer.is_done()) return answer;
  if (!warming_) (request.writes() ? bytes_written : bytes_read) += request.bytes_moved();
  if (first == last) return answer;
  // The first half is done, so the second waits for its MSHR rather than being refused.
  const u64 other = request.crosses_page() ? request.second >> line_bits_ : last;
  const Answer second = insist(now, [&](Tick at) { return access(request, other, at); });
  answer.tick = std::max(answer.tick, second.tick);
  return answer;
}

// Asks again until it is taken: what went before is done. Refused without end, it ends the program.
template <class Attempt>
Answer Cache::insist(Tick now, Attempt&& attempt) {
  constexpr u32 most_attempts = 1'000'000;
  Answer answer = attempt(now);
  for (u32 attempts = 1; answer.is_refused(); answer = attempt(answer.tick))
    ORRERY_CHECK(answer.tick != never && ++attempts < most_attempts,
                 "{}: half of an access is done, and the rest is refused for ever", path());
  return answer;
}

Answer Cache::submit_below(const Request& request, Tick now) {
  const Answer answer = next_.submit(request, now);
  if (answer.is_done()) (request.writes() ? bytes_to_below : bytes_from_below) += request.bytes_moved();
  return answer;
}

Answer Cache::access(const Request& request, u64 line, Tick now) {
  const Tick start = begin(line, now);
  const std::size_t entry = tags_.find(line);
  const bool is_hit = entry != TagArray::none;
  const bool first_use = is_hit && prefetched_[entry] && use_of(request).is_demand();
  const bool is_late = first_use && ready_[entry] > start + latency_;
  if (first_use) prefetched_[entry] = 0;  // also when the access leads to its being taken
  const Answer answer = is_hit ? hit(request, entry, start) : miss(request, line, start);
  if (!answer.is_done()) {
    if (first_use) prefetched_[entry] = 1;
    return answer;
  }

  if (start != now) ++bank_conflicts;
  if (limited_) {
    for (CycleSlots& ports : ports_) ports.take(now, start);
    if (!banks_.empty()) banks_[line % banks_.size()].take(now, start);
  }
  if (first_use) {
    ++prefetches_useful;
    if (is_late) ++prefetches_late;
  }
  // No fast hits where each access takes a bank or trains the prefetcher, nor of a prefetched line.
  if (!banks_.empty() || !ports_.empty() || observed_ != 0 || (is_hit && prefetched_[entry]))
    tags_.unsettle(line);
  const bool observed = observed_ >> static_cast<unsigned>(request.kind) & 1;
  if (use_of(request).is_demand() && request.kind != RequestKind::Walk && (!is_hit || first_use || observed))
    prefetch(request, line, is_hit, first_use, start);
  if (loads_) note(line);
  return answer;
}

// From `now` on, when the line's bank and a port are free.
Tick Cache::begin(u64 line, Tick now) const {
  if (!limited_) return now;
  for (;;) {
    Tick start = now;
    for (const CycleSlots& ports : ports_) start = ports.first(start);
    if (!banks_.empty()) start = banks_[line % banks_.size()].first(start);
    if (start == now) return start;
    now = start;
  }
}

Answer Cache::hit(const Request& request, std::size_t entry, Tick now) {
  Tick done = now + latency_;
  bool is_merged = false;
  if (ready_[entry] > done) {
    done = ready_[entry];
    is_merged = true;
  }
  // A store that is written through asks for the line's other copies as it passes.
  if (request.owns() && is_shared(states_[entry]) &&
      (write_ == CacheConfig::Write::Back || request.want != Want::Access)) {
    Request permission = request;
    permission.address = address_of(tags_.key(entry));
    permission.size = static_cast<u32>(line_size_);
    permission.want = Want::Permission;
    const Answer answer = submit_below(permission, now + latency_);
    if (answer.is_refused()) return Answer::refused(answer.tick - latency_);
    states_[entry] = is_dirty(states_[entry]) ? LineState::Modified : LineState::Exclusive;
    done = std::max(done, answer.tick);
    ++upgrades;
  }
  if (request.writes()) {
    if (write_ == CacheConfig::Write::Back) {
      states_[entry] = is_shared(states_[entry]) ? LineState::Owned : LineState::Modified;
    } else {
      const Answer answer = submit_below(request, now + latency_);
      if (answer.is_refused()) return Answer::refused(answer.tick - latency_);
      done = std::max(done, answer.tick);
    }
  }
  tags_.touch(entry, use_of(request));
  if (classes_) classes_->hit(tags_.key(entry));
  if (!warming_) {
    if (is_merged) ++merged;
    ++hits[static_cast<unsigned>(request.kind)];
  }
  Answer answer = Answer::done(done, is_shared(states_[entry]));
  if (inclusion_ == Inclusion::Exclusive && request.want == Want::Line && !request.untracked) {
    answer.dirty = is_dirty(states_[entry]);
    states_[entry] = LineState::Invalid;
    if (!use_of(request).is_demand()) end_prefetch(entry);  // of a first use access() takes note
    tags_.remove(entry);
  }
  return answer;
}

bool Cache::allocates(const Request& request, u64 line) const {
  if (request.kind == RequestKind::Writeback || request.want == Want::Permission) return false;
  if (inclusion_ == Inclusion::Exclusive) {
    if (request.want == Want::Line) return request.untracked;
    if (above_->holds(address_of(line))) return false;
  }
  return write_allocate_ || !request.writes();
}

Answer Cache::miss(const Request& request, u64 line, Tick now) {
  const auto kind = static_cast<unsigned>(request.kind);
  const bool allocate = allocates(request, line);
  if (!allocate && request.want != Want::Line) {
    if (request.kind == RequestKind::Prefetch) return Answer::done(now);  // it is above
    const Answer answer = submit_below(request, now + latency_);
    if (answer.is_refused()) return Answer::refused(answer.tick - latency_);
    ++(warming_ ? warm_misses : misses[kind]);
    if (classes_) classes_->miss(line, use_of(request).is_demand(), false);
    return answer;
  }

  // A prefetch is dropped where it began, so that every level agrees on where the line is.
  const bool is_prefetch = request.kind == RequestKind::Prefetch;
  const bool droppable = is_prefetch && request.want == Want::Access;
  const auto mshr = std::min_element(mshrs_.begin(), mshrs_.end());
  if (*mshr > now || (is_prefetch && is_last_free(mshrs_, now))) {
    if (droppable) return Answer::done(now);
    ++refusals;
    return Answer::refused(std::max(*mshr, now + 1));
  }
  if (write_buffer_full(line, now)) {
    if (droppable) return Answer::done(now);
    ++write_buffer_refusals;
    return Answer::refused(*std::min_element(write_buffer_.begin(), write_buffer_.end()));
  }
  if (tags_.needs_room_of(line, request.keep >> line_bits_)) {
    if (droppable) return Answer::done(now);
    return Answer::refused(now + 1);  // where it began it is dropped
  }
  Request below = request;
  below.address = address_of(line);
  below.size = static_cast<u32>(line_size_);
  below.want = Want::Line;
  if (allocate) below.untracked = false;
  Answer answer = submit_below(below, now + latency_);
  if (answer.is_refused()) {
    if (droppable) return Answer::done(now);
    return Answer::refused(answer.tick - latency_);
  }
  ++(warming_ ? warm_misses : misses[kind]);
  if (classes_) classes_->miss(line, use_of(request).is_demand(), allocate);
  if (outstanding_) outstanding_->begin(now, mshrs_);
  *mshr = answer.tick;
  if (allocate) {
    fill(line, request, answer, now);
    answer.dirty = false;
  }
  if (request.writes() && write_ == CacheConfig::Write::Through) {
    const Answer written = insist(now + latency_, [&](Tick at) { return submit_below(request, at); });
    answer.tick = std::max(answer.tick, written.tick);
  }
  answer.tick = std::max(answer.tick, now + latency_);
  return answer;
}

void Cache::fill(u64 line, const Request& request, const Answer& answer, Tick now) {
  const bool dirty =
      answer.dirty || (request.writes() && write_ == CacheConfig::Write::Back);
  const LineState state = answer.shared ? (answer.dirty ? LineState::Owned : LineState::Shared)
                          : dirty       ? LineState::Modified
                                        : LineState::Exclusive;
  put(line, state, answer.tick, request, now);
}

void Cache::put(u64 line, LineState state, Tick ready, const Request& request, Tick now) {
  const std::size_t entry = tags_.room_for(line, request.keep >> line_bits_);
  if (tags_.key(entry) != TagArray::no_key) give_up(entry, request.hart, now);
  tags_.put(entry, line, use_of(request));
  if (loads_) forget_noted(line);
  ready_[entry] = ready;
  states_[entry] = state;
}

void Cache::give_up(std::size_t entry, HartId hart, Tick now) {
  ++evictions;
  end_prefetch(entry);
  Request victim;
  victim.address = address_of(tags_.key(entry));
  victim.size = static_cast<u32>(line_size_);
  victim.hart = hart;
  victim.kind = RequestKind::Writeback;
  victim.clean = !is_dirty(states_[entry]);
  victim.shared = is_shared(states_[entry]);
  bool stays_above = false;
  if (above_ && inclusion_ == Inclusion::Inclusive) {
    if (above_->snoop(victim.address, Snoop::Take)) victim.clean = false;
  } else if (above_) {
    stays_above = above_->holds(victim.address);
  }
  if (!victim.clean) ++writebacks;
  Tick taken = now;
  if (!stays_above) {
    if (!victim.clean) bytes_to_below += line_size_;
    taken = next_.evict(victim, now + latency_);
  } else if (!victim.clean) {
    taken = submit_below(victim, now + latency_).tick;
  }
  if (!victim.clean && !write_buffer_.empty())
    *std::min_element(write_buffer_.begin(), write_buffer_.end()) = taken;
}

Tick Cache::evict(const Request& victim, Tick now) {
  if (uncacheable_.contains(victim.address)) return next_.evict(victim, now);
  const u64 line = victim.address.value() >> line_bits_;
  const std::size_t entry = tags_.find(line);
  if (!victim.clean) bytes_written += victim.size;
  if (entry != TagArray::none) return victim.clean ? now : hit(victim, entry, now).tick;
  if (!victim.clean || inclusion_ == Inclusion::Exclusive)
    ++misses[static_cast<unsigned>(RequestKind::Writeback)];
  if (inclusion_ != Inclusion::Exclusive) {
    if (!victim.clean) bytes_to_below += victim.size;
    return next_.evict(victim, now + latency_);
  }
  if (victim.clean) bytes_taken += victim.size;
  if (classes_) classes_->miss(line, false, true);
  put(line,
      victim.clean ? (victim.shared ? LineState::Shared : LineState::Exclusive)
                   : (victim.shared ? LineState::Owned : LineState::Modified),
      now, victim, now);
  return now + latency_;
}

// Whether the miss must wait: its victim may be dirty, and there is no place for that.
bool Cache::write_buffer_full(u64 line, Tick now) const {
  if (write_buffer_.empty()) return false;
  if (*std::min_element(write_buffer_.begin(), write_buffer_.end()) <= now) return false;
  return tags_.full_with(line, [this](std::size_t entry) { return is_dirty(states_[entry]); });
}

// Tells the prefetcher of an access, and sends for the lines that it wants.
void Cache::prefetch(const Request& request, u64 line, bool hit, bool first_use, Tick now) {
  if (!hit)
    if (const std::size_t entry = tags_.find(line); entry != TagArray::none)
      prefetcher_->fetched(line, ready_[entry], false);
  candidates_.clear();
  const PhysAddr address = std::max(request.address, address_of(line));
  prefetcher_->access({line, address, request.pc, request.kind, hit, first_use, now}, candidates_);
  const PrefetchGeometry geometry{line_size_};
  for (const u64 candidate : candidates_) {
    if (!geometry.same_page(candidate, line) || tags_.find(candidate) != TagArray::none) continue;
    Request ahead;
    ahead.address = address_of(candidate);
    ahead.pc = request.pc;
    ahead.size = static_cast<u32>(line_size_);
    ahead.hart = request.hart;
    ahead.kind = RequestKind::Prefetch;
    ahead.keep = address_of(line).value();
    if (uncacheable_.contains(ahead.address)) continue;
    miss(ahead, candidate, now);
    const std::size_t entry = tags_.find(candidate);
    if (entry == TagArray::none) {
      ++prefetches_dropped;
      continue;
    }
    ++prefetches_issued;
    prefetched_[entry] = 1;
    tags_.unsettle(candidate);
    prefetcher_->fetched(candidate, ready_[entry], true);
  }
}

// The line of that entry goes.
void Cache::end_prefetch(std::size_t entry) {
  if (prefetched_[entry]) ++prefetches_useless;
  prefetched_[entry] = 0;
}

bool Cache::snoop(PhysAddr line, Snoop how) {
  const bool dirty_above = above_ && above_->snoop(line, how);
  const std::size_t entry = tags_.find(line.value() >> line_bits_);
  if (entry == TagArray::none) return dirty_above;
  if (loads_) forget_noted(tags_.key(entry));
  const bool dirty = is_dirty(states_[entry]);
  if (how == Snoop::Own && dirty && !dirty_above) {
    bytes_snooped += line_size_;
    states_[entry] = LineState::Owned;
    return true;
  }
  if (dirty) bytes_snooped += line_size_;
  if (dirty && how != Snoop::Own) ++writebacks;
  states_[entry] = how == Snoop::Take ? LineState::Invalid : LineState::Shared;
  if (how == Snoop::Take) {
    end_prefetch(entry);
    if (classes_) classes_->taken(tags_.key(entry));
    tags_.remove(entry);
    ++invalidations;
  }
  return dirty || dirty_above;
}

bool Cache::holds(PhysAddr line) const {
  return tags_.find(line.value() >> line_bits_) != TagArray::none ||
         (above_ && above_->holds(line));
}

bool Cache::holds_dirty(PhysAddr line) const {
  return is_dirty(find(line)) || (above_ && above_->holds_dirty(line));
}

LineState Cache::find(PhysAddr address) const {
  const std::size_t entry = tags_.find(address.value() >> line_bits_);
  return entry == TagArray::none ? LineState::Invalid : states_[entry];
}

Cache::UnderWay Cache::under_way(Tick now) const {
  UnderWay found;
  const auto keep = [now](std::vector<Tick>& taken, Tick until) {
    if (until > now) taken.push_back(until);
  };
  for (const Tick until : mshrs_) keep(found.mshrs, until);
  for (const Tick until : write_buffer_) keep(found.write_buffer, until);
  for (const CycleSlots& bank : banks_) keep(found.arrays, bank.last_end());
  for (const CycleSlots& ports : ports_) keep(found.arrays, ports.last_end());
  for (std::size_t entry = 0; entry < tags_.size(); ++entry)
    if (tags_.key(entry) != TagArray::no_key && ready_[entry] > now)
      found.lines.emplace_back(address_of(tags_.key(entry)), ready_[entry]);
  return found;
}

void Cache::fence_i() {
  if (coherent_) return;
  for (std::size_t entry = 0; entry < tags_.size(); ++entry) end_prefetch(entry);
  for (std::size_t entry = 0; classes_ && entry < tags_.size(); ++entry)
    if (tags_.key(entry) != TagArray::no_key) classes_->taken(tags_.key(entry));
  tags_.clear();
  states_.assign(states_.size(), LineState::Invalid);
  clear_filters();
}

void Cache::publish(LineFilter* loads, LineFilter* stores, u64 offset) {
  loads_ = loads;
  stores_ = stores;
  filter_offset_ = offset;
  const u64 lines = std::max(u64{4096} >> line_bits_, u64{1});  // a page's, so that no offset matters
  filter_slots_ = static_cast<u32>(std::min({u64{tags_.sets()}, lines, u64{LineFilter::most_slots}}));
  clear_filters();
}

// The line has just been asked for.
void Cache::note(u64 line) {
  const std::size_t slot = line & (filter_slots_ - 1);
  const std::size_t entry = tags_.find_recent(line);
  if (classes_) return;  // they want to know of every access
  loads_->lines[slot] = entry != TagArray::none ? (line << line_bits_) + filter_offset_ : LineFilter::none;
  if (stores_)
    stores_->lines[slot] = entry != TagArray::none && states_[entry] == LineState::Modified ? loads_->lines[slot] : LineFilter::none;
}

// Another cache has taken the line or shares it now, or a line of its set has come.
void Cache::forget_noted(u64 line) {
  const std::size_t slot = line & (filter_slots_ - 1);
  loads_->lines[slot] = LineFilter::none;
  if (stores_) stores_->lines[slot] = LineFilter::none;
}

void Cache::clear_filters() {
  if (loads_) loads_->clear();
  if (stores_) stores_->clear();
}

void Cache::state(Archive& a) {
  tags_.state(a);
  a("states", std::span<LineState>(states_));
  a("ready", std::span<Tick>(ready_));
  a("mshrs", std::span<Tick>(mshrs_));
  a("write_buffer", std::span<Tick>(write_buffer_));
  a("prefetched", std::span<u8>(prefetched_));
  a.group("prefetcher", [this](Archive& nested) { prefetcher_->state(nested); });
  for (std::size_t i = 0; i < banks_.size(); ++i) banks_[i].state(a, fmt::format("bank{}", i).c_str());
  for (CycleSlots& ports : ports_) ports.state(a, "ports");
  a.require(std::all_of(states_.begin(), states_.end(),
                        [](LineState state) { return state <= LineState::Owned; }),
            "states", "a state that no line has");
  require_reachable(a, "ready", ready_);
  require_reachable(a, "mshrs", mshrs_);
  require_reachable(a, "write_buffer", write_buffer_);
  if (a.is_loading()) clear_filters();
  if (classes_) a.group("classes", [this](Archive& nested) { classes_->state(nested); });
  if (outstanding_) a.group("outstanding", [this](Archive& nested) { outstanding_->state(nested); });
}

}  // namespace orrery
