// Generates random programs: thousands of pieces over every row of the instruction table.
//
// What is left out, and why: a comparison must depend on the architecture alone.
//   - Counters and time are read only where that traps. wfi runs only where it traps.
//   - sc follows its lr at once, on a page that is always usable: QEMU keeps a value where the
//     manual has an address, and an sc without a reservation may or may not look at the address.
//   - Stored instructions are executed only after fence.i, changed translations only after
//     sfence.vma (Orrery needs neither; that is tested elsewhere).
#pragma once

#include <algorithm>

#include "tests/lockstep/random/page_tables.h"

namespace orrery::random_programs {

class Generator {
 public:
  explicit Generator(const ProgramOptions& options);
  Program make();

 private:
  static constexpr u64 limit = 0x8020'0000;

  bool one_in(u64 n) { return random_.below(n) == 0; }
  u8 reg() { return static_cast<u8>(random_.below(32)); }
  u8 base_reg() { return static_cast<u8>(1 + random_.below(31)); }
  RowId any_of(const std::vector<RowId>& rows) { return rows[random_.below(rows.size())]; }

  u64 random_value();
  u64 random_fp_value();
  u64 random_address(u64 size, bool aligned);
  SupportOptions support();

  void piece();
  void compute();
  void memory();
  void atomic();
  void reservation();
  void control();
  void compressed();
  void csr();
  void odd_word();
  void system();
  void fetch();
  void change_page();
  void change_code();
  void cache_block();

