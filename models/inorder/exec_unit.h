// The functional units: which one executes each class of instructions, and when they are free.
#pragma once

#include <array>

#include "cpu/isa/op.h"
#include "models/timing/cycles.h"

namespace orrery {

// IntAlus: as many as instructions can issue. One or two of each of the others.
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

// The units of one kind.
class UnitTimes {
 public:
  explicit UnitTimes(u32 count = 1) : free_{Cycle{}, count == 2 ? Cycle{} : never_cycle} {}
  Cycle free() const { return earlier(free_[0], free_[1]); }
  // The one that is free first takes an instruction.
  void take(Cycle until) {
    Cycle& unit = free_[free_[1] < free_[0]];
    unit = later(unit, until);
  }

 private:
  std::array<Cycle, 2> free_;
};

}  // namespace orrery
