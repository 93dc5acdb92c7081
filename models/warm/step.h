// Decoded instructions executed one by one, each told to the warmer: all accesses, unfiltered.
#pragma once

#include "cpu/exec/block_cache.h"
#include "models/warm/warmer.h"

namespace orrery {

// Executes the instruction, which has been fetched, and tells of what it does besides. Returns the
// next one; null when control leaves, and the frame says how.
const BlockOp* step_warm(Frame& frame, const BlockOp* op, Warmer& warmer);

// Executes up to `budget` instructions of the block from `op` on, which stands at `physical`, fetching
// each. Control has left afterwards, at the block's end or the budget's too.
void interpret_warm(Frame& frame, const BlockOp* op, PhysAddr physical, u64 budget, Warmer& warmer);

}  // namespace orrery
