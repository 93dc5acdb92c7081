// The passes over a block's IR: small pure functions, in this order.
#pragma once

#include "models/direct/ir.h"

namespace orrery::direct {

// What a Skip jumps over becomes a selection.
void select_skipped(Ir& ir);

// Registers whose value is known (lui, auipc, li sequences) become constants where they are read,
// and operations on constants are carried out. A jump to a known place becomes a Goto.
void fold_constants(Ir& ir);

// Removes what is written to a register and written again before anybody could see it.
void remove_dead_writes(Ir& ir);

// Removes values that nobody uses.
void remove_unused(Ir& ir);

// A result that is a NaN has to be the canonical one only where it can be seen: not when arithmetic
// overwrites its register before anything else looks, for which any NaN is as good (I, 20.3). Except
// for fma, of which the handler knows a flag that the host does not raise (emit_float.cc).
void defer_nan_checks(Ir& ir);

inline void optimise(Ir& ir) {
  select_skipped(ir);
  fold_constants(ir);
  remove_dead_writes(ir);
  remove_unused(ir);
  defer_nan_checks(ir);
}

}  // namespace orrery::direct
