#include "models/direct/listing.h"

#include "models/direct/emitter.h"
#include "models/direct/region.h"
#include "models/direct/thunks.h"

namespace orrery {

using direct::no_ref;
using direct::Node;
using direct::Ref;

namespace {

// By guest instruction: the nodes that no other one uses.
std::vector<std::vector<Ref>> roots_of(const direct::Ir& ir, std::size_t count) {
  std::vector<bool> used(ir.nodes.size());
  for (const Node& n : ir.nodes)
    for (const Ref r : {n.a, n.b, n.c})
      if (!n.dead && r != no_ref) used[r] = true;
  std::vector<std::vector<Ref>> roots(count);
  for (std::size_t i = 0; i < ir.nodes.size(); ++i)
    if (!ir.nodes[i].dead && !used[i]) roots.at(ir.nodes[i].guest).push_back(static_cast<Ref>(i));
  return roots;
}

TranslatedPiece describe(const direct::Piece& piece, u64 pc, u64 host_offset,
                         std::span<const u64> guest_offsets) {
  TranslatedPiece result;
  result.host_offset = host_offset;
  result.ir = &piece.ir;
  auto roots = roots_of(piece.ir, piece.count);
  for (u16 i = 0; i < piece.count; ++i) {
    const BlockOp& op = piece.op(i);
    result.instructions.push_back({pc + op.offset, piece.block->physical + op.offset, op.op.length,
                                   guest_offsets[i], std::move(roots[i])});
  }
  return result;
}

}  // namespace

Translation describe(const direct::Region& region, const direct::Emitter& emitter, u64 pc,
                     std::span<const u8> code, const direct::Thunks& thunks) {
  Translation result;
  result.code = code;
  result.thunks = &thunks;
  const u64 page = pc - region.pieces.front().offset;
  std::span<const u64> offsets(emitter.guest_offsets());
  for (std::size_t i = 0; i < region.pieces.size(); ++i) {
    const direct::Piece& piece = region.pieces[i];
    result.pieces.push_back(describe(piece, page + piece.offset, emitter.piece_offset(i), offsets));
    offsets = offsets.subspan(piece.count);
  }
  result.body_end = offsets.front();
  return result;
}

u64 Translation::instructions() const {
  u64 count = 0;
  for (const TranslatedPiece& piece : pieces) count += piece.instructions.size();
  return count;
}

u64 Translation::guest_bytes() const {
  u64 bytes = 0;
  for (const TranslatedPiece& piece : pieces)
    for (const TranslatedInstruction& each : piece.instructions) bytes += each.length;
  return bytes;
}

std::vector<HostName> names_of(const direct::Thunks& t) {
  std::vector<HostName> names = {
      {t.resume, "resume"}, {t.link, "link"},     {t.lookup, "lookup"},  {t.interpret, "interpret"},
      {t.access, "access"}, {t.finish, "finish"}, {t.load_fp, "load_fp"}, {t.sign64, "sign64"},
      {t.sign32, "sign32"}, {t.nan64, "nan64"}, {t.nan32, "nan32"}};
  if (t.warm_access) {
    names.push_back({t.warm_access, "warm_access"});
    names.push_back({t.warm_page, "warm_page"});
    names.push_back({t.warm_fetch, "warm_fetch"});
  }
  return names;
}

}  // namespace orrery
