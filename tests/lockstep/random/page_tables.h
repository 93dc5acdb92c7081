// The page tables of a random program: code and handlers mapped one to one, the data window with
// pages of every kind, superpages good and bad above.
#pragma once

#include "tests/lockstep/random/program.h"

namespace orrery::random_programs {

namespace pte {
inline constexpr u64 V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128;
inline constexpr u64 N = u64{1} << 63;
inline u64 leaf(u64 physical, u64 flags) { return physical >> 12 << 10 | flags; }
}  // namespace pte

// Pages: 0 the lowest table (one-to-one, 2 MiB), 1 above it, 2 of Sv39, 3 the superpages' table,
// 4 of Sv48, 5 of Sv57.
inline u64 table_page(unsigned number) { return layout::tables + 4096 * number; }

inline u64 satp_of(unsigned levels) {
  if (levels == 0) return 0;
  const u64 root = levels == 3 ? 2 : levels == 4 ? 4 : 5;
  return u64{levels + 5} << 60 | table_page(static_cast<unsigned>(root)) >> 12;
}

// A mapping for page `page` of the data window: mostly usable, sometimes every oddity.
inline u64 random_window_pte(Random& random, const ProgramOptions& options, u64 page) {
  using namespace pte;
  const auto one_in = [&](u64 n) { return random.below(n) == 0; };
  const u64 user = options.mode == ProgramMode::User ? U : 0;
  if (page == 0) return leaf(layout::window, V | R | W | A | D | user);  // always usable: lr/sc
  u64 flags = V | A | D | (one_in(8) ? user ^ U : user);
  static constexpr u64 kinds[] = {R | W, R | W, R | W, R | W, R, R | X, X, R | W | X, W, W | X, 0};
  flags |= kinds[random.below(std::size(kinds))];
  if (one_in(5)) flags &= ~D;
  if (one_in(8)) flags &= ~(A | D);
  if (options.gaps.amo_loads && !(flags & W)) flags |= A;  // which an AMO would set before it faults
  if (one_in(16)) flags &= ~V;
  if (one_in(8)) flags |= G;
  if (one_in(8)) flags |= random.below(4) << 8;               // for software
  if (one_in(6)) flags |= random.below(options.gaps.no_reserved_pte_bits ? 3 : 4) << 61;  // PBMT
  if (one_in(24) && !options.gaps.no_reserved_pte_bits) flags |= u64{1} << (54 + random.below(7));  // reserved
  u64 target = layout::window + 4096 * (1 + random.below(layout::window_pages - 1));
  if (one_in(12)) {
    flags |= N;
    // 64 KiB: the low four bits of the page number say 8; anything else is reserved.
    target = layout::window + 4096 * (one_in(3) && !options.gaps.no_reserved_pte_bits ? random.below(16) : 8);
  }
  // Without permissions it points to a further table, below the last level: invalid.
  return leaf(target, flags);
}

inline u64 window_pte_address(u64 page) {
  return table_page(0) + ((layout::window + 4096 * page) >> 12 & 511) * 8;
}

inline void write_page_tables(std::vector<u8>& image, Random& random, const ProgramOptions& options) {
  using namespace pte;
  const auto poke = [&](u64 address, u64 value) { std::memcpy(&image[address - layout::boot], &value, 8); };
  const auto set = [&](unsigned table, u64 index, u64 value) { poke(table_page(table) + 8 * index, value); };
  const u64 user = options.mode == ProgramMode::User ? U : 0;
  for (u64 i = 0; i < 512; ++i) {
    const u64 address = layout::boot + 4096 * i;
    u64 flags = V | R | W | A | D;
    if (address < layout::save) flags = V | R | X | A | D;
    if (address >= layout::code) flags = V | R | W | X | U | A | D;
    if (address >= layout::code && !user) flags &= ~U;
    if (address >= layout::landing && address < layout::code) {
      static constexpr u64 kinds[] = {R | X, X, R | W, R | W | X, 0};
      flags = V | A | D | kinds[random.below(std::size(kinds))] | (random.below(4) ? user : user ^ U);
      if (random.below(4) == 0) flags &= ~A;
    }
    set(0, i, leaf(address, flags));
  }
  for (u64 page = 0; page < layout::window_pages; ++page)
    poke(window_pte_address(page), random_window_pte(random, options, page));
  set(1, 0, leaf(table_page(0), V));
  set(2, 2, leaf(table_page(1), V));
  set(2, 256, leaf(table_page(3), V));
  set(2, 257, leaf(layout::boot, V | R | W | A | user));                  // 1 GiB
  set(2, 258, leaf(layout::boot + (u64{1} << 21), V | R | W | A | user));  // 1 GiB, misaligned
  set(3, 0, leaf(layout::boot, V | R | W | user));                        // 2 MiB
  set(3, 1, leaf(layout::boot + 4096, V | R | W | A | D | user));         // 2 MiB, misaligned
  set(3, 2, leaf(table_page(0), V | A));                                  // pointer with A: reserved
  set(3, 3, leaf(layout::boot, V | R | A | D | user));
  set(3, 4, leaf(layout::boot + 4096 * 8, V | R | W | A | D | user | N));  // NAPOT superpage: reserved
  set(3, 5, leaf(table_page(0), V));                                      // the window once more
  if (!options.gaps.no_distant_table) set(3, 6, leaf(u64{1} << 40, V));   // a table where no RAM is
  for (const u64 index : {0, 511}) {
    set(4, index, leaf(table_page(2), V));
    set(5, index, leaf(table_page(4), V));
  }
}

}  // namespace orrery::random_programs
