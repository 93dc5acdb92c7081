// What a timing model's core is told of each instruction as it is fetched, already executed.
#pragma once

#include <array>
#include <optional>

#include "base/types.h"
#include "cpu/isa/op.h"

namespace orrery {

// The address spaces that a hart's accesses are translated in. A context names satp's table.
struct SpaceId {
  static constexpr u32 untranslated = ~u32{0};
  u32 fetch = untranslated;
  u32 data = untranslated;
};

// How an instruction goes through a core, besides: one byte, which is handed on as such.
struct Manner {
  bool alone : 1 = false;     // it enters an empty pipeline only (models/cpu_model.h)
  bool restarts : 1 = false;  // ... and what follows is fetched anew when it is done
  bool exact : 1 = false;     // a square root without remainder
  bool trapped : 1 = false;   // it raised an exception, and has no memory access then
};

// A line of the host's cache.
struct Record : Footprint, Manner {
  static constexpr PhysAddr nowhere{~u64{0}};

  u8 division_bits = 0;  // bits that the dividend is longer than the divisor
  u32 operands = 0;      // division: stands for the operation and its operands
  u64 pc = 0;
  u64 next_pc = 0;      // where execution went on: a trap's handler too
  PhysAddr fetch;       // physical address of the first byte
  u64 address = 0;      // virtual, of the memory access; a branch: where it goes when taken
  PhysAddr physical;
  PhysAddr second = nowhere;  // of the first byte on the next page, of an access that crosses pages
};
static_assert(sizeof(Record) == 64);

// What a page walk reads, and what it finds.
struct WalkSteps {
  std::array<PhysAddr, 5> entries;  // addresses of page-table entries, root first
  u8 count = 0;
  u8 level = 0;                     // of the page found: 0 4 KiB, 1 2 MiB ...
};

// What the core asks of the functional side, rarely: a TLB misses, a branch is mispredicted. None
// of it has any effect on the machine.
class FunctionalSide {
 public:
  virtual ~FunctionalSide() = default;
  virtual WalkSteps walk(u64 address, bool fetch) = 0;
  // Where an instruction at `address` would be fetched from; nothing when it could not be.
  virtual std::optional<PhysAddr> fetch_address(u64 address) = 0;

  // The wrong path: what stands at `pc`, executed on a copy of the registers as they are now. The
  // path goes where it computes, or, after turn_wrong_path(), where a prediction says. The hart
  // enters nothing before the last step. False: the path ends here.
  virtual void begin_wrong_path(u64 pc) = 0;
  virtual bool step_wrong_path(Record& record) = 0;
  virtual void turn_wrong_path(u64 pc) = 0;
};

}  // namespace orrery
