// Machine code at a fixed address, instruction by instruction.
#pragma once

#include <vector>

#include "base/bits.h"
#include "tests/cpu/encode.h"

namespace orrery::random_programs {

// Registers by their calling-convention names.
enum Reg : u8 { zero, ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5 };

class Assembler {
 public:
  explicit Assembler(u64 base) : base_(base) {}

  u64 here() const { return base_ + bytes_.size(); }
  const std::vector<u8>& bytes() const { return bytes_; }

  void half(u32 bits) {
    bytes_.push_back(static_cast<u8>(bits));
    bytes_.push_back(static_cast<u8>(bits >> 8));
  }
  void word(u32 bits) {
    half(bits);
    half(bits >> 16);
  }
  void op(RowId row, const Operands& o) { word(encode(row, o)); }

  void alu(RowId row, u8 rd, u8 rs1, u8 rs2) { op(row, {.rd = rd, .rs1 = rs1, .rs2 = rs2}); }
  void alu_imm(RowId row, u8 rd, u8 rs1, i32 imm) { op(row, {.rd = rd, .rs1 = rs1, .imm = imm}); }
  void load(RowId row, u8 rd, i32 offset, u8 rs1) { op(row, {.rd = rd, .rs1 = rs1, .imm = offset}); }
  void store(RowId row, u8 rs2, i32 offset, u8 rs1) { op(row, {.rs1 = rs1, .rs2 = rs2, .imm = offset}); }
  void csr(RowId row, u8 rd, u32 number, u8 rs1) {
    op(row, {.rd = rd, .rs1 = rs1, .imm = static_cast<i32>(number)});
  }
  void csr_read(u8 rd, u32 number) { csr(RowId::csrrs, rd, number, zero); }
  void csr_write(u32 number, u8 rs1) { csr(RowId::csrrw, zero, number, rs1); }
  void plain(RowId row) { op(row, {}); }
  void branch(RowId row, u8 rs1, u8 rs2, u64 target) {
    op(row, {.rs1 = rs1, .rs2 = rs2, .imm = static_cast<i32>(target - here())});
  }
  void jump(u8 rd, u64 target) { op(RowId::jal, {.rd = rd, .imm = static_cast<i32>(target - here())}); }

  // Any 64-bit constant, in one to eight instructions.
  void li(u8 rd, u64 value) {
    const u64 low = sign_extend(value & 0xfff, 12);
    if (low == value) return alu_imm(RowId::addi, rd, zero, static_cast<i32>(value));
    if (sign_extend(value & 0xffffffff, 32) == value) {
      op(RowId::lui, {.rd = rd, .imm = static_cast<i32>(static_cast<u32>(value - low))});
      return alu_imm(RowId::addiw, rd, rd, static_cast<i32>(low));
    }
    li(rd, sign_extend((value - low) >> 12 & ((u64{1} << 52) - 1), 52));
    alu_imm(RowId::slli, rd, rd, 12);
    alu_imm(RowId::addi, rd, rd, static_cast<i32>(low));
  }

  // Leaves room for an instruction that is known later.
  u64 hole() {
    word(0);
    return here() - 4;
  }
  void fill(u64 hole, RowId row, const Operands& o) {
    const u32 bits = encode(row, o);
    for (unsigned i = 0; i < 4; ++i) bytes_[hole - base_ + i] = static_cast<u8>(bits >> (8 * i));
  }
  void fill_branch(u64 hole, RowId row, u8 rs1, u8 rs2) {
    fill(hole, row, {.rs1 = rs1, .rs2 = rs2, .imm = static_cast<i32>(here() - hole)});
  }
  void fill_jump(u64 hole, u8 rd) {
    fill(hole, RowId::jal, {.rd = rd, .imm = static_cast<i32>(here() - hole)});
  }

 private:
  u64 base_;
  std::vector<u8> bytes_;
};

}  // namespace orrery::random_programs
