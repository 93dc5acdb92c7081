// Which function of the simulator, or which library, a host address lies in, and what part of the
// simulation that is. Local functions too: their names come from the program's own symbol table.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace orrery {

class HostSymbols {
 public:
  // Without names when the program was stripped.
  HostSymbols();

  struct Place {
    std::string function;  // "orrery::Mmu::walk"; "" when not known
    std::string part;      // "mmu"; "" for memory that is no file's
  };
  Place find(u64 address) const;

 private:
  struct Function {
    u64 begin, end;  // as linked
    std::string name;
  };
  std::vector<Function> functions_;  // by address
};

// The part of the simulation that a function of the simulator belongs to.
std::string part_of(std::string_view function);

}  // namespace orrery
