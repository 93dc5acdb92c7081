// From the rows of the instruction table to IR.
#pragma once

#include "cpu/exec/block_cache.h"
#include "models/direct/ir.h"

namespace orrery::direct {

// `compressed`: the hart has C, so every even target is good (I, 2.5).
struct IrOptions {
  bool compressed = true;
  bool selects = true;  // branches over few instructions become selections
  bool unwatched = true;  // no warmer is to be told of what is executed: atomics and sstatus have nodes
  bool csrs = true;     // CSRs have nodes that are storage, or sstatus: the hart has C and S
};

// The first `count` instructions of the block, which begins at `page_offset` of its page.
// A branch over some of these instructions becomes a Skip (see can_skip()).
Ir build_ir(const Block& block, u64 count, u64 page_offset, const IrOptions& options);

// How many instructions the branch `block.ops[index]` jumps over, if these few only compute one
// register, so that executing them always and selecting the result beats a misprediction; else 0.
u64 can_skip(const Block& block, u64 index, const IrOptions& options);

}  // namespace orrery::direct
