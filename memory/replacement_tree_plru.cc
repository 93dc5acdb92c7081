// Tree pseudo-LRU: a binary tree a set, whose nodes point away from the half used last. A number of
// ways that is no power of two leaves out leaves of the tree.
#include <bit>
#include <vector>

#include "base/archive.h"
#include "memory/replacement.h"

namespace orrery {
namespace {

class TreePlru final : public ReplacementPolicy {
 public:
  struct Config {
    void visit(Params&) {}
  };

  TreePlru(const Config&, const CacheGeometry& geometry)
      : ways_(geometry.ways),
        leaves_(std::bit_ceil(geometry.ways)),
        right_(std::size_t{geometry.sets} * leaves_) {}

  bool fill(u32 set, u32 way, const Use&) override { return use(set, way); }
  bool hit(u32 set, u32 way, const Use&) override { return use(set, way); }

  u32 victim(u32 set) override {
    const u8* const right = tree(set);
    u32 node = 1, first = 0, span = leaves_;  // the node stands for ways first .. first+span-1
    while (node < leaves_) {
      span /= 2;
      const bool go_right = right[node] && first + span < ways_;
      node = 2 * node + go_right;
      first += go_right ? span : 0;
    }
    return first;
  }

  void state(Archive& a) override { a("right", std::span<u8>(right_)); }

 private:
  bool use(u32 set, u32 way) {
    u8* const right = tree(set);
    for (u32 node = way + leaves_; node > 1; node /= 2) right[node / 2] = node % 2 == 0;
    return true;
  }
  u8* tree(u32 set) { return &right_[std::size_t{set} * leaves_]; }  // [1] is the root

  const u32 ways_;
  const u32 leaves_;
  std::vector<u8> right_;
};

const bool registered = ReplacementPolicies::add<TreePlru>("tree_plru", "tree pseudo-LRU");

}  // namespace
}  // namespace orrery
