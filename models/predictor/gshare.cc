// Two-bit counters, indexed by the branch's address exclusive-or the outcomes of the last branches
// (McFarling, "Combining Branch Predictors", 1993).
#include <vector>

#include "base/archive.h"
#include "base/bits.h"
#include "models/predictor/direction.h"

namespace orrery {
namespace {

class Gshare final : public DirectionPredictor {
 public:
  struct Config {
    u32 entries = 4096;
    u32 history_bits = 10;
    void visit(Params& p) {
      p("entries", entries, "counters", "two-bit counters");
      p("history_bits", history_bits, "branches", "outcomes remembered");
      p.require(is_power_of_two(entries) && entries <= 1 << 24, "entries",
                "must be a power of two up to 16777216");
      p.require(history_bits <= 24, "history_bits", "must be 0..24");
    }
  };

  explicit Gshare(const Config& config)
      : history_mask_((u64{1} << config.history_bits) - 1),
        counters_(config.entries, weakly_not_taken) {}

  bool predict(u64 pc, u64) const override { return says_taken(counters_[index(pc)]); }
  void update(u64 pc, u64, bool taken) override {
    u8& counter = counters_[index(pc)];
    counter = trained(counter, taken);
    history_ = (history_ << 1 | taken) & history_mask_;
  }
  void state(Archive& a) override {
    a("history", history_);
    a("counters", std::span<u8>(counters_));
  }

 private:
  std::size_t index(u64 pc) const { return (pc >> 1 ^ history_) & (counters_.size() - 1); }

  const u64 history_mask_;
  u64 history_ = 0;
  std::vector<u8> counters_;
};

const bool registered =
    DirectionPredictors::add<Gshare>("gshare", "two-bit counters by address and history");

}  // namespace
}  // namespace orrery
