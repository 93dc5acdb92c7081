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

// Pieces in the order of their code; the first one is where control enters. Of a loop with floating
// point that control enters at its head, the head stands there twice: what its first time through has
// found out of the f registers holds for the rest (float_state.h).
struct Region {
  std::vector<Piece> pieces;

  // Where a jump to this page offset goes: the last piece that begins there; null: none does.
  const Piece* at(i64 offset) const;
  std::size_t index_of(const Piece* piece) const { return static_cast<std::size_t>(piece - pieces.data()); }
  // How often each integer register is used, times eight for each loop around it.
  std::vector<u64> register_uses() const;
};

inline constexpr u64 most_pieces = 48;
inline constexpr u64 most_instructions = 320;

// Follows control from `entry`, straight on first. The IR is optimised.
Region build_region(BlockCache& blocks, const Block& entry, const IrOptions& options);

}  // namespace orrery::direct
