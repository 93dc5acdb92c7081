// What translated code and the model tell each other.
#pragma once

#include <vector>

#include "cpu/exec/frame.h"

namespace orrery {
class Warmer;
}

namespace orrery::direct {

// The code of the blocks of a guest page, by half of the page offset; null: none yet. Translated code
// finds inline where a jump to another page goes (Emitter::look_up).
struct JumpPage {
  u64 page = 1;  // its address; odd: never one
  const u8* const* code = nullptr;
};
inline constexpr u64 jump_pages = 1024;  // a power of two
inline u64 jump_index(u64 pc) { return pc >> page_bits & (jump_pages - 1); }

// A jump from one translated block to another place of the same page, to be patched once there is
// code for that place.
struct Link {
  u8* site = nullptr;  // the jmp instruction
  u32 target = 0;      // page offset
};

// Why translated code came back.
enum class Leave : u32 {
  Resume,  // go on at page offset `value` of the page of `pc`: the budget, or dropped code
  Link,    // the same; `value` is the number of the Link that led there
  Lookup,  // go on at `pc`
  Left,    // an interpreter's handler left the block: the frame says how
};

// One call of translated code. Its layout is known to the thunks.
struct Activation {
  Frame* frame = nullptr;
  u64* registers = nullptr;  // &hart.x[16]: what the code's base register points to
  u64 pc = 0;                // in the page that executes; exact after Lookup
  u64 budget = 0;            // instructions left; the running piece is charged already
  u64 last_step = 0;         // hart.steps when the budget is used
  const JumpPage* jumps = nullptr;
  u32 value = 0;
  std::vector<BlockOp> rest;  // scratch of a handler
  Warmer* warmer = nullptr;  // told of what is executed; null: nobody is
  u32 mxcsr = 0;             // exceptions that the host's FPU has noted, not yet in hart.fflags

  // MXCSR's IE DE ZE OE UE PE become NV DZ OF UF NX (I, 20.2).
  void merge_flags() {
    frame->hart.fflags |= static_cast<u8>((mxcsr & 1) << 4 | (mxcsr & 4) << 1 | (mxcsr & 8) >> 1 |
                                          (mxcsr & 16) >> 3 | (mxcsr & 32) >> 5);
    mxcsr = 0;
  }
};

}  // namespace orrery::direct
