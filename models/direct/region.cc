#include "models/direct/region.h"

#include <algorithm>
#include <deque>
#include <map>

#include "memory/ram.h"
#include "models/direct/passes.h"

namespace orrery::direct {
namespace {

// Finds where the basic blocks of a region begin.
class Explorer {
 public:
  Explorer(BlockCache& blocks, const Block& entry, const IrOptions& options)
      : blocks_(blocks), options_(options), page_(entry.physical.value() & ~(page_size - 1)) {
    const u64 offset = entry.physical.value() - page_;
    begins_[offset] = &entry;
    todo_.push_back(offset);
    // Near places first, those that have been executed before those that have not.
    while ((!todo_.empty() || !unlikely_.empty()) && instructions_ < most_instructions) {
      std::deque<u64>& queue = todo_.empty() ? unlikely_ : todo_;
      const u64 next = queue.front();
      queue.pop_front();
      explore(next, *begins_[next]);
    }
  }

  const std::map<u64, const Block*>& begins() const { return begins_; }

 private:
  void explore(u64 offset, const Block& block) {
    for (u64 i = 0; i < block.count; ++i) {
      const BlockOp& op = block.ops[i];
      ++instructions_;
      const i64 here = static_cast<i64>(offset + op.offset);
      const i64 after = here + op.op.length;
      if (op.op.op_class == OpClass::Branch && can_skip(block, i, options_) == 0) {
        follow(after);
        follow(here + op.op.imm);
        return;
      }
      if (op.op.row == RowId::jal) {
        if (op.op.rd == zero_sink) follow(here + op.op.imm);
        return;
      }
      if (ends_block(op.op.op_class)) return;
      if (i > 0 && begins_.contains(static_cast<u64>(here))) return;
    }
  }

  void follow(i64 target) {
    if (target < 0 || target >= static_cast<i64>(page_size) || begins_.size() >= most_pieces) return;
    const u64 offset = static_cast<u64>(target);
    if (begins_.contains(offset)) return;
    const Block* block = blocks_.at(PhysAddr{page_ + offset});
    if (!block) return;
    begins_[offset] = block;
    (block->runs == 0 && !block->code() ? unlikely_ : todo_).push_back(offset);
  }

  BlockCache& blocks_;
  const IrOptions& options_;
  u64 page_;
  std::map<u64, const Block*> begins_;
  std::deque<u64> todo_, unlikely_;
  u64 instructions_ = 0;
};

// Instructions up to a jump, a branch, or the beginning of another piece.
u64 length_of(const Block& block, u64 offset, const std::map<u64, const Block*>& begins,
              const IrOptions& options) {
  const auto is_begin = [&](u64 i) { return begins.contains(offset + block.ops[i].offset); };
  for (u64 i = 0; i < block.count; ++i) {
    if (i > 0 && is_begin(i)) return i;
    if (block.ops[i].op.op_class != OpClass::Branch) continue;
    const u64 skipped = can_skip(block, i, options);
    if (skipped == 0) return i + 1;
    for (u64 k = 1; k <= skipped; ++k)
      if (is_begin(i + k)) return i + 1;
    i += skipped;
  }
  return block.count;
}

// A jump or a branch does; what comes there by running on does not count.
bool goes_to(const Region& region, i64 offset) {
  return std::any_of(region.pieces.begin(), region.pieces.end(), [offset](const Piece& p) {
    if (p.ir.nodes.empty()) return false;
    const Node& last = p.ir.nodes.back();
    return (last.op == IrOp::Branch || last.op == IrOp::Goto) && last.imm == offset;
  });
}

bool has_floats(const Region& region) {
  return std::any_of(region.pieces.begin(), region.pieces.end(), [](const Piece& p) {
    return std::any_of(p.ir.nodes.begin(), p.ir.nodes.end(), [](const Node& n) { return !n.dead && is_float(n.op); });
  });
}

}  // namespace

Region build_region(BlockCache& blocks, const Block& entry, const IrOptions& options) {
  const Explorer explorer(blocks, entry, options);
  const u64 first = entry.physical.value() & (page_size - 1);
  Region region;
  u64 instructions = 0;
  for (const auto& [offset, block] : explorer.begins()) {
    // What was found last was not explored, and may be long: its code would have no bound.
    if (instructions >= most_instructions && offset != first) continue;
    const u64 count = length_of(*block, offset, explorer.begins(), options);
    Piece piece{block, offset, count, build_ir(*block, count, offset, options)};
    instructions += count;
    optimise(piece.ir);
    region.pieces.push_back(std::move(piece));
  }
  const auto begin = std::find_if(region.pieces.begin(), region.pieces.end(),
                                  [first](const Piece& p) { return p.offset == first; });
  std::rotate(region.pieces.begin(), begin, region.pieces.end());
  if (goes_to(region, static_cast<i64>(first)) && has_floats(region))
    region.pieces.insert(region.pieces.begin(), Piece(region.pieces.front()));
  return region;
}

const Piece* Region::at(i64 offset) const {
  const auto found = std::find_if(pieces.rbegin(), pieces.rend(),
                                  [offset](const Piece& p) { return static_cast<i64>(p.offset) == offset; });
  return found == pieces.rend() ? nullptr : &*found;
}

std::vector<u64> Region::register_uses() const {
  std::vector<u64> weights(pieces.size(), 1);
  const auto is_copy = [this](const Piece& p) { return at(static_cast<i64>(p.offset)) != &p; };
  for (const Piece& from : pieces) {
    if (from.ir.nodes.empty() || is_copy(from)) continue;
    const Node& last = from.ir.nodes.back();
    if (last.op != IrOp::Branch && last.op != IrOp::Goto) continue;
    if (last.imm > static_cast<i64>(from.offset) || !at(last.imm)) continue;
    for (std::size_t i = 0; i < pieces.size(); ++i)
      if (static_cast<i64>(pieces[i].offset) >= last.imm && pieces[i].offset <= from.offset && !is_copy(pieces[i]))
        weights[i] = std::min<u64>(weights[i] * 8, 512);
  }
  std::vector<u64> uses(33);
  for (std::size_t i = 0; i < pieces.size(); ++i)
    for (const Node& n : pieces[i].ir.nodes)
      if (!n.dead && (n.op == IrOp::GetX || n.op == IrOp::SetX || n.op == IrOp::SelectX)) uses[n.reg] += weights[i];
  return uses;
}

}  // namespace orrery::direct
