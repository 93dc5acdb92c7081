// Instructions too irregular for a row's expression: CSR access, environment calls, returns from
// traps, fences of translation, cache-block operations. One function each, named as its row says;
// every model calls the same. The hart's pc, time and steps are exact when they are called.
#pragma once

#include "cpu/arch/hart.h"
#include "cpu/isa/op.h"

namespace orrery {

enum class Flow : u8 {
  Next,  // on to the following instruction
  Look,  // the same, but interrupts, horizon or address space may have changed
  Jump,  // the helper has set hart.pc
  Trap,
  Wait,  // nothing was done: repeat once the other harts have caught up
};

struct Outcome {
  Flow flow = Flow::Next;
  Trap trap{};
};

namespace helpers {
#define INSN_OF(...)
#define HELPER_OF(ext, name, encoding, form, cls, function) Outcome function(Hart& hart, const Op& op);
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF
}  // namespace helpers

}  // namespace orrery
