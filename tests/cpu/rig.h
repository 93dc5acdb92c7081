// A machine with one hart (or more) and nothing loaded, whose state a test sets and looks at.
//
// Traps to M mode arrive at `handler`, those delegated to S mode at `supervisor_handler`; both are
// endless loops. PMP entry 0 allows everything, as firmware would set it up.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"
#include "models/machine.h"
#include "tests/cpu/encode.h"

namespace orrery {

namespace pte {
inline constexpr u64 V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128, N = u64{1} << 63,
                     PBMT_NC = u64{1} << 61;
}  // namespace pte

struct Rig {
  static constexpr u64 code = 0x8000'0000, user_code = 0x8000'4000, handler = 0x8000'8000,
                       supervisor_handler = 0x8000'9000, data = 0x8001'0000, tables = 0x8010'0000;

  explicit Rig(const Json& hart_parameters = Json::object(), u32 harts = 1)
      : machine(read_machine({{"machine", {{"memory", "16MiB"}, {"harts", harts}, {"hart", hart_parameters}}}},
                             nullptr, nullptr)),
        hart(machine.hart(0)) {
    const u32 loop = encode(RowId::jal, {});
    write(handler, loop, 4);
    write(supervisor_handler, loop, 4);
    for (Hart* h : machine.harts()) {
      h->pc = code;
      csr_write(*h, 0x305, handler);
      if (h->config.has(Extension::S)) csr_write(*h, 0x105, supervisor_handler);
      csr_write(*h, 0x300, csr_read(*h, 0x300) | 3 << 13);  // FS on
      if (h->config.pmp_entries == 0) continue;
      csr_write(*h, 0x3b0, ~u64{0});
      csr_write(*h, 0x3a0, 0x1f);
    }
  }

  void write(u64 address, u64 value, unsigned size = 8) {
    ASSERT_TRUE(machine.memory().write_bytes(PhysAddr{address}, std::span(reinterpret_cast<const u8*>(&value), size)));
  }
  u64 read(u64 address, unsigned size = 8) {
    u64 value = 0;
    EXPECT_TRUE(machine.memory().read_bytes(PhysAddr{address}, std::span(reinterpret_cast<u8*>(&value), size)));
    return value;
  }
  void program(u64 address, std::initializer_list<u32> words) {
    for (const u32 word : words) {
      write(address, word, is_compressed(word) ? 2 : 4);
      address += is_compressed(word) ? 2 : 4;
    }
  }
  void enter(Privilege privilege) {
    hart.privilege = privilege;
    hart.privilege_changed();
  }
  // Where the next mret goes.
  void return_to_user() {
    csr_write(hart, 0x341, user_code);
    csr_write(hart, 0x300, csr_read(hart, 0x300) & ~(u64{3} << 11));
  }
  void run(u64 steps) { machine.run({steps, never}); }

  // The instruction alone, at `code` (physically; `pc` says where the hart finds it).
  struct Outcome {
    i64 cause = -1;  // -1: no trap
    u64 tval = 0;
    bool supervisor = false;  // it was delegated
    bool operator==(const Outcome&) const = default;
  };
  Outcome execute(u32 instruction, u64 pc = code) {
    program(code, {instruction});
    return at(pc);
  }
  Outcome at(u64 pc) {
    hart.pc = pc;
    const u64 untaken = hart.untaken;
    run(1);
    if (hart.untaken == untaken) return {};
    if (hart.pc == supervisor_handler) return {static_cast<i64>(hart.csr.scause), hart.csr.stval, true};
    return {static_cast<i64>(hart.csr.mcause), hart.csr.mtval, false};
  }
  Outcome execute(RowId row, const Operands& o) { return execute(encode(row, o)); }

  // Loads and stores of x10 at x11.
  Outcome load(u64 address, RowId row = RowId::ld) {
    hart.x[11] = address;
    return execute(row, {.rd = 10, .rs1 = 11});
  }
  Outcome store(u64 address, u64 value = 0x1122334455667788, RowId row = RowId::sd) {
    hart.x[11] = address;
    hart.x[10] = value;
    return execute(row, {.rs1 = 11, .rs2 = 10});
  }
  // By the instructions, with all their checks: what csrrw and csrrs x10 read; -1 in `cause` is good.
  Outcome csr_set(u32 number, u64 value) {
    hart.x[11] = value;
    return execute(RowId::csrrw, {.rs1 = 11, .imm = static_cast<i32>(number)});
  }
  Outcome csr_get(u32 number) { return execute(RowId::csrrs, {.rd = 10, .imm = static_cast<i32>(number)}); }
  u64 csr(u32 number) {
    EXPECT_EQ(csr_get(number).cause, -1) << "CSR " << std::hex << number;
    return hart.x[10];
  }
  // What the register holds after `value` was written.
  u64 warl(u32 number, u64 value) {
    EXPECT_EQ(csr_set(number, value).cause, -1) << "CSR " << std::hex << number;
    return csr(number);
  }

  // --- page tables ------------------------------------------------------------------------------
  u64 next_table = tables + page_size;

  // Maps `virtual_address` at `level` (0: 4 KiB) and returns where the entry stands.
  u64 map(u64 virtual_address, u64 physical, u64 flags, unsigned level = 0) {
    u64 table = tables;
    for (unsigned l = levels; l-- > level + 1;) {
      const u64 at_entry = table + bits(virtual_address, 12 + 9 * l, 9) * 8;
      if (!(read(at_entry) & pte::V)) {
        write(at_entry, next_table >> 12 << 10 | pte::V);
        next_table += page_size;
      }
      table = read(at_entry) >> 10 << 12;
    }
    const u64 at_entry = table + bits(virtual_address, 12 + 9 * level, 9) * 8;
    write(at_entry, physical >> 12 << 10 | flags);
    return at_entry;
  }
  // Switches translation on, in S mode, with the code and its handler mapped one to one.
  void translate(unsigned depth = 3, Privilege privilege = Privilege::Supervisor) {
    levels = depth;
    const u64 user = privilege == Privilege::User ? pte::U : 0;
    map(code, code, pte::V | pte::R | pte::X | pte::A | user);
    csr_write(hart, 0x180, u64{depth + 5} << 60 | tables >> 12);
    enter(privilege);
  }
  unsigned levels = 3;

  Machine machine;
  Hart& hart;
};

inline Rig::Outcome no_trap() { return {}; }
inline Rig::Outcome trapped(Cause cause, u64 tval) { return {static_cast<i64>(cause), tval, false}; }

inline std::ostream& operator<<(std::ostream& out, const Rig::Outcome& o) {
  if (o.cause < 0) return out << "no trap";
  return out << cause_name(static_cast<u64>(o.cause)) << ", tval " << std::hex << o.tval << (o.supervisor ? ", delegated" : "");
}

}  // namespace orrery
