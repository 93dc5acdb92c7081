// The pieces of random programs that concern the privileged architecture. Part of generator.h.
#pragma once

#include "tests/lockstep/random/generator.h"

namespace orrery::random_programs {

inline void Generator::csr() {
  static constexpr u32 for_all[] = {0x001, 0x002, 0x003};
  static constexpr u32 supervisor[] = {0x141, 0x142, 0x143};
  static constexpr u32 machine[] = {0x141, 0x142, 0x143, 0x341, 0x342, 0x343, 0x302, 0x180, 0x106};
  static constexpr u32 forbidden[] = {0x300, 0x305, 0x340, 0x341, 0xf14, 0x302, 0xc00, 0xc01, 0xc02, 0xb00, 0x3a0, 0x3b0};
  static constexpr u32 absent[] = {0x3a1, 0x3a3, 0x800, 0xfff, 0x5c0, 0x7ff, 0x000};
  static const std::vector<RowId> rows = {RowId::csrrw, RowId::csrrs, RowId::csrrc, RowId::csrrwi, RowId::csrrsi, RowId::csrrci};
  const auto pick = [&](const auto& list) { return list[random_.below(std::size(list))]; };
  const bool is_machine = options_.mode == ProgramMode::Machine, is_user = options_.mode == ProgramMode::User;
  const RowId row = any_of(rows);
  Operands o = random_operands(row, random_);
  switch (random_.below(6)) {
    case 0: {  // status: written, not read (FS may be dirtier than necessary)
      if (is_user) break;
      u64 bits = random_.next() & (is_machine ? 0x7e19a0 : 0xc0120);
      if (options_.gaps.no_mprv) bits &= ~(u64{1} << 17);
      if (one_in(6)) bits |= random_.next() & 0x6000;
      const u8 with = base_reg();
      a_.li(with, bits);
      a_.csr(one_in(2) ? RowId::csrrs : RowId::csrrc, zero, is_machine ? csrs::mstatus : csrs::sstatus, with);
      a_.li(with, 0x6000);
      if (!one_in(8)) a_.csr(RowId::csrrs, zero, is_machine ? csrs::mstatus : csrs::sstatus, with);
      return;
    }
    case 1:
      if (is_machine) {
        o.imm = static_cast<i32>(pick(machine));
        if (o.imm == 0x302 || o.imm == 0x180 || o.imm == 0x106) {  // read only
          o.rs1 = 0;
          return a_.op(RowId::csrrs, o);
        }
      } else {
        o.imm = static_cast<i32>(pick(supervisor));
      }
      {  // Written first: what a trap left there may be a choice of the implementation.
        const bool epc = o.imm == 0x141 || o.imm == 0x341;
        const u8 with = base_reg();
        a_.li(with, random_value() & (epc ? ~u64{3} : ~u64{0}));
        a_.csr_write(static_cast<u32>(o.imm), with);
        if (epc && options_.gaps.no_odd_epc) o.rs1 = 0;
        return a_.op(epc && options_.gaps.no_odd_epc ? RowId::csrrs : row, o);
      }
    case 2:
      if (!is_machine) {
        o.imm = static_cast<i32>(pick(forbidden));
        if (options_.gaps.values_write && o.imm >= 0xc00) o.rs1 = 0;
        return a_.op(row, o);
      }
      break;
    case 3:
      o.imm = static_cast<i32>(pick(absent));
      return a_.op(row, o);
    default: break;
  }
  o.imm = static_cast<i32>(pick(for_all));
  if (o.imm != 1 && one_in(2)) {  // frm mostly valid
    const u8 with = base_reg();
    a_.li(with, o.imm == 2 ? random_.below(5) : random_.below(0xa0));
    return a_.csr(RowId::csrrw, o.rd, static_cast<u32>(o.imm), with);
  }
  a_.op(row, o);
}

inline void Generator::system() {
  const bool is_machine = options_.mode == ProgramMode::Machine, is_user = options_.mode == ProgramMode::User;
  switch (random_.below(8)) {
    case 0: return a_.plain(RowId::ecall);
    case 1: return a_.plain(RowId::ebreak);
    case 2: return a_.half(0x9002);  // c.ebreak
    case 3: {
      const RowId row = one_in(2) ? RowId::sfence_vma : RowId::sinval_vma;
      return a_.op(row, random_operands(row, random_));
    }
    case 4:
      if (is_user) return a_.plain(one_in(2) ? RowId::sret : RowId::wfi);
      return a_.plain(one_in(2) ? RowId::sfence_w_inval : RowId::sfence_inval_ir);
    case 5: return a_.plain(one_in(2) ? RowId::fence_i : RowId::pause);
    case 6:
      if (!is_machine) return a_.plain(RowId::mret);
      [[fallthrough]];
    default: {  // a return from a trap, to the next instruction and the same mode
      if (is_user) return a_.plain(RowId::mret);
      const u8 with = base_reg(), status = base_reg();
      a_.li(status, is_machine ? 0x1800 : 0x100);
      a_.csr(RowId::csrrs, zero, is_machine ? csrs::mstatus : csrs::sstatus, status);
      a_.op(RowId::auipc, {.rd = with});
      a_.alu_imm(RowId::addi, with, with, 16);
      a_.csr_write(is_machine ? csrs::mepc : csrs::sepc, with);
      return a_.plain(is_machine ? RowId::mret : RowId::sret);
    }
  }
}

// Jumps where there may be nothing to fetch; ra says how to go on.
inline void Generator::fetch() {
  u64 target = layout::landing + random_.below(4096 * layout::landing_pages) / 2 * 2;
  switch (random_.below(8)) {
    case 0: target = random_address(2, true) | u64{1} << 60; break;  // non-canonical
    case 1: target = (u64{1} << (40 + random_.below(16))) + 0x1000; break;
    case 2: case 3: target = layout::landing + 4096 * (1 + random_.below(layout::landing_pages - 1)) - 2; break;
    default: break;
  }
  const u8 base = base_reg();
  a_.li(base, target);
  a_.op(RowId::jalr, {.rd = ra, .rs1 = base});
}

inline void Generator::change_page() {
  if (options_.mode == ProgramMode::User || options_.levels == 0) return compute();
  const u8 base = base_reg(), value = base_reg();
  const u64 page = 1 + random_.below(layout::window_pages - 1);
  if (base == value) return compute();
  a_.li(base, window_pte_address(page));
  a_.li(value, random_window_pte(random_, options_, page));
  a_.store(RowId::sd, value, 0, base);
  a_.plain(RowId::sfence_vma);
  const RowId row = any_of(memory_rows_);
  Operands o = random_operands(row, random_);
  o.rs1 = base;
  a_.li(base, layout::window + 4096 * page + random_.below(4088) - static_cast<u64>(i64{o.imm}));
  a_.op(row, o);
}

// Replaces an instruction that is about to be executed.
inline void Generator::change_code() {
  const u8 base = base_reg(), value = base_reg();
  if (base == value) return compute();
  const RowId before = any_of(compute_rows_), after = any_of(compute_rows_);
  a_.li(value, encode(after, random_operands(after, random_)));
  if (a_.here() % 4) a_.half(1);
  a_.op(RowId::auipc, {.rd = base});
  a_.store(RowId::sw, value, 12, base);
  a_.plain(RowId::fence_i);
  a_.op(before, random_operands(before, random_));
}

inline void Generator::cache_block() {
  static const std::vector<RowId> rows = {RowId::cbo_zero, RowId::cbo_zero, RowId::cbo_clean, RowId::cbo_flush, RowId::cbo_inval};
  if (!options_.cache_blocks) return compute();
  const u8 base = base_reg();
  u64 address = random_address(64, one_in(2));
  if (options_.gaps.no_distant_block) address = layout::window + 4096 + random_.below(4096 * (layout::window_pages - 1));
  a_.li(base, address);
  a_.op(any_of(rows), {.rs1 = base});
}

inline SupportOptions Generator::support() {
  SupportOptions s;
  s.mode = options_.mode;
  s.satp = satp_of(options_.levels);
  s.medeleg = random_.next() & 0xb0fe;  // not the ecall of S mode, which ends the program
  if (options_.gaps.amo_loads) s.medeleg = (s.medeleg & 0x100e) | random_.below(2) * 0xa0f0;
  s.menvcfg = options_.gaps.no_reserved_pte_bits || one_in(2) ? u64{1} << 62 : 0;  // PBMTE
  if (options_.cache_blocks) s.menvcfg |= random_.next() & 0xc0, s.senvcfg |= random_.next() & 0xc0;
  if (options_.cache_blocks && one_in(2)) s.menvcfg |= 0x30, s.senvcfg |= one_in(2) ? 0x30 : 0x10;
  if (options_.adue) s.menvcfg |= u64{1} << 61;
  s.passes = options_.passes;
  s.fcsr = random_.below(0xa0);
  for (u64& x : s.x) x = random_value();
  for (u64& f : s.f) f = random_fp_value();
  s.pmpaddr.fill((u64{1} << 53) - 1);
  s.pmpcfg = u64{0x1f} << 24;  // the last of four: everything
  if (options_.pmp) {
    // Locked ones end on multiples of 8 bytes and may be read: the report reads all data.
    for (unsigned i = 0; i < 3; ++i) {
      const u64 at = layout::window + 8192 + random_.below(4096 * (layout::window_pages - 2));
      static constexpr u64 permissions[] = {0, 1, 3, 4, 5, 7, 0x81, 0x83};
      u64 cfg = permissions[random_.below(std::size(permissions))];
      u64 size = 0;
      switch (random_.below(3)) {
        case 0:  // NAPOT of 8 bytes to 8 KiB
          cfg |= 0x18;
          size = u64{1} << random_.below(11);
          s.pmpaddr[i] = (at >> 2 & ~(2 * size - 1)) | (size - 1);
          break;
        case 1: cfg = (cfg & 0x7f) | 0x10, s.pmpaddr[i] = at >> 2; break;  // NA4
        default:  // TOR, from the entry before; of the first one, from 0: only where it allows all
          cfg = (cfg & 0x7f) | 0x08;
          s.pmpaddr[i] = at >> 2;
          if (i == 0) cfg = 0x0f, s.pmpaddr[i] = (layout::window + 8192) >> 2;  // page 0 stays usable
          break;
      }
      s.pmpcfg |= cfg << (8 * i);
    }
  }
  return s;
}

}  // namespace orrery::random_programs
