// The instructions in flight, in program order, in one ring:
//
//   head (oldest not committed) <= renamed (first not renamed) <= decoded <= tail (next to be fetched)
//
// A sequence number names an instruction while it is in the ring; those of squashed instructions are
// given again. What is due later carries the instruction's `id` too, which is never given again.
//
// Records behind the tail: when instructions of the right path are squashed (a load went ahead of a
// store), their records stay where they are, up to `known`, and are fetched again from there. A wrong
// path begins at `known` and takes slots that no record is in.
#pragma once

#include <vector>

#include "cpu/arch/events.h"
#include "models/outoforder/accounting.h"
#include "models/outoforder/calendar.h"
#include "models/timing/record.h"

namespace orrery::ooo {

inline constexpr u64 no_sequence = ~u64{0};
inline constexpr u32 no_link = ~u32{0};

// A part of an instruction that waits in an issue queue: all of it, or of a store the address
// (part 0) and what is stored (part 1).
struct Part {
  Cycle ready;                 // the latest of what it waited for so far
  std::array<u32, 3> next{};   // the next one that waits for the same result, by source
  u8 waits = 0;                // sources whose time is not known
  u8 queue = 0;
};

// What keeps a load from being done.
enum class WaitsFor : u8 { Nothing, Place, Stores, Cache };

// In the order of what is used together: a line of the host's cache each for what was fetched, for when
// it happens, for what it waits for, and for memory accesses.
struct alignas(64) Slot {
  Record record;

  u64 sequence;
  u32 id = 0;
  u32 data_space;  // in which its access is translated
  Cycle due;       // fetched: at the decoder; decoded: at rename
  Cycle result;    // when dependents may issue; never_cycle: not known
  Cycle complete;  // when it may commit; never_cycle: not known
  u64 previous;    // producer of the destination before
  u32 first_waiting = no_link;  // parts that wait for the result: link()
  u16 events = 0;  // that counters count when it commits, a bit each (cpu/arch/events.h)
  CycleCause cause;  // why it came to the decoder no earlier
  u8 bubbles;      // behind it, when it is a branch predicted to be taken
  u8 entry_size;   // of the reorder buffer's entry that it begins; 0: it shares one
  u8 unknown;      // parts not issued yet
  bool wrong;      // on a wrong path
  bool mispredicted;
  bool violated;   // a load that went ahead of a store that it depends on
  bool walked;     // its translation is done, or under way until `translated`
  WaitsFor waits_for;  // a load that has been tried
  bool renamed_before;  // and squashed then

  std::array<Part, 2> part;
  std::array<u32, 3> producer;  // place of each source's writer, no_link: ready at rename

  // Set when it has an access only.
  Cycle hit;       // a load: when a hit would have been ready
  Cycle translated;  // a load: when a hit of the TLB and the cache would have been ready
  u64 memory;      // its place in the load or store queue
  u64 stores;      // the store queue's tail when it was renamed: what is older
};
static_assert(sizeof(Slot) == 256);

// An event's bit in Slot::events.
constexpr u16 event_bit(Event event) { return static_cast<u16>(1u << static_cast<unsigned>(event)); }

class Window {
 public:
  explicit Window(u32 most) {
    u64 size = 64;
    while (size < most) size *= 2;
    mask_ = size - 1;
    slots_.resize(size);
  }

  static u32 link(u32 place, u32 part, u32 source) { return place * 8 + part * 4 + source; }

  Slot& operator[](u64 sequence) { return slots_[place(sequence)]; }
  const Slot& operator[](u64 sequence) const { return slots_[place(sequence)]; }
  u64 capacity() const { return mask_ + 1; }

  // It is written soon. With many harts the ring of each is no longer in the host's near caches.
  void expect(u64 sequence) const {
    const char* slot = reinterpret_cast<const char*>(&slots_[place(sequence)]);
    for (std::size_t line = 0; line < sizeof(Slot); line += alignof(Slot)) __builtin_prefetch(slot + line, 1);
  }

  // The slot's index, which links and things due later name it by.
  u32 place(u64 sequence) const { return static_cast<u32>(sequence & mask_); }
  u32 place(const Slot& slot) const { return place(slot.sequence); }
  Slot& at(u32 index) { return slots_[index]; }

  // Instructions from here on are of a wrong path; no_sequence: there is none.
  u64 wrong_from = no_sequence;

 private:
  u64 mask_;
  std::vector<Slot> slots_;
};

}  // namespace orrery::ooo
