// The fixed parts of a random program: set-up, trap handlers, the final report on the UART.
#pragma once

#include <array>

#include "tests/lockstep/random/assembler.h"
#include "tests/lockstep/random/layout.h"

namespace orrery::random_programs {

enum class ProgramMode { Machine, Supervisor, User };

namespace csrs {
inline constexpr u32 fcsr = 0x003, sstatus = 0x100, stvec = 0x105, senvcfg = 0x10a, sscratch = 0x140, sepc = 0x141,
                     scause = 0x142, stval = 0x143, satp = 0x180, mstatus = 0x300, medeleg = 0x302,
                     mtvec = 0x305, mcounteren = 0x306, menvcfg = 0x30a, mscratch = 0x340,
                     mepc = 0x341, mcause = 0x342, mtval = 0x343, pmpcfg0 = 0x3a0, pmpaddr0 = 0x3b0;
}  // namespace csrs

// What the report shows after x1..x31 and f0..f31. Of mstatus the bits that must agree: FS and SD
// may be dirtier than necessary (II, 3.1.6.6).
struct ReportedCsr {
  u32 number;
  u64 mask;
  const char* name;
};
inline constexpr std::array reported_csrs = {
    ReportedCsr{csrs::fcsr, ~u64{0}, "fcsr"},
    ReportedCsr{csrs::mstatus, 0x7e19aa, "mstatus"},
    ReportedCsr{csrs::sepc, ~u64{0}, "sepc"},
    ReportedCsr{csrs::scause, ~u64{0}, "scause"},
    ReportedCsr{csrs::medeleg, ~u64{0}, "medeleg"},
    ReportedCsr{csrs::satp, ~u64{0}, "satp"},
};
inline constexpr unsigned result_words = 31 + 32 + reported_csrs.size() + 2;  // two memory hashes

struct SupportOptions {
  ProgramMode mode = ProgramMode::Machine;
  u64 satp = 0;
  u64 medeleg = 0;
  u64 menvcfg = 0;
  u64 senvcfg = 0;
  u64 exit_pc = 0;  // its ecall ends a pass over the program
  u64 passes = 1;
  std::array<u64, 4> pmpaddr{};
  u64 pmpcfg = 0;
  std::array<u64, 32> x{};
  std::array<u64, 32> f{};
  u64 fcsr = 0;
};

inline std::vector<u8> boot_code(const SupportOptions& o, u64 machine_handler, u64 supervisor_handler) {
  Assembler a(layout::boot);
  const auto write = [&](u32 number, u64 value) {
    a.li(t0, value);
    a.csr_write(number, t0);
  };
  a.li(sp, layout::save);
  const auto keep = [&](i32 offset, u64 value) {
    a.li(t0, value);
    a.store(RowId::sd, t0, offset, sp);
  };
  keep(saved::log_next, layout::log);
  keep(saved::log_end, layout::log_end - 2 * sizeof(TrapRecord));
  keep(saved::exit_pc, o.exit_pc);
  keep(saved::passes, o.passes);
  write(csrs::mtvec, machine_handler);
  write(csrs::stvec, supervisor_handler);
  write(csrs::mscratch, layout::save);
  write(csrs::sscratch, layout::save);
  for (u32 i = 0; i < o.pmpaddr.size(); ++i) write(csrs::pmpaddr0 + i, o.pmpaddr[i]);
  write(csrs::pmpcfg0, o.pmpcfg);
  write(csrs::medeleg, o.medeleg);
  write(csrs::mcounteren, 0);
  write(csrs::menvcfg, o.menvcfg);
  write(csrs::senvcfg, o.senvcfg);
  write(csrs::satp, o.satp);
  write(csrs::mstatus, u64{3} << 13 | (o.mode == ProgramMode::Machine      ? u64{3} << 11
                                       : o.mode == ProgramMode::Supervisor ? u64{1} << 11
                                                                           : 0));
  write(csrs::mepc, layout::code);
  for (u8 i = 0; i < 32; ++i) {
    a.li(t0, o.f[i]);
    a.op(RowId::fmv_d_x, {.rd = i, .rs1 = t0});
  }
  write(csrs::fcsr, o.fcsr);
  for (u8 i = 1; i < 32; ++i) a.li(i, o.x[i]);
  a.plain(RowId::sfence_vma);
  a.plain(RowId::mret);
  return a.bytes();
}

// Appends a record, then goes on behind the instruction, or, when it could not be fetched, where ra
// says. `status` is not 0 where the handler needs SUM to read the instruction.
struct HandlerCsrs {
  u32 scratch, cause, epc, tval, status;
};

// Leaves the holes of the jumps that end the program in `to_finish`.
inline void trap_handler(Assembler& a, const HandlerCsrs& c, RowId back, std::vector<u64>& to_finish) {
  a.csr(RowId::csrrw, sp, c.scratch, sp);
  a.store(RowId::sd, t0, saved::t0, sp);
  a.store(RowId::sd, t1, saved::t1, sp);
  a.store(RowId::sd, t2, saved::t2, sp);
  a.load(RowId::ld, t2, saved::log_next, sp);
  a.csr_read(t1, c.tval);
  a.store(RowId::sd, t1, 16, t2);
  a.csr_read(t1, c.epc);
  a.store(RowId::sd, t1, 8, t2);
  a.csr_read(t0, c.cause);
  a.store(RowId::sd, t0, 0, t2);
  a.alu_imm(RowId::addi, t2, t2, sizeof(TrapRecord));
  a.store(RowId::sd, t2, saved::log_next, sp);
  const auto finish_if = [&](RowId row, u8 rs1, u8 rs2) {
    a.op(row, {.rs1 = rs1, .rs2 = rs2, .imm = 8});
    to_finish.push_back(a.hole());
  };
  a.load(RowId::ld, t1, saved::log_end, sp);
  finish_if(RowId::bltu, t2, t1);
  a.csr_read(t1, c.epc);
  a.load(RowId::ld, t2, saved::exit_pc, sp);
  const u64 not_exit = a.hole();
  a.load(RowId::ld, t2, saved::passes, sp);
  a.alu_imm(RowId::addi, t2, t2, -1);
  a.store(RowId::sd, t2, saved::passes, sp);
  finish_if(RowId::bne, t2, zero);
  a.li(t1, layout::code);
  const u64 again = a.hole();
  a.fill_branch(not_exit, RowId::bne, t1, t2);

  a.li(t2, 12);  // instruction page fault
  const u64 page_fault = a.hole();
  a.li(t2, 2);  // below: instruction misaligned and access faults
  const u64 access_fault = a.hole();
  if (c.status) {
    a.csr_read(t2, c.status);
    a.store(RowId::sd, t2, saved::status, sp);
    a.li(t2, 1 << 18);
    a.csr(RowId::csrrs, zero, c.status, t2);
  }
  a.load(RowId::lhu, t0, 0, t1);
  if (c.status) {
    a.load(RowId::ld, t2, saved::status, sp);
    a.csr_write(c.status, t2);
  }
  a.alu_imm(RowId::andi, t0, t0, 3);
  a.alu_imm(RowId::sltiu, t0, t0, 3);
  a.alu_imm(RowId::slli, t0, t0, 1);
  a.alu(RowId::sub, t1, t1, t0);
  a.alu_imm(RowId::addi, t1, t1, 4);
  const u64 skip = a.hole();
  a.fill_branch(page_fault, RowId::beq, t0, t2);
  a.fill_branch(access_fault, RowId::bltu, t0, t2);
  a.alu_imm(RowId::addi, t1, ra, 0);
  a.fill_jump(skip, zero);
  a.fill_jump(again, zero);
  a.csr_write(c.epc, t1);
  a.load(RowId::ld, t0, saved::t0, sp);
  a.load(RowId::ld, t1, saved::t1, sp);
  a.load(RowId::ld, t2, saved::t2, sp);
  a.csr(RowId::csrrw, sp, c.scratch, sp);
  a.plain(back);
}

// a hash of the 64-bit words from `from` to `to`, into t1
inline void hash_words(Assembler& a, u64 from, u64 to) {
  a.li(a0, from);
  a.li(a1, to);
  a.li(t1, 0);
  a.li(t2, 0x9e3779b97f4a7c15);
  const u64 loop = a.here();
  a.load(RowId::ld, t0, 0, a0);
  a.alu(RowId::xor_, t1, t1, t0);
  a.alu(RowId::mul, t1, t1, t2);
  a.alu_imm(RowId::srli, t0, t1, 29);
  a.alu(RowId::xor_, t1, t1, t0);
  a.alu_imm(RowId::addi, a0, a0, 8);
  a.branch(RowId::bltu, a0, a1, loop);
}

// Prints the words from s0 to s1, one a line.
inline void print_words(Assembler& a) {
  a.li(a5, layout::uart);
  const auto put = [&](u8 reg) {
    const u64 wait = a.here();
    a.load(RowId::lbu, t0, 5, a5);
    a.alu_imm(RowId::andi, t0, t0, 0x20);
    a.branch(RowId::beq, t0, zero, wait);
    a.store(RowId::sb, reg, 0, a5);
  };
  const u64 loop = a.here();
  a.load(RowId::ld, a0, 0, s0);
  a.li(a1, 60);
  const u64 digit = a.here();
  a.alu(RowId::srl, a2, a0, a1);
  a.alu_imm(RowId::andi, a2, a2, 15);
  a.alu_imm(RowId::sltiu, a3, a2, 10);
  a.alu_imm(RowId::addi, a2, a2, 'a' - 10);
  const u64 letter = a.hole();
  a.alu_imm(RowId::addi, a2, a2, '0' + 10 - 'a');
  a.fill_branch(letter, RowId::beq, a3, zero);
  put(a2);
  a.alu_imm(RowId::addi, a1, a1, -4);
  a.branch(RowId::bge, a1, zero, digit);
  a.li(a2, '\n');
  put(a2);
  a.alu_imm(RowId::addi, s0, s0, 8);
  a.branch(RowId::bltu, s0, s1, loop);
}

// In M mode, from a trap handler: sp is the save area, mscratch the program's sp.
inline void finish(Assembler& a) {
  a.csr_write(csrs::pmpcfg0, zero);  // locked entries stay
  i32 at = saved::results;
  for (u8 i = 1; i < 32; ++i, at += 8)
    if (i != sp && (i < t0 || i > t2)) a.store(RowId::sd, i, at, sp);
  const auto result_of = [](u8 reg) { return saved::results + 8 * (reg - 1); };
  a.csr_read(t0, csrs::mscratch);
  a.store(RowId::sd, t0, result_of(sp), sp);
  for (const auto& [reg, offset] : {std::pair{Reg::t0, saved::t0}, {Reg::t1, saved::t1}, {Reg::t2, saved::t2}}) {
    a.load(RowId::ld, a0, offset, sp);
    a.store(RowId::sd, a0, result_of(reg), sp);
  }
  a.li(t0, 3 << 13);
  a.csr(RowId::csrrs, zero, csrs::mstatus, t0);
  for (u8 i = 0; i < 32; ++i, at += 8) a.store(RowId::fsd, i, at, sp);
  for (const ReportedCsr& csr : reported_csrs) {
    a.csr_read(t0, csr.number);
    a.li(t1, csr.mask);
    a.alu(RowId::and_, t0, t0, t1);
    a.store(RowId::sd, t0, at, sp);
    at += 8;
  }
  for (const auto& [from, to] : {std::pair{layout::tables, layout::window}, {layout::window, layout::code}}) {
    hash_words(a, from, to);
    a.store(RowId::sd, t1, at, sp);
    at += 8;
  }
  a.alu_imm(RowId::addi, s0, sp, saved::results);
  a.alu_imm(RowId::addi, s1, sp, at);
  print_words(a);
  a.li(s0, layout::log);
  a.load(RowId::ld, s1, saved::log_next, sp);
  print_words(a);
  // The end, for those who watch tohost, and some time later for the others.
  a.li(t0, 1);
  a.li(t1, layout::tohost);
  a.store(RowId::sd, t0, 0, t1);
  a.li(t0, 20'000);
  const u64 wait = a.here();
  a.alu_imm(RowId::addi, t0, t0, -1);
  a.branch(RowId::bne, t0, zero, wait);
  a.li(t0, 0x5555);
  a.li(t1, layout::finisher);
  a.store(RowId::sw, t0, 0, t1);
  a.jump(zero, a.here());
}

struct Handlers {
  u64 machine, supervisor;
  std::vector<u8> bytes;
};

inline Handlers handler_code() {
  Assembler a(layout::handlers);
  std::vector<u64> to_finish, to_call;
  const u64 machine = a.here();
  trap_handler(a, {csrs::mscratch, csrs::mcause, csrs::mepc, csrs::mtval, 0}, RowId::mret, to_finish);
  while (a.here() % 64) a.half(1);
  const u64 supervisor = a.here();
  trap_handler(a, {csrs::sscratch, csrs::scause, csrs::sepc, csrs::stval, csrs::sstatus}, RowId::sret, to_call);
  // The log is full: an ecall makes the machine's handler notice.
  for (const u64 hole : to_call) a.fill_jump(hole, zero);
  a.plain(RowId::ecall);
  for (const u64 hole : to_finish) a.fill_jump(hole, zero);
  finish(a);
  return {machine, supervisor, a.bytes()};
}

}  // namespace orrery::random_programs
