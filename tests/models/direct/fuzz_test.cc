// Random bytes as guest code, random page tables, random registers: nothing that a guest can hold
// leads translated code astray, and it ends as under the interpreter. Meant for the sanitizers too
// (tests/long/fuzz.sh).
#include "tests/environment.h"
#include "tests/models/direct/paging.h"
#include "tests/models/direct/random_state.h"

namespace orrery {
namespace {

constexpr u64 pages = 8;          // of code and data, from Twins::code on
constexpr u64 virtual_base = 0x4000'0000;

// Words that mostly decode: rows of the table with random operands, compressed ones, and any bits.
u32 random_word(Random& random) {
  switch (random.below(8)) {
    case 0: return static_cast<u32>(random.next());
    case 1: return static_cast<u32>(random.next()) | 3;
    case 2: case 3: return (static_cast<u32>(random.next()) & 0xfffc) | static_cast<u32>(random.below(3));
    default: {
      const RowId row = row_at(1 + random.below(row_count - 1));
      Operands o = random_operands(row, random);
      if (random.below(2)) o.rm = 7;
      if (random.below(2)) o.rs1 = static_cast<u8>(8 + random.below(8));
      if (row_info(row).op_class == OpClass::Branch || row_info(row).op_class == OpClass::Jump)
        o.imm = static_cast<i32>(random.below(256)) * 2 - 256;
      return encode(row, o);
    }
  }
}

// Tables of Sv39 whose entries are mostly good, and often the program's own pages.
u64 random_entry(Random& random, u64 root, bool leaf) {
  if (random.below(20) == 0) return random.next();
  const u64 table = root + page_size * random.below(3);
  if (!leaf) return Tables::entry(table, pte::V | (random.below(30) ? 0 : random.below(256)));
  u64 flags = pte::V | pte::A | pte::D | (pte::R | pte::W | pte::X);
  if (random.below(3) == 0) flags ^= u64{1} << random.below(8);
  if (random.below(6) == 0) flags |= pte::U;
  const u64 target = random.below(8) ? Twins::code + page_size * random.below(pages) : random.below(3) ? table : Twins::uart;
  return Tables::entry(target, flags);
}

struct Fuzz {
  explicit Fuzz(u64 seed)
      : random(seed), twins(1, {{"translate_after", 0}, {"code_bytes", u64{1} << 20}}, hart_of(seed)) {
    std::vector<u8> bytes(pages * page_size);
    for (u64 at = 0; at + 4 <= bytes.size();) {
      const u32 word = random_word(random);
      std::memcpy(&bytes[at], &word, 4);
      at += is_compressed(word) ? 2 : 4;
    }
    twins.machines_do([&](Machine& m) { m.memory().write_bytes(PhysAddr{Twins::code}, bytes); });
    for (u64 table = 0; table < 3; ++table)
      for (u64 i = 0; i < 512; ++i)
        if (table == 2 || i < 4 || random.below(64) == 0)
          twins.write(Twins::tables + page_size * table + 8 * i, random_entry(random, Twins::tables, table == 2));
    twins.write(Twins::tables + 8, Tables::entry(Twins::tables + page_size, pte::V));
    twins.write(Twins::tables + page_size, Tables::entry(Twins::tables + 2 * page_size, pte::V));
  }

  // Anywhere in the program, in any mode, with registers that point into it.
  void begin() {
    randomise(twins, random);
    const bool translated = random.below(2);
    const u64 base = translated ? virtual_base : Twins::code;
    for (unsigned reg = 1; reg < 16; ++reg)
      twins.x(reg, (base + random.below(pages * page_size)) & ~(random.below(3) ? u64{7} : u64{0}));
    const u64 satp = translated ? Tables::satp(Twins::tables, random.below(4)) : 0;
    const u64 delegated = random.below(4) ? 0 : random.next() & 0xb3ff, vector = base + 2 * random.below(pages * page_size / 2);
    const u64 handler = Twins::code + 4 * random.below(pages * page_size / 4);
    const auto mode = static_cast<Privilege>(translated ? random.below(2) : random.below(3) == 2 ? 3 : random.below(2));
    const u64 pc = base + 2 * random.below(pages * page_size / 2);
    // A part of the program that PMP may close to S and U, in part or as a whole: NAPOT (II, 3.7.1).
    const u64 protection = random.below(3) ? 0 : 0x18 | random.below(8);
    const u64 protected_size = u64{8} << random.below(11);
    const u64 closed = (Twins::code + random.below(pages * page_size)) & ~(protected_size - 1);
    twins.harts_do([&](Hart& h) {
      csr_write(h, 0x3a0, 0x1f00 | protection);
      csr_write(h, 0x3b0, (closed | (protected_size / 2 - 1)) >> 2);
      csr_write(h, 0x3b1, ~u64{0});
      csr_write(h, 0x180, satp);
      csr_write(h, 0x302, delegated);
      csr_write(h, 0x105, vector);
      csr_write(h, 0x305, handler);
      csr_write(h, 0x30a, 0xf0);
      h.privilege = mode;
      h.privilege_changed();
      h.pc = pc;
    });
  }

  // Without C, targets may be misaligned.
  static Json hart_of(u64 seed) {
    if (seed % 5 == 0) return {{"memory", "1MiB"}, {"hart", {{"isa", "rv64imafdsu_zicsr_zifencei"}}}};
    return {{"memory", "1MiB"}};
  }

  Random random;
  Twins twins;
};

// Adds the instructions that did not trap.
void compare(u64 seed, u64& retired) {
  Fuzz fuzz(seed);
  for (int n = 0; n < 12; ++n) {
    fuzz.begin();
    const Stop stop = fuzz.twins.run({1 + fuzz.random.below(3'000), Tick{fuzz.twins.interpreter.now() + 50'000'000}});
    ASSERT_EQ(fuzz.twins.difference(), "") << "seed " << seed << " round " << n;
    if (stop.why != Stop::Why::Steps && stop.why != Stop::Why::Time && stop.why != Stop::Why::Deadlock) break;
  }
  retired += fuzz.twins.direct.hart(0).retired();
}

TEST(DirectFuzz, RandomCodeAndPageTables) {
  const u64 first = variable("ORRERY_SEED").value_or(1);
  u64 retired = 0;
  for (u64 seed = first; seed < first + 120 * static_cast<u64>(fuzz_scale()); ++seed) {
    compare(seed, retired);
    if (HasFailure()) return;
  }
  EXPECT_GT(retired, 100'000u) << "the bytes are too wild to test much";
}

}  // namespace
}  // namespace orrery
