// Kinds of issue queues and functional units: which of them an instruction's class belongs to.
#pragma once

#include <array>
#include <bit>

#include "cpu/isa/op.h"

namespace orrery::ooo {

enum class QueueKind : u8 { Integer, Branch, Memory, StoreData, Fp };
inline constexpr unsigned queue_kinds = 5;

// What a pipe may hold, one of each kind. Division and square root share one.
enum Unit : u8 { Alu, Multiplier, Divider, FpPipeline, FpDivider };
inline constexpr unsigned unit_count = 5;

inline constexpr auto unit_of = [] {
  std::array<Unit, op_class_count> unit{};
  const auto set = [&unit](Unit u, std::initializer_list<OpClass> classes) {
    for (const OpClass c : classes) unit[static_cast<unsigned>(c)] = u;
  };
  set(Multiplier, {OpClass::IntMul});
  set(Divider, {OpClass::IntDiv});
  set(FpPipeline, {OpClass::FpAdd, OpClass::FpMul, OpClass::FpFma, OpClass::FpMove,
                   OpClass::FpCompare, OpClass::FpConvert});
  set(FpDivider, {OpClass::FpDiv, OpClass::FpSqrt});
  return unit;
}();

inline constexpr auto queue_of = [] {
  std::array<QueueKind, op_class_count> queue{};
  const auto set = [&queue](QueueKind q, std::initializer_list<OpClass> classes) {
    for (const OpClass c : classes) queue[static_cast<unsigned>(c)] = q;
  };
  set(QueueKind::Branch, {OpClass::Branch, OpClass::Jump});
  set(QueueKind::Memory, {OpClass::Load, OpClass::Store, OpClass::Atomic});
  set(QueueKind::Fp, {OpClass::FpAdd, OpClass::FpMul, OpClass::FpFma, OpClass::FpDiv,
                      OpClass::FpSqrt, OpClass::FpMove, OpClass::FpCompare, OpClass::FpConvert});
  return queue;
}();

// Arithmetic that may share an entry of the reorder buffer: what can neither trap nor turn the
// front end round.
inline bool may_fold(OpClass c) {
  return queue_of[static_cast<unsigned>(c)] == QueueKind::Fp ||
         (queue_of[static_cast<unsigned>(c)] == QueueKind::Integer && c <= OpClass::IntDiv);
}

// Where the instructions of a class go, gathered from these tables and the configuration.
struct Route {
  u32 pipes = 0;   // that can execute it, a bit each, as numbered among those of its kind
  u8 kind = 0;     // of queues
  u8 first = 0;    // of these, by number among all queues
  u8 count = 1;    // of queues of that kind
  u8 able = 0;     // of these, a bit each counted from the first, those that can execute it ...
  bool is_free = false;  // ... which are several
  Unit unit = Alu;
  bool may_fold = false;
  bool is_branch = false;  // takes one of the places for branches in flight

  u32 first_able() const { return static_cast<u32>(std::countr_zero(able)); }
};

}  // namespace orrery::ooo
