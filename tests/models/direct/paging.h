// Page tables (Sv39) for twins: the same in both machines.
#pragma once

#include "base/bits.h"
#include "tests/models/direct/twins.h"

namespace orrery {

namespace pte {
inline constexpr u64 V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128;
}  // namespace pte

class Tables {
 public:
  explicit Tables(Twins& twins) : twins_(twins) {}

  u64 new_root() { return take(); }

  // Returns where the entry of the 4 KiB page stands.
  u64 map(u64 root, u64 virtual_address, u64 physical, u64 flags) {
    u64 table = root;
    for (unsigned level = 2; level > 0; --level) {
      const u64 at = table + bits(virtual_address, 12 + 9 * level, 9) * 8;
      if (!(twins_.read(at) & pte::V)) twins_.write(at, take() >> 12 << 10 | pte::V);
      table = twins_.read(at) >> 10 << 12;
    }
    const u64 at = table + bits(virtual_address, 12, 9) * 8;
    twins_.write(at, entry(physical, flags));
    return at;
  }
  static u64 entry(u64 physical, u64 flags) { return physical >> 12 << 10 | flags; }
  static u64 satp(u64 root, u64 asid = 0) { return u64{8} << 60 | asid << 44 | root >> 12; }

 private:
  u64 take() {
    next_ += page_size;
    return next_ - page_size;
  }
  Twins& twins_;
  u64 next_ = Twins::tables;
};

}  // namespace orrery
