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

struct Record {
  static constexpr PhysAddr nowhere{~u64{0}};
  enum class Flow : u8 { Sequential, Conditional, Direct, Indirect };
  enum class Memory : u8 { None, Load, Store, Atomic, Device };

  u64 pc = 0;
  u64 next_pc = 0;      // where execution went on: a trap's handler too
  PhysAddr fetch;       // physical address of the first byte
  u64 address = 0;      // virtual, of the memory access; a branch: where it goes when taken
  PhysAddr physical;
  PhysAddr second = nowhere;  // of the first byte on the next page, of an access that crosses pages
  OpClass op_class = OpClass::IntAlu;
  Flow flow = Flow::Sequential;
  Memory memory = Memory::None;
  u8 size = 0;
  u8 length = 4;
  std::array<u8, 3> source{};  // registers as Op numbers them
  u8 dest = no_dest;
  u8 division_bits = 0;  // bits that the dividend is longer than the divisor
  u32 operands = 0;      // division: stands for the operation and its operands
  bool exact = false;    // a square root without remainder
  bool is_call = false;  // the hints of I, 2.5.1
  bool is_return = false;
  bool trapped = false;  // raised an exception; it has no memory access then
  bool alone = false;    // entered an empty pipeline
  bool acquire = false;  // an atomic that is ahead of what follows it (A, 13.1)
  bool restarts = false; // alone, and what follows is fetched anew when it is done
};

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
