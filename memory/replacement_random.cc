// Random replacement, from a seeded generator.
#include "base/archive.h"
#include "base/random.h"
#include "memory/replacement.h"

namespace orrery {
namespace {

class RandomReplacement final : public ReplacementPolicy {
 public:
  struct Config {
    u64 seed = 1;
    void visit(Params& p) { p("seed", seed, "value", "start of the sequence of victims"); }
  };

  RandomReplacement(const Config& config, const CacheGeometry& geometry)
      : ways_(geometry.ways), random_(config.seed) {}

  bool fill(u32, u32, const Use&) override { return true; }
  bool hit(u32, u32, const Use&) override { return true; }
  u32 victim(u32) override { return static_cast<u32>(random_.below(ways_)); }
  void state(Archive& a) override { a("random", random_.words()); }

 private:
  const u32 ways_;
  Random random_;
};

const bool registered = ReplacementPolicies::add<RandomReplacement>("random", "a random way");

}  // namespace
}  // namespace orrery
