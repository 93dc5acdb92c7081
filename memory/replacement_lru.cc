// Least recently used: every way has a rank in its set, 0 for the most recent.
#include <algorithm>
#include <vector>

#include "base/archive.h"
#include "memory/replacement.h"

namespace orrery {
namespace {

class Lru final : public ReplacementPolicy {
 public:
  struct Config {
    void visit(Params&) {}
  };

  Lru(const Config&, const CacheGeometry& geometry)
      : ways_(geometry.ways), ranks_(std::size_t{geometry.sets} * geometry.ways) {
    for (std::size_t i = 0; i < ranks_.size(); ++i) ranks_[i] = static_cast<u16>(i % ways_);
  }

  bool fill(u32 set, u32 way, const Use&) override { return use(set, way); }
  bool hit(u32 set, u32 way, const Use&) override { return use(set, way); }

  u32 victim(u32 set) override {
    const u16* const rank = &ranks_[std::size_t{set} * ways_];
    return static_cast<u32>(std::max_element(rank, rank + ways_) - rank);
  }

  void state(Archive& a) override { a("ranks", std::span<u16>(ranks_)); }

 private:
  bool use(u32 set, u32 way) {
    u16* const rank = &ranks_[std::size_t{set} * ways_];
    const u16 old = rank[way];
    for (u32 i = 0; i < ways_; ++i) rank[i] = static_cast<u16>(rank[i] + (rank[i] < old));
    rank[way] = 0;
    return true;
  }

  const u32 ways_;
  std::vector<u16> ranks_;
};

const bool registered = ReplacementPolicies::add<Lru>("lru", "least recently used");

}  // namespace
}  // namespace orrery
