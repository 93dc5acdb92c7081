// --profile FILE: where the simulating thread's processor time goes. Samples in translated code
// count for the guest code that it was made of, the others for a part of the simulator:
//
//   percent  where
//      61.2  translated code
//       9.8  translation
//   ...
//   percent  physical          pc                guest  bytes  host  made  symbol
//      12.1  0000000080201234  ffffffff80001234     18     60   540     1  memcpy+0x10
//
// pc is where the code was first executed; with address spaces it may be elsewhere as well. A second
// table has single guest instructions; what is executed on the way between them or in rare paths
// counts for the translation alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "frontend/host_symbols.h"
#include "frontend/sampler.h"
#include "models/boot/symbols.h"
#include "models/direct/listing.h"

namespace orrery {

class Profile final : public TranslationListener {
 public:
  // Measures from here on. `symbols` outlives it.
  explicit Profile(const SymbolTable& symbols) : symbols_(symbols) {}

  void translated(const Translation& translation) override;
  void cleared() override;
  // Now and then, so that no sample is lost.
  void poll() { drain(); }

  std::string report();

  // Attributes one sample; for poll() and the tests.
  void sample(u64 host_pc);

 private:
  struct Region {  // guest code, by the physical address of its first instruction
    u64 pc = 0;
    u64 instructions = 0, guest_bytes = 0, host_bytes = 0;
    u64 made = 0;  // how often it was translated
    u64 samples = 0;
  };
  struct Instruction {
    u64 host_offset = 0;
    u64 pc = 0;
    u64 physical = 0;
  };
  struct Code {  // host code that stands now
    u64 end = 0;
    u64 body_end = 0;  // as an offset
    Region* region = nullptr;
    std::vector<Instruction> instructions;  // by offset
  };
  struct Hot {
    u64 pc = 0;
    u64 samples = 0;
  };

  void drain();
  void sample_instruction(const Code& code, u64 offset);
  std::string region_table(u64 all) const;
  std::string instruction_table(u64 all) const;

  const SymbolTable& symbols_;
  HostSymbols host_;
  std::map<u64, Region> regions_;
  std::map<u64, Hot> instructions_;  // by physical address
  std::map<u64, Code> code_;  // by host address
  std::map<u64, u64> elsewhere_;  // samples by host pc
  Sampler sampler_;  // the last one: it begins when all is in place
};

}  // namespace orrery
