#include "models/direct/float_state.h"

#include <optional>

namespace orrery::direct {
namespace {

// The f registers that a floating-point result was computed from as singles: its code goes on with
// boxed ones only (Emitter::check_boxed).
u32 singles_read(const Ir& ir, Ref r) {
  if (r == no_ref) return 0;
  const Node& n = ir[r];
  if (n.op == IrOp::GetF) return n.size == 4 ? u32{1} << n.reg : 0;
  return singles_read(ir, n.a) | singles_read(ir, n.b) | singles_read(ir, n.c);
}

// What the host code of a node makes of it.
void apply(const Ir& ir, const Node& n, FloatState& state) {
  switch (n.op) {
    case IrOp::Interpret: state = {}; return;
    case IrOp::SetX:
      if (ir[n.a].op == IrOp::Status && ir[n.a].a != no_ref) state.ready = state.dirty = false;
      return;
    case IrOp::StoreF: state.ready = true; return;
    case IrOp::SetF:
      state.boxed |= singles_read(ir, n.a);
      [[fallthrough]];
    case IrOp::LoadF:
      state.ready = state.dirty = true;
      state.boxed = n.size == 4 ? state.boxed | u32{1} << n.reg : state.boxed & ~(u32{1} << n.reg);
      return;
    default: return;
  }
}

class Flow {
 public:
  explicit Flow(const Region& region) : region_(region), known_(region.pieces.size()) {
    known_[0] = FloatState{};
    while (changed_) {
      changed_ = false;
      for (std::size_t i = 0; i < known_.size(); ++i)
        if (known_[i]) follow(region.pieces[i], *known_[i]);
    }
  }

  std::vector<FloatState> states() const {
    std::vector<FloatState> result;
    for (const auto& state : known_) result.push_back(state.value_or(FloatState{}));
    return result;
  }

 private:
  void follow(const Piece& piece, FloatState state) {
    for (const Node& n : piece.ir.nodes) {
      if (n.dead) continue;
      apply(piece.ir, n, state);
      if (n.op == IrOp::Jump) return;
      if (n.op == IrOp::Branch || n.op == IrOp::Goto) meet(n.imm, state);
      if (n.op == IrOp::Goto) return;
    }
    meet(static_cast<i64>(piece.end()), state);
  }

  void meet(i64 target, const FloatState& state) {
    const Piece* piece = region_.at(target);
    if (!piece) return;
    auto& known = known_[region_.index_of(piece)];
    const FloatState both = known ? FloatState{known->boxed & state.boxed, known->ready && state.ready,
                                               known->dirty && state.dirty}
                                  : state;
    changed_ |= !known || both != *known;
    known = both;
  }

  const Region& region_;
  std::vector<std::optional<FloatState>> known_;  // nothing: not reached yet
  bool changed_ = true;
};

}  // namespace

std::vector<FloatState> float_states(const Region& region) { return Flow(region).states(); }

}  // namespace orrery::direct
