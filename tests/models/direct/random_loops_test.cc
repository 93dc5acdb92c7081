// Random control flow without end: blocks that branch, call, return and jump through a table to one
// another, over several pages, compute in integers and floating point, rewrite each other's first
// instruction, trap, and are interrupted by a timer all the time.
#include "tests/environment.h"
#include "tests/lockstep/random/assembler.h"
#include "tests/models/direct/random_state.h"

namespace orrery {
namespace {

using random_programs::Assembler;

// Registers x1..x15 are computed with; these are kept for:
enum : u8 { link = 17, blocks = 24, words = 25, device = 26, scratch = 27, traps = 28, where = 29, first = 30, saved = 31 };
constexpr u64 table = Twins::data, patches = Twins::data + 1024, handler_at = 0x8000'f000;
constexpr unsigned table_size = 16;

class Loops {
 public:
  explicit Loops(u64 seed) : random_(seed) {
    randomise(twins, random_);
    const unsigned count = 20 + static_cast<unsigned>(random_.below(60));
    // Twice: the first time to know where each block stands.
    const Random begin = random_;
    at_.assign(count, Twins::code);
    for (int pass = 0; pass < 2; ++pass) {
      random_ = begin;
      a_ = Assembler(Twins::code);
      for (unsigned i = 0; i < count; ++i) block(i);
    }
    twins.machines_do([&](Machine& m) { m.memory().write_bytes(PhysAddr{Twins::code}, a_.bytes()); });
    for (unsigned i = 0; i < table_size; ++i) {
      const u64 target = at_[random_.below(count)];
      twins.write(table + 8 * i, target);
      for (u64 n = 0; n < 2; ++n) twins.write(patches + 16 * i + 8 * n, encode(RowId::addi, {.rd = 5, .rs1 = 5, .imm = static_cast<i32>(random_.below(100))}), 4);
    }
    handler();
    start();
  }

  Twins twins{1, {{"translate_after", 0}, {"code_bytes", u64{1} << 20}}};

 private:
  u8 reg() { return static_cast<u8>(random_.below(16)); }

