// A cache: tags, states and times; the values are in RAM.
//
// Set-associative, write-back or write-through, non-blocking. A line that is under way has its tag
// already and a ready time: an access that finds it waits for that (a merged miss). Each line under
// way takes a miss status register (MSHR); without a free one the access is refused. An evicted
// dirty line leaves when the miss that evicts it is sent on.
//
// A prefetcher sends for lines through the same MSHRs; one of those stays free for demand. A line that
// it brought is marked until its first demand access, which is no fast hit.
//
// A level with caches above it is inclusive (it holds what they hold: a line evicted here goes from
// them too), exclusive (it holds what they gave up: a line moves up when it is asked for) or neither.
//
// Bytes are counted where they pass: at a level what is asked of it and what it asks below, not what
// passes it by (uncacheable accesses). While a fast model keeps them warm, first levels count no bytes
// above, as they count no hits.
//
// Not modelled: bandwidth of the bus to the level below; what prefetches, fills, snoops and lines from
// above take of the array's banks and ports.
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/rate.h"
#include "memory/address_ranges.h"
#include "memory/cycle_slots.h"
#include "memory/line_filter.h"
#include "memory/miss_classes.h"
#include "memory/outstanding.h"
#include "memory/port.h"
#include "memory/prefetcher.h"
#include "memory/tag_array.h"

namespace orrery {

struct CacheConfig {
  enum class Write { Back, Through };

  Bytes size{32 << 10};
  u32 ways = 8;
  Bytes line{64};
  u32 latency_cycles = 2;
  u32 mshrs = 8;
  Write write = Write::Back;
  bool write_allocate = true;
  u32 banks = 0;
  u32 ports = 0;
  u32 write_buffer = 0;
  ReplacementPolicies::Choice replacement{"lru"};
  Prefetchers::Choice prefetcher{"none"};
  bool classify_misses = false;
  bool count_outstanding = false;

  void visit(Params& p);
  u32 sets() const { return static_cast<u32>(size.value / line.value / ways); }
};

enum class Inclusion : u8 { None, Inclusive, Exclusive };

// Invalid lines have no tag. Exclusive: clean, nobody else has it; Modified: dirty; Owned: dirty, and
// others share it. "Nobody else" leaves out the caches above and below this one.
enum class LineState : u8 { Invalid, Shared, Exclusive, Modified, Owned };

inline bool is_dirty(LineState state) {
  return state == LineState::Modified || state == LineState::Owned;
}
inline bool is_shared(LineState state) {
  return state == LineState::Shared || state == LineState::Owned;
}

class Cache final : public Component, public TimingPort, public Holder {
 public:
  // `uncacheable` accesses pass through to `next`. Both outlive the cache.
  Cache(Component* parent, std::string name, const CacheConfig& config, const Clock& clock,
        TimingPort& next, const AddressRanges& uncacheable);

  // True: the access hits and is done latency_cycles from `now`, which changed no state (the
  // statistics count it). False says nothing: submit() decides.
  bool fast_hit(PhysAddr address, u32 size, RequestKind kind, Tick now) {
    const std::size_t entry = tags_.find_recent(address.value() >> line_bits_);
    if (entry == TagArray::none || ready_[entry] > now ||
        (address.value() & (line_size_ - 1)) + size > fast_size_)
      return false;
    const bool writes = kind == RequestKind::Store || kind == RequestKind::Atomic;
    if (writes && states_[entry] != LineState::Modified) return false;
    ++hits[static_cast<unsigned>(kind)];
    (writes ? bytes_written : bytes_read) += size;
    return true;
  }

  // The caches above, which this level looks after; called while the hierarchy is built.
  void set_above(Holder& above, Inclusion inclusion) {
    above_ = &above;
    inclusion_ = inclusion;
  }
  // An instruction cache whose copies stores take: fence.i has nothing to do.
  void set_coherent() { coherent_ = true; }

  Answer submit(const Request& request, Tick now) override;
  Tick evict(const Request& victim, Tick now) override;

  bool snoop(PhysAddr line, Snoop how) override;
  bool holds(PhysAddr line) const override;
  bool holds_dirty(PhysAddr line) const override;

  LineState find(PhysAddr address) const;
  // Every line here, with its state.
  template <class Visit>
  void for_each_line(Visit&& visit) const {
    for (std::size_t entry = 0; entry < tags_.size(); ++entry)
      if (tags_.key(entry) != TagArray::no_key) visit(address_of(tags_.key(entry)), states_[entry]);
  }
  // What is taken after `now`, and until when; lines: those that have not arrived.
  struct UnderWay {
    std::vector<Tick> mshrs, write_buffer, arrays;  // arrays: banks and ports
    std::vector<std::pair<PhysAddr, Tick>> lines;

    bool is_nothing() const { return mshrs.empty() && write_buffer.empty() && arrays.empty() && lines.empty(); }
  };
  UnderWay under_way(Tick now) const;
  const Holder* above() const { return above_; }
  Inclusion inclusion() const { return inclusion_; }

  // fence.i on an instruction cache: drops every line, unless stores take them in time.
  void fence_i();

  // From now on keeps in `loads` and `stores` the lines that a Load or Fetch, or a Store, may hit
  // without changing any state; `offset` is added to their addresses. They outlive the cache, or are
  // taken back (null; `stores` may be null alone).
  void publish(LineFilter* loads, LineFilter* stores, u64 offset);
  // Hits are left out from now on, and not counted; misses are warm_misses.
  void set_warming(bool warming) { warming_ = warming; }
  // Otherwise banks and ports have room for every access, and remember none.
  void set_limited(bool limited) { limited_ = limited; }
  u32 filter_slots() const { return filter_slots_; }  // used: by the lowest bits of the line's number

