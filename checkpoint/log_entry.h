// What a log says of a run: who executed how much, and everything that time or the world decided.
//
// Order of entries. The decisions of a hart (CSR reads, device accesses, store-conditionals, and
// the memory that devices wrote during them) stand, in their order, before the Run entry of the
// instructions that asked for them; an Interrupt stands where the hart took it; MemoryWrite with
// `value` 0 happened between instructions; a Check is about the moment at which it stands.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace orrery {

struct LogEntry {
  enum class Kind : u8 {
    Run,               // hart, value: instructions
    Interrupt,         // hart, value: cause
    Csr,               // hart, address: number, value          (Oracle::Kind, in its order)
    DeviceLoad,        // hart, address, value
    StoreConditional,  // hart, address, value
    DeviceStore,       // hart, address, value
    MemoryWrite,       // address, bytes: written by a device; value 1: during hart's instruction
    Input,             // bytes: from the console
    Check,             // hart, value: its steps, bytes: its comparable state (CBOR)
    RamCheck,          // bytes: digest of all RAM
    End,               // value: instructions executed by all harts since the beginning of the log,
                       // address: simulated time since then, in ticks
  };

  Kind kind = Kind::End;
  u32 hart = 0;
  u64 address = 0;
  u64 value = 0;
  std::vector<u8> bytes;

  bool operator==(const LogEntry&) const = default;
};

const char* kind_name(LogEntry::Kind kind);

// True for what an oracle answers with.
bool is_decision(LogEntry::Kind kind);

inline constexpr u64 most_entry_bytes = 64 * 1024;

void encode(const LogEntry& entry, std::vector<u8>& out);
// Takes one entry off the front of `in`; false when there is none of which sense can be made.
bool decode(std::span<const u8>& in, LogEntry& entry);

// Where a recorder puts its entries.
class EntrySink {
 public:
  virtual ~EntrySink() = default;
  virtual void take(LogEntry entry) = 0;
};

}  // namespace orrery
