// The functional units: which one executes each class of instructions.
#pragma once

#include <array>

#include "cpu/isa/op.h"

namespace orrery {

// IntAlus: as many as instructions can issue. One each of the others.
enum ExecUnit : u8 { IntAlus, Multiplier, Divider, MemoryUnit, BranchUnit, FpUnit, FpDivider };
inline constexpr unsigned unit_count = 7;

inline constexpr auto unit_of = [] {
  std::array<ExecUnit, op_class_count> unit{};
  const auto set = [&unit](ExecUnit u, std::initializer_list<OpClass> classes) {
    for (const OpClass c : classes) unit[static_cast<unsigned>(c)] = u;
  };
  set(Multiplier, {OpClass::IntMul});
  set(Divider, {OpClass::IntDiv});
  set(MemoryUnit, {OpClass::Load, OpClass::Store, OpClass::Atomic});
  set(BranchUnit, {OpClass::Branch, OpClass::Jump});
  set(FpUnit, {OpClass::FpAdd, OpClass::FpMul, OpClass::FpFma, OpClass::FpMove,
               OpClass::FpCompare, OpClass::FpConvert});
  set(FpDivider, {OpClass::FpDiv, OpClass::FpSqrt});
  return unit;
}();

}  // namespace orrery
