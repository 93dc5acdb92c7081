// Re-reference prediction values (Jaleel et al., ISCA 2010): for every way, how far ahead its next use
// is thought to be, from 0 (near) to `distant`. The policies of the RRIP family differ in the value
// that a line comes in with.
//
// A demand hit sets 0 ("hit priority"). Writebacks from above and prefetches that find their line are
// no uses, and change nothing.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "base/archive.h"
#include "base/params.h"
#include "memory/replacement.h"

namespace orrery {

struct RrpvConfig {
  u32 bits = 2;

  void visit(Params& p) {
    p("bits", bits, "bits", "width of a line's re-reference prediction value");
    p.require(bits >= 1 && bits <= 8, "bits", "must be 1..8");
  }
};

class Rrpv {
 public:
  Rrpv(const RrpvConfig& config, const CacheGeometry& geometry)
      : distant(static_cast<u8>((1u << config.bits) - 1)),
        ways_(geometry.ways),
        values_(std::size_t{geometry.sets} * geometry.ways, distant) {}

  u8& of(u32 set, u32 way) { return values_[std::size_t{set} * ways_ + way]; }

  // The first way that is distant; where none is, the whole set ages until one is.
  u32 victim(u32 set) {
    u8* const value = &of(set, 0);
    const u8* const oldest = std::max_element(value, value + ways_);
    const auto age = static_cast<u8>(distant - *oldest);
    for (u32 i = 0; i < ways_; ++i) value[i] = static_cast<u8>(value[i] + age);
    return static_cast<u32>(oldest - value);
  }

  void state(Archive& a) {
    a("rrpv", std::span<u8>(values_));
    a.require(*std::max_element(values_.begin(), values_.end()) <= distant, "rrpv",
              "a value wider than this policy's");
  }

  const u8 distant;
  const u8 far = static_cast<u8>(distant - 1);  // the papers' "long"

 private:
  const u32 ways_;
  std::vector<u8> values_;
};

}  // namespace orrery