  const ProgramOptions options_;
  Random random_;
  Decoder decoder_;
  Assembler a_{layout::code};
  std::vector<RowId> compute_rows_, memory_rows_, amo_rows_;
};

inline Generator::Generator(const ProgramOptions& options)
    : options_(options), random_(options.seed), decoder_([] {
        ExtensionSet all;
        ExtensionSet::parse("rv64imafdcsu_zicbom_zicbop_zicboz_zicsr_zifencei_zihintpause_zba_zbb_zbs_svinval", all);
        return all;
      }()) {
  for (std::size_t i = 1; i < row_count; ++i) {
    const RowId row = row_at(i);
    const RowInfo& info = row_info(row);
    if (row == RowId::lr_w || row == RowId::lr_d || row == RowId::sc_w || row == RowId::sc_d) continue;
    if (row == RowId::ctzw && options_.gaps.no_ctzw) continue;
    switch (info.op_class) {
      case OpClass::Load: case OpClass::Store:
        if (info.form != Form::Cbo) memory_rows_.push_back(row);
        break;
      case OpClass::Atomic: amo_rows_.push_back(row); break;
      case OpClass::Branch: case OpClass::Jump: case OpClass::Csr: case OpClass::System: case OpClass::Fence:
        break;
      default: compute_rows_.push_back(row); break;
    }
  }
  compute_rows_.push_back(RowId::fence);
  compute_rows_.push_back(RowId::marker);
}

inline u64 Generator::random_value() {
  switch (random_.below(8)) {
    case 0: return random_.below(16);
    case 1: return ~random_.below(16);
    case 2: return u64{1} << random_.below(64);
    case 3: return (u64{1} << random_.below(64)) - 1;
    case 4: return sign_extend(random_.next() & 0xffffffff, 32);
    case 5: return random_fp_value();
    default: return random_.next() >> random_.below(64);
  }
}

// Singles, boxed or not, and doubles, with the special ones often.
inline u64 Generator::random_fp_value() {
  static constexpr u32 singles[] = {0, 0x3f800000, 0x7f800000, 0x7fc00000, 0x7f800001, 0x00000001, 0x007fffff,
                                    0x00800000, 0x7f7fffff, 0x4f000000, 0x4f800000, 0x5f000000, 0x5f800000};
  static constexpr u64 doubles[] = {0, 0x3ff0000000000000, 0x7ff0000000000000, 0x7ff8000000000000,
                                    0x7ff0000000000001, 1, 0x000fffffffffffff, 0x0010000000000000,
                                    0x7fefffffffffffff, 0x41dfffffffc00000, 0x41e0000000000000,
                                    0x43e0000000000000, 0x43f0000000000000, 0x3810000000000000};
  const u64 boxed = one_in(12) ? random_.next() << 32 : u64{0xffffffff} << 32;
  const u64 sign = random_.below(2);
  switch (random_.below(6)) {
    case 0: return boxed | (singles[random_.below(std::size(singles))] ^ sign << 31);
    case 1: return boxed | (random_.next() & 0xffffffff);
    case 2: return boxed | (sign << 31 | (0x3f000000 + random_.below(0x2000000)));  // near 1
    case 3: return doubles[random_.below(std::size(doubles))] ^ sign << 63;
    case 4: return sign << 63 | (0x3fe0000000000000 + random_.below(u64{1} << 54));
    default: return random_.next();
  }
}

// Where the next access goes: mostly the data window, sometimes nowhere good.
inline u64 Generator::random_address(u64 size, bool aligned) {
  // What PMP says about a misaligned access depends on how it is taken apart.
  aligned |= options_.pmp;
  const u64 mask = aligned ? ~(size - 1) : ~u64{0};
  const u64 bytes = 4096 * layout::window_pages;
  u64 offset = 4096 + random_.below(bytes - 4096 - 16);
  if (options_.gaps.partial_stores && offset % 4096 > 4096 - size) offset &= ~(size - 1);
  const u64 inside = layout::window + (one_in(3) && !aligned ? offset : offset & ~(size - 1));
  const u64 from_boot = inside - layout::boot;
  switch (random_.below(24)) {
    case 0: case 1:  // across a page boundary
      if (options_.gaps.partial_stores) return inside & ~u64{7};
      return (layout::window + 4096 * (2 + random_.below(layout::window_pages - 2)) - random_.below(8)) & mask;
    case 2: case 3: return (layout::high + from_boot) & mask;
    case 4: return (layout::high + (u64{1} << 21) * (1 + random_.below(7)) + from_boot) & mask;
    case 5: return (layout::high + (u64{1} << 30) * (1 + random_.below(2)) + from_boot) & mask;
    case 6: return ((u64{1} << (57 + random_.below(7))) | random_.next() >> 8) & mask;  // beyond physical
    case 7: return ((u64{1} << (40 + random_.below(16))) + from_boot) & mask;  // nothing there
    default: return inside & mask;
  }
}

inline void Generator::compute() {
  const RowId row = any_of(compute_rows_);
  Operands o = random_operands(row, random_);
  if (o.rm >= 5 && o.rm <= 6 && !one_in(8)) o.rm = 7;
  a_.op(row, o);
}

inline void Generator::memory() {
  const RowId row = any_of(memory_rows_);
  Operands o = random_operands(row, random_);
  o.rs1 = base_reg();
  a_.li(o.rs1, random_address(8, false) - static_cast<u64>(i64{o.imm}));
  a_.op(row, o);
}

inline void Generator::atomic() {
  if (one_in(4)) return reservation();
  const RowId row = any_of(amo_rows_);
  Operands o = random_operands(row, random_);
  o.rs1 = base_reg();
  a_.li(o.rs1, random_address(8, !one_in(8)));
  a_.op(row, o);
}

inline void Generator::reservation() {
  const bool wide = one_in(2);
  const RowId lr = wide ? RowId::lr_d : RowId::lr_w, sc = wide ? RowId::sc_d : RowId::sc_w;
  const u8 base = base_reg(), other = base_reg();
  const u64 step = wide ? 8 : 4;
  if (options_.mode == ProgramMode::Machine) {  // MPRV could make it another address space
    a_.li(base, u64{1} << 17);
    a_.csr(RowId::csrrc, zero, csrs::mstatus, base);
  }
  const u64 address = layout::window + random_.below(4096 / step) * step;
  a_.li(other, layout::window + random_.below(4096 / step) * step);
  a_.li(base, address);
  Operands o = random_operands(lr, random_);
  o.rs1 = base;
  if (o.rd == base || o.rd == other) o.rd = 0;
  const bool reserved = !one_in(4);
  if (reserved) a_.op(lr, o);
  o = random_operands(sc, random_);
  o.rs1 = reserved && one_in(4) ? other : base;
  a_.op(sc, o);
}

// Jumps only forward, over one piece, so that every program ends.
inline void Generator::control() {
  static const std::vector<RowId> branches = {RowId::beq, RowId::bne, RowId::blt, RowId::bge, RowId::bltu, RowId::bgeu};
  const u8 link = reg();
  switch (random_.below(6)) {
    case 0: {
      const u64 hole = a_.hole();
      piece();
      return a_.fill_jump(hole, link);
    }
    case 1: {  // jalr relative to pc; an odd target loses its lowest bit
      const u8 base = base_reg();
      a_.op(RowId::auipc, {.rd = base});
      const u64 hole = a_.hole();
      piece();
      const u64 distance = a_.here() - (hole - 4);
      if (distance < 2000)
        return a_.fill(hole, RowId::jalr, {.rd = link, .rs1 = base, .imm = static_cast<i32>(distance + random_.below(2))});
      return a_.fill(hole, RowId::addi, {});
    }
    default: {
      const u64 hole = a_.hole();
      piece();
      return a_.fill_branch(hole, any_of(branches), reg(), one_in(4) ? 0 : reg());
    }
  }
}

// Any 16 bits. Loads and stores get an address in the register that the encoding names.
inline void Generator::compressed() {
  for (;;) {
    const u32 bits = static_cast<u32>(random_.next() & 0xffff);
    if (!is_compressed(bits)) continue;
    const Op op = decoder_.decode(bits);
    if (op.op_class == OpClass::Jump || op.op_class == OpClass::Branch) continue;
    if (op.row == RowId::illegal && !one_in(4)) continue;
    if (op.op_class == OpClass::Load || op.op_class == OpClass::Store)
      a_.li(op.rs1, random_address(8, false) - static_cast<u64>(i64{op.imm}));
    return a_.half(bits);
  }
}

// 32 random bits, biased to used opcodes, when they are harmless or illegal.
inline void Generator::odd_word() {
  static constexpr u32 opcodes[] = {0x13, 0x33, 0x1b, 0x3b, 0x53, 0x0f, 0x43, 0x4f, 0x2f, 0x73, 0x07, 0x27};
  for (;;) {
    u32 bits = static_cast<u32>(random_.next());
    bits = (bits & ~u32{0x7f}) | (one_in(8) ? bits & 0x7f : opcodes[random_.below(std::size(opcodes))]);
    if ((bits & 3) != 3 || (bits & 0x1f) == 0x1f) continue;
    if ((bits & 0x7f) == 0x2f && one_in(2)) bits &= ~u32{0x60000000};
    const Op op = decoder_.decode(bits);
    const OpClass c = op.op_class;
    if (op.row != RowId::illegal && (c == OpClass::Load || c == OpClass::Store || c == OpClass::Atomic ||
                                     c == OpClass::Branch || c == OpClass::Jump || c == OpClass::Csr || c == OpClass::System))
      continue;
    const u32 opcode = bits & 0x7f;
    // Wider or vector loads and stores, and what other implementations know besides.
    if (op.row == RowId::illegal && opcode == 0x73 && (bits >> 12 & 7) == 4) continue;
    return a_.word(bits);
  }
}

inline void Generator::piece() {
  switch (random_.below(32)) {
    case 0: case 1: case 2: case 3: case 4: return memory();
    case 5: case 6: return atomic();
    case 7: case 8: case 9: return control();
    case 10: case 11: case 12: return compressed();
    case 13: return csr();
    case 14: return odd_word();
    case 15: return system();
    case 16: return one_in(2) ? fetch() : change_code();
    case 17: return one_in(2) ? change_page() : cache_block();
    default: return compute();
  }
}

inline Program Generator::make() {
  SupportOptions s = support();
  for (unsigned i = 0; i < options_.items && a_.here() < limit - 0x1000; ++i) piece();
  s.exit_pc = a_.here();
  a_.plain(RowId::ecall);

  Program program;
  program.image.resize(a_.here() - layout::boot);
  const auto put = [&](u64 address, const std::vector<u8>& bytes) {
    std::copy(bytes.begin(), bytes.end(), program.image.begin() + static_cast<std::ptrdiff_t>(address - layout::boot));
  };
  const Handlers handlers = handler_code();
  put(layout::boot, boot_code(s, handlers.machine, handlers.supervisor));
  put(layout::handlers, handlers.bytes);
  put(layout::code, a_.bytes());
  for (u64 at = layout::window; at < layout::landing; at += 8) {
    const u64 value = one_in(4) ? random_fp_value() : random_.next();
    std::memcpy(&program.image[at - layout::boot], &value, 8);
  }
  // Returns everywhere; over each page boundary an instruction of four bytes.
  for (u64 at = layout::landing; at < layout::code; at += 2) {
    const u16 ret = 0x8082, low_half = 0x0293;  // addi t0,t0,x: the ret is its upper half
    const u16 bits = at % 4096 == 4094 && at + 2 < layout::landing + 4096 * layout::landing_pages ? low_half : ret;
    std::memcpy(&program.image[at - layout::boot], &bits, 2);
  }
  write_page_tables(program.image, random_, options_);
  return program;
}

}  // namespace orrery::random_programs

#include "tests/lockstep/random/generator_privileged.h"