  void start() {
    for (const auto& [r, value] : {std::pair<u8, u64>{link, at_[0]}, {blocks, table}, {words, patches}, {device, 0x0200'bff8},
                                   {traps, 0}, {where, 0}, {first, at_[0]}})
      twins.x(r, value);
    twins.harts_do([&](Hart& h) {
      csr_write(h, 0x305, handler_at);
      csr_write(h, 0x304, 0x80);
      csr_write(h, 0x300, 3 << 13 | 8);
    });
    twins.machines_do([&](Machine& m) { m.memory().write(PhysAddr{0x0200'4000}, 8, m.hart(0).time_counter() + 2, m.hart(0).time); });
    twins.jump(at_[0]);
  }

  // Exceptions go on at the first block, interrupts come again after some time.
  void handler() {
    Assembler h(handler_at);
    h.csr_read(saved, 0x341);
    h.alu(RowId::xor_, where, where, saved);
    h.alu_imm(RowId::slli, where, where, 1);
    h.csr_read(saved, 0xb02);
    h.alu(RowId::add, where, where, saved);
    h.alu_imm(RowId::addi, traps, traps, 1);
    h.csr_read(saved, 0x342);
    const u64 interrupt = h.hole();
    h.csr_write(0x341, first);
    // FS may be off.
    h.li(saved, 3 << 13);
    h.csr(RowId::csrrs, 0, 0x300, saved);
    h.plain(RowId::mret);
    h.fill_branch(interrupt, RowId::blt, saved, 0);
    h.load(RowId::ld, saved, 0, device);
    h.alu_imm(RowId::addi, saved, saved, static_cast<i32>(1 + random_.below(4)));
    h.csr(RowId::csrrw, saved, 0x340, saved);
    h.csr_read(saved, 0x340);
    h.op(RowId::lui, {.rd = scratch, .imm = 0x02004000});
    h.store(RowId::sd, saved, 0, scratch);
    h.plain(RowId::mret);
    twins.machines_do([&](Machine& m) { m.memory().write_bytes(PhysAddr{handler_at}, h.bytes()); });
  }

  void compute() {
    for (;;) {
      const RowId row = row_at(1 + random_.below(row_count - 1));
      const OpClass c = row_info(row).op_class;
      if (c == OpClass::Branch || c == OpClass::Jump || c == OpClass::Csr || c == OpClass::System || c == OpClass::Fence ||
          c == OpClass::Load || c == OpClass::Store || c == OpClass::Atomic)
        continue;
      Operands o = random_operands(row, random_);
      const Form form = row_info(row).form;
      const bool to_f = form == Form::R4 || form == Form::FRrm || form == Form::FR || form == Form::FUnaryRm || form == Form::XToF || form == Form::XToFrm;
      if (!to_f) o.rd &= 15;
      if (random_.below(4)) o.rm = 7;
      return a_.op(row, o);
    }
  }
  void access() {
    const u8 value = reg();
    const i32 offset = static_cast<i32>(1280 + 8 * random_.below(90) + (random_.below(16) ? 0 : random_.below(8)));
    switch (random_.below(8)) {
      case 0: return a_.op(RowId::fsd, {.rs1 = blocks, .rs2 = value, .imm = offset});
      case 1: return a_.op(RowId::flw, {.rd = value, .rs1 = blocks, .imm = offset});
      case 2: return a_.load(RowId::lb, value, offset, blocks);
      case 3: return a_.store(RowId::sw, value, offset, blocks);
      case 4: return a_.store(RowId::sd, value, offset, blocks);
      case 5: return a_.load(RowId::ld, value, 0, device);
      case 6: return a_.csr(RowId::csrrs, value, random_.below(2) ? 0xc02 : 0x003, 0);
      default: return a_.load(RowId::ld, value, offset, blocks);
    }
  }
  // An entry of the table, by what is in a register: its address into `scratch`.
  void choose() {
    a_.alu_imm(RowId::andi, scratch, reg(), 8 * (table_size - 1));
    a_.alu(RowId::add, scratch, scratch, blocks);
  }
  void rewrite() {
    choose();
    a_.load(RowId::ld, saved, 0, scratch);
    a_.alu(RowId::sub, scratch, scratch, blocks);
    a_.alu_imm(RowId::slli, scratch, scratch, 1);
    a_.alu(RowId::add, scratch, scratch, words);
    a_.load(RowId::lw, scratch, 8 * static_cast<i32>(random_.below(2)), scratch);
    a_.store(RowId::sw, scratch, 0, saved);
    if (random_.below(2)) a_.plain(RowId::fence_i);
  }
  void block(unsigned i) {
    if (random_.below(8) == 0) for (u64 n = random_.below(700); n > 0; --n) a_.half(1);  // to the next page
    a_.half(1);
    if (a_.here() % 4) a_.half(1);
    at_[i] = a_.here();
    a_.alu_imm(RowId::addi, 5, 5, 1);  // may be rewritten
    for (u64 n = random_.below(10); n > 0; --n) random_.below(4) ? compute() : access();
    if (random_.below(16) == 0) rewrite();
    const u64 target = at_[random_.below(at_.size())];
    static constexpr RowId branches[] = {RowId::beq, RowId::bne, RowId::blt, RowId::bge, RowId::bltu, RowId::bgeu};
    const i64 distance = static_cast<i64>(target - a_.here());
    switch (random_.below(8)) {
      case 0: return a_.jump(random_.below(2) ? u8{link} : u8{0}, target);
      case 1: return a_.op(RowId::jalr, {.rd = random_.below(2) ? u8{link} : u8{0}, .rs1 = link});
      case 2: case 3:
        choose();
        a_.load(RowId::ld, scratch, 0, scratch);
        return a_.op(RowId::jalr, {.rd = random_.below(2) ? u8{link} : u8{0}, .rs1 = scratch});
      case 4:
        if (random_.below(3) == 0) return a_.plain(RowId::ecall);
        [[fallthrough]];
      default: {
        const RowId row = branches[random_.below(6)];
        const u8 left = reg(), right = reg();
        if (distance >= -4096 && distance < 4096) a_.branch(row, left, right, target);
        else a_.alu_imm(RowId::addi, 0, 0, 0);
      }
    }
  }

  Random random_;
  Assembler a_{Twins::code};
  std::vector<u64> at_;
};

u64 compare(u64 seed, u64 steps) {
  Loops loops(seed);
  Random random(seed);
  while (loops.twins.direct.steps() < steps) {
    loops.twins.run({1 + random.below(random.below(3) ? 3'000 : 60)});
    EXPECT_EQ(loops.twins.difference(), "") << "seed " << seed << " at " << loops.twins.direct.steps();
    if (testing::Test::HasFailure()) break;
  }
  return loops.twins.direct.hart(0).retired();
}

TEST(DirectRandomLoops, AgreeWithTheInterpreter) {
  const u64 first_seed = variable("ORRERY_SEED").value_or(1);
  const bool is_long = long_run();
  u64 retired = 0;
  for (u64 seed = first_seed; seed < first_seed + (is_long ? 600 : 40); ++seed) {
    retired += compare(seed, is_long ? 200'000 : 15'000);
    if (HasFailure()) return;
  }
  EXPECT_GT(retired, 300'000u);
}

}  // namespace
}  // namespace orrery
