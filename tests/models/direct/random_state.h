// Random values and states in which instructions behave unusually.
#pragma once

#include <iterator>

#include "base/random.h"
#include "tests/models/direct/twins.h"

namespace orrery {

// Singles, boxed or not, and doubles: special ones, those next to a power of two, and any bits.
inline u64 random_f(Random& random) {
  static constexpr u32 singles[] = {0,          0x3f800000, 0x7f800000, 0x7fc00000, 0x7f800001, 1,
                                    0x007fffff, 0x00800000, 0x7f7fffff, 0x4f000000, 0x4f800000, 0x5f000000,
                                    0x5f800000, 0x3f000000, 0x33800000, 0x0b800000, 0x7fffffff};
  static constexpr u64 doubles[] = {0,
                                    0x3ff0000000000000,
                                    0x7ff0000000000000,
                                    0x7ff8000000000000,
                                    0x7ff0000000000001,
                                    1,
                                    0x000fffffffffffff,
                                    0x0010000000000000,
                                    0x7fefffffffffffff,
                                    0x41dfffffffc00000,
                                    0x41e0000000000000,
                                    0x43e0000000000000,
                                    0x43f0000000000000,
                                    0x3810000000000000,
                                    0x36a0000000000000,
                                    0x3fe0000000000000,
                                    0xffffffff7f800000};
  const u64 boxed = random.below(10) == 0 ? random.next() << 32 : u64{0xffffffff} << 32;
  const u64 sign = random.below(2);
  switch (random.below(7)) {
    case 0: return boxed | (singles[random.below(std::size(singles))] ^ sign << 31);
    case 1: return boxed | (random.next() & 0xffffffff);
    case 2: return boxed | (sign << 31 | (0x3f000000 + random.below(0x2000000)));  // near 1
    case 3: return doubles[random.below(std::size(doubles))] ^ sign << 63;
    case 4: return sign << 63 | (0x3fe0000000000000 + random.below(u64{1} << 54));
    case 5: return boxed | (random.next() & 0x807f'ffff);  // tiny
    default: return random.next();
  }
}

inline u64 random_x(Random& random) {
  switch (random.below(9)) {
    case 0: return random.below(70);
    case 1: return ~random.below(16);
    case 2: return u64{1} << random.below(64);
    case 3: return (u64{1} << random.below(64)) - 1;
    case 4: return sign_extend(random.next() & 0xffffffff, 32);
    case 5: return random_f(random);
    case 6: return Twins::data + random.below(3 * page_size);
    default: return random.next() >> random.below(64);
  }
}

// Where an access of `size` bytes may go: mostly data, across pages, devices, nowhere.
inline u64 random_place(Random& random, u64 size) {
  switch (random.below(16)) {
    case 0: return Twins::data + page_size - random.below(9);
    case 1: return Twins::nothing + random.below(64);
    case 2: return Twins::uart + random.below(8);
    case 3: return 0x0200'0000 + random.below(0xc000);  // CLINT
    case 4: return random.next();
    case 5: return Twins::code + random.below(256);     // the running code
    case 6: return 0x8010'0000 - random.below(9);       // the end of RAM
    case 7: case 8: return Twins::data + random.below(2 * page_size);
    default: return Twins::data + (random.below(2 * page_size) & ~(size - 1));
  }
}

// The same in both machines: registers, rounding mode, flags, FS.
inline void randomise(Twins& twins, Random& random) {
  u64 x[32], f[32];
  for (u64& value : x) value = random_x(random);
  for (u64& value : f) value = random_f(random);
  const u8 frm = static_cast<u8>(random.below(3) ? random.below(5) : random.below(8));
  const u8 fflags = static_cast<u8>(random.below(2) ? 0 : random.below(32));
  const u64 fs = random.below(8) ? 1 + random.below(3) : 0;
  twins.harts_do([&](Hart& h) {
    csr_write(h, 0x180, 0);  // satp
    csr_write(h, 0x304, 0);  // mie
    csr_write(h, 0x305, Twins::handler);
    csr_write(h, 0x302, 0);  // medeleg
    csr_write(h, 0x300, fs << 13);
    h.privilege = Privilege::Machine;
    h.privilege_changed();
    h.waiting = false;
    for (unsigned i = 1; i < 32; ++i) h.x[i] = x[i];
    for (unsigned i = 0; i < 32; ++i) h.f[i] = f[i];
    h.frm = frm;
    h.fflags = fflags;
  });
}

}  // namespace orrery
