// Two machines that differ in nothing but the CPU model: what one does under `direct`, the other one
// does under `interpreter`, and afterwards they are equal.
//
// Code stands at `code`; traps to M mode arrive at `handler`, an endless loop unless a test writes
// something else there. Blocks are translated when they are first executed.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/archive.h"
#include "base/json.h"
#include "models/machine.h"
#include "tests/cpu/encode.h"

namespace orrery {

struct Twins {
  static constexpr u64 code = 0x8000'0000, handler = 0x8000'8000, data = 0x8001'0000,
                       tables = 0x8002'0000, uart = 0x1000'0000, nothing = 0x4000'0000;

  explicit Twins(u32 harts = 1, const Json& direct_parameters = {{"translate_after", 0}},
                 const Json& more = {{"memory", "1MiB"}})
      : interpreter(read_machine(description("interpreter", harts, direct_parameters, more), nullptr, nullptr)),
        direct(read_machine(description("direct", harts, direct_parameters, more), nullptr, nullptr)) {
    program(handler, {encode(RowId::jal, {})});
    harts_do([](Hart& h) {
      h.pc = code;
      csr_write(h, 0x305, handler);
      csr_write(h, 0x300, csr_read(h, 0x300) | 3 << 13);  // FS on
      csr_write(h, 0x3b0, ~u64{0});                       // PMP entry 0 allows everything
      csr_write(h, 0x3a0, 0x1f);
    });
  }

  static Json description(const std::string& model, u32 harts, const Json& direct_parameters,
                          const Json& more) {
    Json machine = {{"harts", harts}, {"cpu", model}, {"direct", direct_parameters}};
    machine.update(more);
    return {{"machine", machine}};
  }

  template <class Do>
  void machines_do(Do&& act) {
    act(interpreter);
    act(direct);
  }
  template <class Do>
  void harts_do(Do&& act) {
    machines_do([&](Machine& m) {
      for (Hart* h : m.harts()) act(*h);
    });
  }
  void write(u64 address, u64 value, unsigned size = 8) {
    machines_do([&](Machine& m) {
      ASSERT_TRUE(m.memory().write_bytes(PhysAddr{address}, std::span(reinterpret_cast<const u8*>(&value), size)));
    });
  }
  u64 read(u64 address, unsigned size = 8) {
    u64 value = 0;
    EXPECT_TRUE(direct.memory().read_bytes(PhysAddr{address}, std::span(reinterpret_cast<u8*>(&value), size)));
    return value;
  }
  // Returns where the program ends.
  u64 program(u64 address, const std::vector<u32>& words) {
    for (const u32 word : words) {
      const unsigned size = is_compressed(word) ? 2 : 4;
      write(address, word, size);
      address += size;
    }
    return address;
  }
  void csr(u32 number, u64 value) {
    harts_do([=](Hart& h) { csr_write(h, number, value); });
  }
  void x(unsigned reg, u64 value) {
    harts_do([=](Hart& h) { h.x[reg] = value; });
  }
  void jump(u64 pc) {
    harts_do([=](Hart& h) { h.pc = pc; });
  }
  void enter(Privilege privilege) {
    harts_do([=](Hart& h) {
      h.privilege = privilege;
      h.privilege_changed();
    });
  }

  Stop run(const RunLimit& limit) {
    const Stop expected = interpreter.run(limit);
    const Stop stop = direct.run(limit);
    EXPECT_EQ(static_cast<int>(stop.why), static_cast<int>(expected.why));
    return stop;
  }

  // Where they differ: state, then RAM. Empty when they are equal.
  std::string difference() {
    std::string text;
    for (const std::string& line : differences(save_tree(interpreter, false), save_tree(direct, false), 12))
      text += line + "\n";
    const u64 size = direct.ram().size();
    const u8 *a = interpreter.ram().host(interpreter.ram().base()), *b = direct.ram().host(direct.ram().base());
    if (std::memcmp(a, b, size) == 0) return text;
    for (u64 i = 0; i < size; ++i)
      if (a[i] != b[i]) return text + fmt::format("RAM at {:#x}: {:#x} and {:#x}\n", 0x8000'0000 + i, a[i], b[i]);
    return text;
  }

  u64 regions_translated() {
    for (const HostFigure& figure : direct.model().host_figures())
      if (figure.name == std::string("regions_translated")) return figure.value;
    return ~u64{0};
  }

  Machine interpreter, direct;
};

#define EXPECT_TWINS_EQUAL(twins) EXPECT_EQ((twins).difference(), "")

using Regs = std::initializer_list<u8>;
inline u32 li(u8 rd, i32 value) { return encode(RowId::addi, {.rd = rd, .imm = value}); }
inline u32 jump_by(i32 offset) { return encode(RowId::jal, {.imm = offset}); }

}  // namespace orrery
