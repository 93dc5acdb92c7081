#include "models/inorder/describe.h"

#include <bit>

#include "base/bits.h"

namespace orrery {
namespace {

bool is_link(u8 reg) { return reg == 1 || reg == 5; }

unsigned magnitude_bits(u64 value, bool is_signed) {
  if (is_signed && value >> 63) value = 0 - value;
  return static_cast<unsigned>(std::bit_width(value));
}

// By how many bits the dividend is longer than the divisor: the steps of a divider that skips
// leading zeros.
u8 division_steps(const Executed& e) {
  u64 dividend = e.operand[0], divisor = e.operand[1];
  bool is_signed = false;
  switch (e.op.row) {
    case RowId::div:
    case RowId::rem:
      is_signed = true;
      break;
    case RowId::divw:
    case RowId::remw:
      is_signed = true;
      dividend = sign_extend(dividend, 32);
      divisor = sign_extend(divisor, 32);
      break;
    case RowId::divuw:
    case RowId::remuw:
      dividend = bits(dividend, 0, 32);
      divisor = bits(divisor, 0, 32);
      break;
    default:
      break;
  }
  const unsigned a = magnitude_bits(dividend, is_signed), b = magnitude_bits(divisor, is_signed);
  return static_cast<u8>(a > b ? a - b : 0);
}

void describe_flow(const Executed& e, Record& r) {
  if (e.op.op_class == OpClass::Branch) {
    r.flow = Record::Flow::Conditional;
    r.target = e.pc + static_cast<u64>(i64{e.op.imm});
  } else if (e.op.op_class == OpClass::Jump) {
    const bool indirect = e.op.row == RowId::jalr;
    r.flow = indirect ? Record::Flow::Indirect : Record::Flow::Direct;
    r.target = e.pc + static_cast<u64>(i64{e.op.imm});
    r.is_call = is_link(e.op.rd);
    r.is_return = indirect && is_link(e.op.rs1) && e.op.rs1 != e.op.rd;
  }
}

}  // namespace

void describe(const Executed& e, Record& r) {
  r = Record{};
  r.pc = e.pc;
  r.next_pc = e.next_pc;
  r.fetch = e.fetch;
  r.op_class = e.op.op_class;
  r.length = e.op.length;
  r.source = {e.op.source[0], e.op.source[1], e.op.source[2]};
  r.dest = e.op.dest;
  r.trapped = e.result == Executed::Result::Trap;
  if (r.trapped) return;
  r.memory = static_cast<Record::Memory>(e.access);
  r.size = e.size;
  r.address = e.address;
  r.physical = e.physical;
  describe_flow(e, r);
  if (e.op.op_class == OpClass::IntDiv) r.division_steps = division_steps(e);
}

static_assert(static_cast<int>(Record::Memory::Device) == static_cast<int>(Executed::Access::Device));
static_assert(static_cast<int>(Record::Memory::Atomic) == static_cast<int>(Executed::Access::Atomic));

SpaceId space_of(const Hart& hart) {
  if (hart.csr.satp >> 60 == 0) return {};
  const auto asid = static_cast<u32>(bits(hart.csr.satp, 44, 16));
  SpaceId space;
  Privilege data = hart.privilege;
  if (hart.csr.mstatus & mstatus::MPRV) data = static_cast<Privilege>(bits(hart.csr.mstatus, 11, 2));
  if (hart.privilege != Privilege::Machine) space.fetch = asid;
  if (data != Privilege::Machine) space.data = asid;
  return space;
}

}  // namespace orrery
