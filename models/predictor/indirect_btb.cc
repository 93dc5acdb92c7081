// The target that the jump went to last, as a branch target buffer remembers it.
#include <vector>

#include "base/archive.h"
#include "base/bits.h"
#include "models/predictor/indirect.h"

namespace orrery {
namespace {

class IndirectBtb final : public IndirectPredictor {
 public:
  struct Config {
    u32 entries = 256;
    void visit(Params& p) {
      p("entries", entries, "jumps", "remembered");
      p.require(is_power_of_two(entries) && entries <= 1 << 20, "entries",
                "must be a power of two up to 1048576");
    }
  };

  explicit IndirectBtb(const Config& config) : jumps_(config.entries), targets_(config.entries) {}

  u64 predict(u64 pc) const override { return jumps_[index(pc)] == pc ? targets_[index(pc)] : 0; }
  void update(u64 pc, u64 target, bool) override {
    jumps_[index(pc)] = pc;
    targets_[index(pc)] = target;
  }
  void branch(u64, bool) override {}
  void state(Archive& a) override {
    a("jumps", std::span<u64>(jumps_));
    a("targets", std::span<u64>(targets_));
  }

 private:
  std::size_t index(u64 pc) const { return pc >> 1 & (jumps_.size() - 1); }

  std::vector<u64> jumps_, targets_;
};

const bool registered = IndirectPredictors::add<IndirectBtb>("btb", "where the jump went last");

}  // namespace
}  // namespace orrery
