// The Evaluator's context of a real hart: registers and memory of the hart, effects in the frame.
//
// Two paths: Fast tries the inline TLB only, and notes a miss, whereupon the whole row is evaluated
// again on the Slow path, which is always right. A row has no effect before its one memory access,
// so that is safe; and the fast handler needs no stack frame.
#pragma once

#include "cpu/exec/frame.h"
#include "cpu/exec/helpers.h"

namespace orrery {

enum class Path { Fast, Slow };

template <Path path>
class HartContext {
 public:
  HartContext(Frame& frame, const BlockOp* op) : frame_(frame), hart_(frame.hart), op_(op) {}

  u64 x(u8 r) const { return hart_.x[r]; }
  void set_x(u8 r, u64 value) { hart_.x[r] = value; }
  u64 f(u8 r) const { return hart_.f[r]; }
  void set_f(u8 r, u64 value) {
    hart_.f[r] = value;
    hart_.fs_dirty = true;
  }
  u64 pc() const { return frame_.pc_of(op_); }

  bool go(u64 target) {
    // Without C, instructions are 4-byte aligned; the jump itself traps (I, 2.5).
    if ((target & 2) && !hart_.config.has(Extension::C)) [[unlikely]]
      return fail({Cause::InstructionMisaligned, target});
    leave(Exit::Next, target);
    return true;
  }

  template <class T>
  bool load(u64 address, u64& value) {
    if (hart_.mmu.load_fast<T>(address, value)) [[likely]] return true;
    if constexpr (path == Path::Fast) return miss();
    frame_.sync(op_);
    return finish(hart_.mmu.load_slow(address, sizeof(T), value));
  }
  template <class T>
  bool store(u64 address, u64 value) {
    if (hart_.mmu.store_fast<T>(address, value)) [[likely]] return true;
    if constexpr (path == Path::Fast) return miss();
    frame_.sync(op_);
    return finish(hart_.mmu.store_slow(address, sizeof(T), value));
  }
  bool load_reserved(u64 address, unsigned size, u64& value) {
    if constexpr (path == Path::Fast) return miss();
    frame_.sync(op_);
    u8* host = nullptr;
    if (!finish(hart_.mmu.reserve(address, size, host, hart_.reservation))) return false;
    hart_.reservation_bytes = size;
    std::memcpy(&value, host, size);
    return true;
  }
  bool store_conditional(u64 address, unsigned size, u64 value, u64& result) {
    if constexpr (path == Path::Fast) return miss();
    frame_.sync(op_);
    u8* host = nullptr;
    PhysAddr physical;
    const MemoryStatus status = hart_.mmu.atomic(address, size, host, physical);
    bool held = status == MemoryStatus::Ok && hart_.reservation_bytes != 0 &&
                physical >= hart_.reservation &&
                physical + size <= hart_.reservation + hart_.reservation_bytes;
    hart_.reservation_bytes = 0;  // any sc ends the reservation (I, 13.2)
    if (!finish(status)) return false;
    if (hart_.oracle)
      held = hart_.oracle->decide(hart_, Oracle::Kind::StoreConditional, physical.value(), held);
    if (held) std::memcpy(host, &value, size);
    result = !held;
    return true;
  }
  template <class Combine>
  bool amo(u64 address, unsigned size, u64& old, Combine combine) {
    if constexpr (path == Path::Fast) return miss();
    frame_.sync(op_);
    u8* host = nullptr;
    PhysAddr physical;
    if (!finish(hart_.mmu.atomic(address, size, host, physical))) return false;
    std::memcpy(&old, host, size);
    const u64 updated = combine(old);
    std::memcpy(host, &updated, size);
    return true;
  }

  bool fp_enabled() const { return hart_.csr.mstatus & mstatus::FS; }
  u8 frm() const { return hart_.frm; }
  // Whoever asks raises flags, or at least may: FS becomes Dirty.
  u8& fflags() {
    hart_.fs_dirty = true;
    return hart_.fflags;
  }
  void illegal() {
    frame_.sync(op_);
    fail({Cause::IllegalInstruction, hart_.mmu.peek_fetch(hart_.pc).value_or(0)});
  }

  void helper(Outcome (*function)(Hart&, const Op&)) {
    frame_.sync(op_);
    const Outcome outcome = function(hart_, op_->op);
    switch (outcome.flow) {
      case Flow::Next: return;
      case Flow::Look: return leave(Exit::Look, pc() + op_->op.length);
      case Flow::Jump: return leave(Exit::Return, hart_.pc);
      case Flow::Trap: fail(outcome.trap); return;
      case Flow::Wait: return leave(Exit::Wait, pc());
    }
  }

  bool left() const { return left_; }      // control leaves the block; the frame says how
  bool missed() const { return missed_; }  // to be evaluated again on the slow path

 private:
  bool miss() {
    missed_ = true;
    return false;
  }
  void leave(Exit exit, u64 next_pc) {
    frame_.exit = exit;
    frame_.next_pc = next_pc;
    frame_.exit_op = op_;
    left_ = true;
  }
  bool fail(const Trap& trap) {
    leave(Exit::Trap, pc());
    frame_.trap = trap;
    return false;
  }
  // After a slow access: what may have changed is looked at before the next instruction.
  bool finish(MemoryStatus status) {
    if (status == MemoryStatus::Trap) return fail(hart_.mmu.trap());
    if (status == MemoryStatus::Wait) {
      leave(Exit::Wait, pc());
      return false;
    }
    if (hart_.mmu.attention) leave(Exit::Look, pc() + op_->op.length);
    return true;
  }

  Frame& frame_;
  Hart& hart_;
  const BlockOp* op_;
  bool left_ = false;
  bool missed_ = false;
};

}  // namespace orrery
