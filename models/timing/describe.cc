#include "models/timing/describe.h"

#include <bit>
#include <cmath>

#include "base/bits.h"

namespace orrery {
namespace {

u32 csr_number(const Op& op) { return static_cast<u32>(op.imm) & 0xfff; }
// csrrs and csrrc with x0, or a zero immediate, read only (I, 6.1).
bool writes_csr(const Op& op) {
  return op.row == RowId::csrrw || op.row == RowId::csrrwi || op.rs1 != 0;
}

// A memory access enters an empty pipeline when it goes to a device. What the hart has at hand is RAM.
Preview preview_access(const Hart& hart, const Op& op) {
  const AccessKind kind = access_kind(op);
  const u64 address = hart.x[op.rs1] + static_cast<u64>(i64{op.imm});
  if (const auto cached = hart.mmu.cached(address, kind)) return {{}, cached};
  const auto physical = hart.mmu.probe(address, kind).physical;
  return {{.alone = physical && !hart.memory.ram_at(*physical, 1)}, {}};
}

bool root_is_exact(const Hart& hart, const Op& op) {
  if (op.row == RowId::fsqrt_s) {
    const float x = std::bit_cast<float>(static_cast<u32>(hart.f[op.rs1])), root = std::sqrt(x);
    return std::fma(root, root, -x) == 0;
  }
  const double x = std::bit_cast<double>(hart.f[op.rs1]), root = std::sqrt(x);
  return std::fma(root, root, -x) == 0;
}

unsigned magnitude_bits(u64 value, bool is_signed) {
  if (is_signed && value >> 63) value = 0 - value;
  return static_cast<unsigned>(std::bit_width(value));
}

// By how many bits the dividend is longer than the divisor: the quotient's length.
u8 division_bits(const Executed& e) {
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

// Names a division by what it divides: the same again gives the same quotient and remainder.
u32 operands_of(const Executed& e) {
  const bool word = e.op.row == RowId::divw || e.op.row == RowId::divuw || e.op.row == RowId::remw ||
                    e.op.row == RowId::remuw;
  const bool is_signed = e.op.row == RowId::div || e.op.row == RowId::rem || e.op.row == RowId::divw ||
                         e.op.row == RowId::remw;
  u64 mixed = (e.operand[0] * 0x9e37'79b9'7f4a'7c15 ^ e.operand[1]) * 0xbf58'476d'1ce4'e5b9;
  mixed += u64{word} << 33 | u64{is_signed} << 32;
  return static_cast<u32>(mixed >> 32);
}

// It has done nothing but go to its handler.
void describe_trap(Record& r) {
  r.trapped = true;
  r.flow = Record::Flow::Sequential;
  r.memory = Record::Memory::None;
  r.is_call = r.is_return = r.acquire = false;
  r.size = 0;
}

}  // namespace

void describe_division(const Executed& e, Record& r) {
  r.division_bits = division_bits(e);
  r.operands = operands_of(e);
}

Preview preview_rare(const Hart& hart, const Op& op) {
  switch (op.op_class) {
    case OpClass::Load:
    case OpClass::Store:
    case OpClass::Atomic:
      return preview_access(hart, op);
    case OpClass::FpSqrt:
      return {{.exact = root_is_exact(hart, op)}, {}};
    case OpClass::Csr: {
      const auto kind = csr_access(hart, csr_number(op), writes_csr(op));
      if (!kind || *kind == CsrKind::Plain) return {};
      return {{.alone = true, .restarts = *kind == CsrKind::Effect && writes_csr(op)}, {}};
    }
    case OpClass::Fence:
      return {{.alone = true, .restarts = op.row != RowId::fence}, {}};
    case OpClass::System:
      return {{.alone = true, .restarts = true}, {}};
    default:
      return {};
  }
}

void describe_rest(const Hart& hart, const Executed& e, Record& r) {
  if (e.result == Executed::Result::Trap) return describe_trap(r);
  if (r.op_class == OpClass::IntDiv) return describe_division(e, r);
  r.memory = e.access;
  if (r.size == cache_block_bytes) {  // it is aligned, whatever the address says
    r.address = align_down(e.address, cache_block_bytes);
    r.physical = PhysAddr{align_down(e.physical.value(), cache_block_bytes)};
  }
  const u64 in_page = page_size - r.address % page_size;
  if (r.size <= in_page) [[likely]] return;
  if (const auto second = hart.mmu.probe(r.address + in_page, access_kind(e.op)).physical) r.second = *second;
}

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

void end_reservations(Hart& hart, const Executed& e) {
  if (e.access == Op::Memory::Atomic) {
    const RowId row = e.op.row;
    if (row == RowId::lr_w || row == RowId::lr_d) return;
    if ((row == RowId::sc_w || row == RowId::sc_d) && hart.x[e.op.rd] != 0) return;  // it failed
  } else if (e.access != Op::Memory::Store) {
    return;
  }
  const u64 in_page = page_size - e.address % page_size;
  if (e.op.row == RowId::cbo_zero) {
    hart.environment.store_performed(hart, PhysAddr{align_down(e.physical.value(), e.op.size)}, e.op.size);
  } else if (e.op.size <= in_page) {
    hart.environment.store_performed(hart, e.physical, e.op.size);
  } else {
    hart.environment.store_performed(hart, e.physical, in_page);
    const auto second = hart.mmu.probe(e.address + in_page, AccessKind::Store).physical;
    if (second) hart.environment.store_performed(hart, *second, e.op.size - in_page);
  }
}

}  // namespace orrery
