// From the rows of the instruction table to IR.
#pragma once

#include "cpu/exec/block_cache.h"
#include "models/direct/ir.h"

namespace orrery::direct {

// `compressed`: the hart has C, so every even target is good (I, 2.5).
struct IrOptions {
  bool compressed = true;
};

// The first `count` instructions of the block, which begins at `page_offset` of its page.
Ir build_ir(const Block& block, u64 count, u64 page_offset, const IrOptions& options);

}  // namespace orrery::direct