  u32 latency_cycles() const { return latency_cycles_; }
  u64 line_size() const { return line_size_; }

  void state(Archive& a) override;
  bool is_timing_state() const override { return true; }

  std::array<Counter, request_kinds> hits;
  std::array<Counter, request_kinds> misses;
  Counter warm_misses{this, "warm_misses", "accesses",
                      "misses while a fast model kept this warm; its hits are not counted"};
  Counter merged{this, "merged", "accesses", "hits whose line was still under way"};
  Counter evictions{this, "evictions", "lines", "lines replaced"};
  Counter writebacks{this, "writebacks", "lines", "dirty lines replaced, or given up to another cache"};
  Counter upgrades{this, "upgrades", "accesses", "stores that had to ask for the right to write"};
  Counter invalidations{this, "invalidations", "lines", "lines taken by another cache"};
  Counter refusals{this, "refusals", "accesses", "accesses refused for lack of a free MSHR"};
  Ratio miss_ratio;
  Counter bytes_read{this, "bytes_read", "bytes", "read by what is above"};
  Counter bytes_written{this, "bytes_written", "bytes", "written by what is above"};
  Counter bytes_taken{this, "bytes_taken", "bytes", "clean lines that what is above gave up to this exclusive level"};
  Rate bandwidth_above{this, "bandwidth_above", "bytes per second", {&bytes_read, &bytes_written, &bytes_taken},
                       "between this cache and what is above"};
  Counter bytes_from_below{this, "bytes_from_below", "bytes", "that came from the level below"};
  Counter bytes_to_below{this, "bytes_to_below", "bytes", "sent to the level below: dirty lines, and what is written through"};
  Rate bandwidth_below{this, "bandwidth_below", "bytes per second", {&bytes_from_below, &bytes_to_below},
                       "between this cache and the level below"};
  Counter bytes_snooped{this, "bytes_snooped", "bytes", "dirty lines that snoops found here, given to who asked"};
  Counter bank_conflicts{this, "bank_conflicts", "accesses", "accesses that waited for a bank or a port"};
  Counter write_buffer_refusals{this, "write_buffer_refusals", "accesses",
                                "accesses refused because dirty lines filled the write buffer"};
  Counter prefetches_issued{this, "prefetches_issued", "lines", "lines that this cache's prefetcher brought"};
  Counter prefetches_useful{this, "prefetches_useful", "lines", "of these, lines then asked for"};
  Counter prefetches_late{this, "prefetches_late", "lines", "useful ones that were still under way"};
  Counter prefetches_useless{this, "prefetches_useless", "lines", "prefetched lines that left without being asked for"};
  Counter prefetches_dropped{this, "prefetches_dropped", "lines",
                             "lines not sent for: no MSHR but the last was free, or the write buffer was full"};
  Ratio prefetch_accuracy{this, "prefetch_accuracy", "useful per issued", {&prefetches_useful}, {&prefetches_issued},
                          "of the lines that this cache's prefetcher brought"};
  Ratio prefetch_coverage;

 private:
  Answer access(const Request& request, u64 line, Tick now);
  template <class Attempt>
  Answer insist(Tick now, Attempt&& attempt);
  Answer submit_below(const Request& request, Tick now);
  Answer hit(const Request& request, std::size_t entry, Tick now);
  Answer miss(const Request& request, u64 line, Tick now);
  void fill(u64 line, const Request& request, const Answer& answer, Tick now);
  void prefetch(const Request& request, u64 line, bool hit, bool first_use, Tick now);
  void end_prefetch(std::size_t entry);
  bool write_buffer_full(u64 line, Tick now) const;
  Tick begin(u64 line, Tick now) const;
  // Puts a line in place of another, which leaves.
  void put(u64 line, LineState state, Tick ready, const Request& request, Tick now);
  void give_up(std::size_t entry, HartId hart, Tick now);
  bool allocates(const Request& request, u64 line) const;
  PhysAddr address_of(u64 line) const { return PhysAddr{line << line_bits_}; }
  void note(u64 line);
  void forget_noted(u64 line);
  void clear_filters();

  const unsigned line_bits_;
  const u64 line_size_;
  const u64 fast_size_;  // what a fast hit may reach to in its line; 0: every access is looked at
  const u32 latency_cycles_;
  const u64 latency_;  // ticks
  const CacheConfig::Write write_;
  const bool write_allocate_;
  TimingPort& next_;
  const AddressRanges& uncacheable_;
  TagArray tags_;
  std::vector<LineState> states_;
  std::vector<Tick> ready_;  // of each entry: when its line has arrived
  std::vector<Tick> mshrs_;  // when each is free again
  std::vector<Tick> write_buffer_;  // the same
  std::vector<CycleSlots> banks_;   // empty: no limit
  std::vector<CycleSlots> ports_;   // the same; else one, of all ports
  std::unique_ptr<Prefetcher> prefetcher_;
  u32 observed_ = 0;                // bit `kind`: the prefetcher is told of all of them
  std::vector<u8> prefetched_;      // each entry: brought by the prefetcher and not used since
  std::vector<u64> candidates_;     // within prefetch() only
  Holder* above_ = nullptr;  // null: nobody there whom this level looks after
  Inclusion inclusion_ = Inclusion::None;
  bool coherent_ = false;
  bool warming_ = false;
  bool limited_ = true;
  LineFilter* loads_ = nullptr;   // published; null: nobody looks
  LineFilter* stores_ = nullptr;
  u64 filter_offset_ = 0;
  u32 filter_slots_ = 0;
  std::optional<MissClasses> classes_;
  std::optional<Outstanding> outstanding_;
};

}  // namespace orrery
