// From what cpu/exec executed to what a timing model's core is told.
#pragma once

#include <algorithm>

#include "cpu/exec/step.h"
#include "models/timing/record.h"

namespace orrery {

// What must be known of an instruction before it executes.
struct Preview : Manner {
  std::optional<PhysAddr> physical;  // of its access, where that is at hand
};

Preview preview_rare(const Hart& hart, const Op& op);
// `op` is what the hart executes next; what only reads and writes registers is told here.
inline Preview preview(const Hart& hart, const Op& op) {
  constexpr u32 rare = 1u << static_cast<unsigned>(OpClass::Load) | 1u << static_cast<unsigned>(OpClass::Store) |
                       1u << static_cast<unsigned>(OpClass::Atomic) | 1u << static_cast<unsigned>(OpClass::FpSqrt) |
                       1u << static_cast<unsigned>(OpClass::Csr) | 1u << static_cast<unsigned>(OpClass::Fence) |
                       1u << static_cast<unsigned>(OpClass::System);
  if ((rare >> static_cast<unsigned>(op.op_class) & 1) == 0) return {};
  return preview_rare(hart, op);
}

// What all instructions have. Every field is written, so that no record is built twice.
inline void describe_common(const Executed& e, const Manner& manner, Record& r) {
  static_cast<Footprint&>(r) = e.op;
  static_cast<Manner&>(r) = manner;
  r.division_bits = 0;
  r.operands = 0;
  r.pc = e.pc;
  r.next_pc = e.next_pc;
  r.fetch = e.fetch;
  r.address = r.flow == Record::Flow::Sequential ? e.address : e.pc + static_cast<u64>(i64{e.op.imm});
  r.physical = e.physical;
  r.second = Record::nowhere;
}

// What only traps, accesses and divisions have.
void describe_rest(const Hart& hart, const Executed& e, Record& r);
// Of these, what only divisions have.
void describe_division(const Executed& e, Record& r);

inline void describe(const Hart& hart, const Executed& e, const Preview& ahead, Record& r) {
  describe_common(e, ahead, r);
  const bool traps = e.result == Executed::Result::Trap;
  if (traps | (r.memory != Record::Memory::None) | (r.op_class == OpClass::IntDiv)) describe_rest(hart, e, r);
}

// The same for an instruction of a wrong path: it never traps and never runs alone, and accesses one
// page.
inline void describe_wrong_path(const Executed& e, Record& r) {
  describe_common(e, {}, r);
  if (r.op_class == OpClass::IntDiv) describe_division(e, r);
  if (r.memory != Record::Memory::None) r.size = static_cast<u8>(std::min<u64>(r.size, page_size - r.address % page_size));
}

// How the hart's accesses are translated now (II, 3.1.6.3, 12.1.11).
SpaceId space_of(const Hart& hart);

// What was stored ends the reservations of other harts (I, 13.2).
void end_reservations(Hart& hart, const Executed& executed);

}  // namespace orrery
