// --hot-spots FILE: where a guest's cycles went under a timing model. Each cycle is one instruction's:
// of what committed in it the first, or what commits next (models/timing/pipeline_listener.h), or
// none's, while a hart sleeps or its pipeline runs empty.
//
//   cycles  percent  instructions  per instr.  mispredicted  L1D missed  where
//
// first by function (by page, where there is no name), then by instruction; the rows of each table add
// up to all cycles, all instructions. Instructions are told apart by their physical address.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "cpu/isa/extensions.h"
#include "memory/address_space.h"
#include "models/boot/symbols.h"
#include "models/timing/pipeline_listener.h"

namespace orrery {

class HotSpots {
 public:
  // `symbols` and `memory` outlive it.
  HotSpots(const SymbolTable& symbols, const AddressSpace& memory, const ExtensionSet& extensions,
           u32 harts);

  void retired(const Record& record, const PipelineListener::Outcome& outcome);
  void charged(HartId hart, const Record* record, u64 cycles);

  std::string report() const;

 private:
  struct Spot {
    u64 cycles = 0;
    u64 instructions = 0;
    u64 mispredicted = 0;
    u64 l1d_missed = 0;
    Spot& operator+=(const Spot& other);
  };
  struct Instruction : Spot {
    u64 pc = 0;
    std::string text;
  };
  struct Row;

  Instruction& at(const Record& record);
  std::string place(u64 pc) const;
  std::string table(std::vector<Row> rows, std::size_t most, const Spot& all) const;

  const SymbolTable& symbols_;
  const AddressSpace& memory_;
  const ExtensionSet extensions_;
  std::unordered_map<u64, Instruction> instructions_;  // by physical address
  Spot nobody_;
  struct Counted {
    bool begun = false;
    u64 cycles = 0;
  };
  std::vector<Counted> counted_;  // by hart
};

}  // namespace orrery
