// Blocks made from instructions, without a machine, and their IR as text: a line a root.
#pragma once

#include <vector>

#include "models/direct/ir_builder.h"
#include "tests/cpu/encode.h"

namespace orrery::direct {

inline constexpr u32 jump_to_self = 0x6f;

// `words` may have compressed ones among them.
inline Block block_of(const std::vector<u32>& words) {
  ExtensionSet all;
  ExtensionSet::parse("rv64imafdcsu_zicbom_zicbop_zicboz_zicsr_zifencei_zihintpause_zba_zbb_zbs_svinval", all);
  const Decoder decoder(all);
  Block block;
  u64 offset = 0;
  for (const u32 word : words) {
    const Op op = decoder.decode(word);
    block.ops.push_back({chained_handler(op.row), op, static_cast<u16>(offset), static_cast<u16>(block.count)});
    offset += op.length;
    ++block.count;
  }
  Op none;
  none.length = 0;
  block.ops.push_back({end_of_block_handler(), none, static_cast<u16>(offset), static_cast<u16>(block.count)});
  return block;
}

inline Ir ir_of(const std::vector<u32>& words, u64 page_offset = 0, const IrOptions& options = {}) {
  const Block block = block_of(words);
  return build_ir(block, block.count, page_offset, options);
}

// Roots that are not dead.
inline std::string text_of(const Ir& ir) {
  std::vector<bool> used(ir.nodes.size());
  for (const Node& n : ir.nodes)
    for (const Ref r : {n.a, n.b, n.c})
      if (r != no_ref) used[r] = true;
  std::string result;
  for (std::size_t i = 0; i < ir.nodes.size(); ++i)
    if (!ir.nodes[i].dead && !used[i] && !is_value(ir.nodes[i].op)) result += text(ir, static_cast<Ref>(i)) + "\n";
  return result;
}

}  // namespace orrery::direct
