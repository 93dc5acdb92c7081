// What the pipeline is told of each instruction as it enters, already executed.
#pragma once

#include <array>
#include <optional>

#include "base/types.h"
#include "cpu/isa/op.h"

namespace orrery {

struct Record {
  enum class Flow : u8 { Sequential, Conditional, Direct, Indirect };
  enum class Memory : u8 { None, Load, Store, Atomic, Device };

  u64 pc = 0;
  u64 next_pc = 0;      // where execution went on: a trap's handler too
  u64 target = 0;       // Conditional, Direct: where it goes when taken
  PhysAddr fetch;       // physical address of the first byte
  OpClass op_class = OpClass::IntAlu;
  u8 length = 4;
  std::array<u8, 3> source{};  // registers as Op numbers them
  u8 dest = no_dest;
  Flow flow = Flow::Sequential;
  bool is_call = false;    // the hints of I, 2.5.1
  bool is_return = false;
  bool trapped = false;    // raised an exception; it has no memory access then
  bool alone = false;      // entered an empty pipeline (Pipeline::Entry::Empty)
  bool restarts = false;   // alone, and what follows is fetched anew when it is done
  u8 division_steps = 0;  // bits that the dividend is longer than the divisor

  Memory memory = Memory::None;
  u8 size = 0;
  u64 address = 0;         // virtual
  PhysAddr physical;
};

// The address space that a hart's accesses are translated in. A context names satp's table.
struct SpaceId {
  static constexpr u32 untranslated = ~u32{0};
  u32 fetch = untranslated;
  u32 data = untranslated;
};

// What a page walk reads, and what it finds.
struct WalkSteps {
  std::array<PhysAddr, 5> entries;  // addresses of page-table entries, root first
  u8 count = 0;
  u8 level = 0;                     // of the page found: 0 4 KiB, 1 2 MiB ...
};

// What the pipeline asks of the functional side; rarely (a TLB misses, a branch is mispredicted).
// None of it has any effect on the machine.
class TranslationProbe {
 public:
  virtual ~TranslationProbe() = default;
  virtual WalkSteps walk(u64 address, bool fetch) = 0;
  // Where an instruction at `address` would be fetched from; nothing when it could not be.
  virtual std::optional<PhysAddr> fetch_address(u64 address) = 0;
  // Begins the wrong path at `pc`, from the hart's state as it is; the hart enters nothing before
  // the last next_wrong().
  virtual void begin_wrong_path(u64 pc) = 0;
  // What the next instruction there does. False: the path cannot be followed any further.
  virtual bool next_wrong(Record& record) = 0;
};

}  // namespace orrery
