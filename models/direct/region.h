// What is translated at once: the basic blocks of one page that control reaches from a hot place
// without leaving the page, loops and all. Between them nothing is checked but the budget, and guest
// registers stay where they are.
#pragma once

#include <vector>

#include "cpu/exec/block_cache.h"
#include "models/direct/ir.h"
#include "models/direct/ir_builder.h"

namespace orrery::direct {

// A basic block: the first `count` instructions of a decoded block.
struct Piece {
  const Block* block = nullptr;
  u64 offset = 0;  // in the page
  u64 count = 0;
  Ir ir;

  const BlockOp& op(u16 index) const { return block->ops[index]; }
  u64 end() const { return offset + block->ops[count].offset; }
};

// Pieces in the order of their code; the first one is where control enters.
struct Region {
  std::vector<Piece> pieces;

  // The piece that begins at this page offset; null: none does.
  const Piece* at(i64 offset) const;
  // How often each integer register is used, times eight for each loop around it.
  std::vector<u64> register_uses() const;
};

inline constexpr u64 most_pieces = 48;
inline constexpr u64 most_instructions = 320;

// Follows control from `entry`, straight on first. The IR is optimised.
Region build_region(BlockCache& blocks, const Block& entry, const IrOptions& options);

}  // namespace orrery::direct
