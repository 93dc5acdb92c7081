// A table of two-bit counters, indexed by the branch's address.
#include <vector>

#include "base/archive.h"
#include "base/bits.h"
#include "models/predictor/direction.h"

namespace orrery {
namespace {

class Bimodal final : public DirectionPredictor {
 public:
  struct Config {
    u32 entries = 1024;
    void visit(Params& p) {
      p("entries", entries, "counters", "two-bit counters");
      p.require(is_power_of_two(entries) && entries <= 1 << 24, "entries",
                "must be a power of two up to 16777216");
    }
  };

  explicit Bimodal(const Config& config) : counters_(config.entries, weakly_not_taken) {}

  bool predict(u64 pc, u64) const override { return says_taken(counters_[index(pc)]); }
  void update(u64 pc, u64, bool taken) override {
    u8& counter = counters_[index(pc)];
    counter = trained(counter, taken);
  }
  void state(Archive& a) override { a("counters", std::span<u8>(counters_)); }

 private:
  std::size_t index(u64 pc) const { return pc >> 1 & (counters_.size() - 1); }

  std::vector<u8> counters_;
};

const bool registered = DirectionPredictors::add<Bimodal>("bimodal", "two-bit counters by address");

}  // namespace
}  // namespace orrery
