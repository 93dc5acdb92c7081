// What the model tells of its translations, to whoever shows or measures them.
#pragma once

#include <span>
#include <vector>

#include "base/types.h"
#include "models/direct/ir.h"

namespace orrery {

namespace direct {
class Emitter;
struct Region;
struct Thunks;
}  // namespace direct

// A guest instruction of a translation. Its host code ends where the next one's begins; one that a
// pass has removed altogether has none.
struct TranslatedInstruction {
  u64 pc = 0;  // virtual, where the translation is about to be executed for the first time
  PhysAddr physical;
  u8 length = 0;  // bytes
  u64 host_offset = 0;
  std::vector<direct::Ref> roots;  // what it does, after the passes
};

// Instructions that follow one another, and their host code, which begins with what is not any
// instruction's.
struct TranslatedPiece {
  std::vector<TranslatedInstruction> instructions;  // at least one
  u64 host_offset = 0;
  const direct::Ir* ir = nullptr;
};

// Control enters at the first piece.
struct Translation {
  std::vector<TranslatedPiece> pieces;  // at least one, in the order of their host code
  u64 body_end = 0;  // host offset of the rare paths and exits, which stand behind the pieces
  std::span<const u8> code;  // where it is executed
  const direct::Thunks* thunks = nullptr;  // what the code jumps to and calls

  const TranslatedInstruction& first() const { return pieces.front().instructions.front(); }
  u64 instructions() const;
  u64 guest_bytes() const;
};

// Contract: translated() is called once for each piece of host code, after it was placed and before
// it is executed. The code stays at its address until cleared(), even when it is not used any more;
// afterwards others may stand there. Nothing of the translation but its code outlives the call.
// Listeners change nothing that the guest could see.
class TranslationListener {
 public:
  virtual ~TranslationListener() = default;
  virtual void translated(const Translation& translation) = 0;
  virtual void cleared() = 0;
};

// `pc`: of the region's first instruction.
Translation describe(const direct::Region& region, const direct::Emitter& emitter, u64 pc,
                     std::span<const u8> code, const direct::Thunks& thunks);

// Names of the places that translated code goes to: "link", "access", ...
struct HostName {
  const u8* at;
  const char* name;
};
std::vector<HostName> names_of(const direct::Thunks& thunks);

}  // namespace orrery
