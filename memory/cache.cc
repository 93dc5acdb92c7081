#include "memory/cache.h"

#include <algorithm>
#include <bit>

#include "base/bits.h"
#include "memory/saved_ticks.h"

namespace orrery {
namespace {

constexpr const char* accesses = "accesses";

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
  p.child("replacement", replacement, "which line makes room");
  p.require(is_power_of_two(line.value) && line.value >= 8 && line.value <= 4096, "line",
            "must be a power of two from 8B to 4KiB");
  p.require(ways >= 1 && ways <= 1024, "ways", "must be 1..1024");
  p.require(size.value <= (u64{1} << 40) && size.value % (line.value * ways) == 0 &&
                is_power_of_two(size.value / line.value / ways),
            "size", "must be ways x line x a power of two");
  p.require(latency_cycles <= 10'000, "latency_cycles", "must be 0..10000");
  p.require(mshrs >= 1 && mshrs <= 1024, "mshrs", "must be 1..1024");
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
      line_bits_(static_cast<unsigned>(std::countr_zero(config.line.value))),
      line_size_(config.line.value),
      latency_cycles_(config.latency_cycles),
      latency_(config.latency_cycles * clock.period()),
      write_(config.write),
      write_allocate_(config.write_allocate),
      next_(next),
      uncacheable_(uncacheable),
      tags_({config.sets(), config.ways}, config.replacement),
      states_(tags_.size(), LineState::Invalid),
      ready_(tags_.size()),
      mshrs_(config.mshrs) {}

Answer Cache::submit(const Request& request, Tick now) {
  if (uncacheable_.contains(request.address)) return next_.submit(request, now);
  const u64 first = request.address.value() >> line_bits_;
  const u64 last = (request.address.value() + std::max(request.size, 1u) - 1) >> line_bits_;
  Answer answer = access(request, first, now);
  if (first == last || !answer.is_done()) return answer;
  // The first half is done, so the second waits for its MSHR rather than being refused.
  Answer second = access(request, last, now);
  while (second.is_refused()) second = access(request, last, second.tick);
  answer.tick = std::max(answer.tick, second.tick);
  return answer;
}

Answer Cache::access(const Request& request, u64 line, Tick now) {
  const std::size_t entry = tags_.find(line);
  return entry == TagArray::none ? miss(request, line, now) : hit(request, entry, now);
}

Answer Cache::hit(const Request& request, std::size_t entry, Tick now) {
  Tick done = now + latency_;
  bool is_merged = false;
  if (ready_[entry] > done) {
    done = ready_[entry];
    is_merged = true;
  }
  if (request.owns() && write_ == CacheConfig::Write::Back && states_[entry] == LineState::Shared) {
    Request permission = request;
    permission.address = address_of(tags_.key(entry));
    permission.size = static_cast<u32>(line_size_);
    permission.want = Want::Permission;
    const Answer answer = next_.submit(permission, now + latency_);
    if (answer.is_refused()) return Answer::refused(answer.tick - latency_);
    states_[entry] = LineState::Exclusive;
    done = std::max(done, answer.tick);
    ++upgrades;
  }
  if (request.writes()) {
    if (write_ == CacheConfig::Write::Back) {
      states_[entry] = LineState::Modified;
    } else {
      const Answer answer = next_.submit(request, now + latency_);
      if (answer.is_refused()) return Answer::refused(answer.tick - latency_);
      done = std::max(done, answer.tick);
    }
  }
  tags_.touch(entry, {request.pc, request.kind});
  if (is_merged) ++merged;
  ++hits[static_cast<unsigned>(request.kind)];
  return Answer::done(done, states_[entry] == LineState::Shared);
}

Answer Cache::miss(const Request& request, u64 line, Tick now) {
  const auto kind = static_cast<unsigned>(request.kind);
  const bool allocate = request.kind != RequestKind::Writeback &&
                        (write_allocate_ || !request.writes());
  if (!allocate) {
    const Answer answer = next_.submit(request, now + latency_);
    if (answer.is_refused()) return Answer::refused(answer.tick - latency_);
    ++misses[kind];
    return answer;
  }

  const auto mshr = std::min_element(mshrs_.begin(), mshrs_.end());
  if (*mshr > now) {
    if (request.kind == RequestKind::Prefetch) return Answer::done(now);  // dropped
    ++refusals;
    return Answer::refused(*mshr);
  }
  Request below = request;
  below.address = address_of(line);
  below.size = static_cast<u32>(line_size_);
  below.want = Want::Line;
  Answer answer = next_.submit(below, now + latency_);
  if (answer.is_refused()) return Answer::refused(answer.tick - latency_);
  ++misses[kind];
  *mshr = answer.tick;
  fill(line, request, answer, now);
  if (request.writes() && write_ == CacheConfig::Write::Through) {
    const Answer written = next_.submit(request, now + latency_);
    answer.tick = std::max(answer.tick, written.is_done() ? written.tick : answer.tick);
  }
  answer.tick = std::max(answer.tick, now + latency_);
  return answer;
}

void Cache::fill(u64 line, const Request& request, const Answer& answer, Tick now) {
  const std::size_t entry = tags_.room_for(line);
  if (tags_.key(entry) != TagArray::no_key) {
    ++evictions;
    if (states_[entry] == LineState::Modified) {
      ++writebacks;
      Request writeback;
      writeback.address = address_of(tags_.key(entry));
      writeback.size = static_cast<u32>(line_size_);
      writeback.hart = request.hart;
      writeback.kind = RequestKind::Writeback;
      next_.submit(writeback, now + latency_);
    }
  }
  tags_.put(entry, line, {request.pc, request.kind});
  ready_[entry] = answer.tick;
  const bool dirty = request.writes() && write_ == CacheConfig::Write::Back;
  states_[entry] = answer.shared ? LineState::Shared
                   : dirty       ? LineState::Modified
                                 : LineState::Exclusive;
}

LineState Cache::snoop(PhysAddr address, bool take) {
  const std::size_t entry = tags_.find(address.value() >> line_bits_);
  if (entry == TagArray::none) return LineState::Invalid;
  const LineState old = states_[entry];
  if (old == LineState::Modified) ++writebacks;
  states_[entry] = take ? LineState::Invalid : LineState::Shared;
  if (take) {
    tags_.remove(entry);
    ++invalidations;
  }
  return old;
}

LineState Cache::find(PhysAddr address) const {
  const std::size_t entry = tags_.find(address.value() >> line_bits_);
  return entry == TagArray::none ? LineState::Invalid : states_[entry];
}

void Cache::invalidate_all() {
  tags_.clear();
  states_.assign(states_.size(), LineState::Invalid);
}

void Cache::state(Archive& a) {
  tags_.state(a);
  a("states", std::span<LineState>(states_));
  a("ready", std::span<Tick>(ready_));
  a("mshrs", std::span<Tick>(mshrs_));
  require_reachable(a, "ready", ready_);
  require_reachable(a, "mshrs", mshrs_);
}

}  // namespace orrery
