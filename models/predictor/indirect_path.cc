// A table of targets without tags, indexed by the targets of the last indirect jumps, two bits of
// each, exclusive-or the outcomes of the last conditional branches. The jump's own address takes no
// part, so jumps that share a path share an entry; targets that agree in the bits that the path
// keeps cannot be told apart by it.
#include <array>
#include <vector>

#include "base/archive.h"
#include "base/bits.h"
#include "models/predictor/indirect.h"

namespace orrery {
namespace {

class IndirectPath final : public IndirectPredictor {
 public:
  struct Config {
    u32 entries = 256;
    u32 lowest_bit = 4;
    void visit(Params& p) {
      p("entries", entries, "targets", "remembered; each two bits of its index are of one jump");
      p("lowest_bit", lowest_bit, "bit", "of a target: the lowest that the path keeps");
      p.require(is_power_of_two(entries) && entries >= 4 && entries <= 1 << 16, "entries",
                "must be a power of two from 4 to 65536");
      p.require(lowest_bit >= 1 && lowest_bit <= 32, "lowest_bit", "must be 1..32");
    }
  };

  explicit IndirectPath(const Config& config)
      : lowest_bit_(config.lowest_bit), targets_(config.entries) {}

  u64 predict(u64) const override { return targets_[index()]; }
  void update(u64, u64 target, bool wrong) override {
    if (wrong) targets_[index()] = target;
    for (std::size_t i = path_.size() - 1; i > 0; --i) path_[i] = path_[i - 1];
    path_[0] = static_cast<u16>(target >> lowest_bit_);
  }
  void branch(u64, bool taken) override { history_ = static_cast<u16>(history_ << 1 | taken); }
  void state(Archive& a) override {
    a("targets", std::span<u64>(targets_));
    a("path", std::span<u16>(path_));
    a("history", history_);
  }

 private:
  std::size_t index() const {
    std::size_t result = 0;
    for (std::size_t i = 0; i < path_.size(); ++i)
      result |= std::size_t{(path_[i] ^ history_) & 3u << 2 * i};
    return result & (targets_.size() - 1);
  }

  const u32 lowest_bit_;
  std::vector<u64> targets_;
  std::array<u16, 8> path_{};  // latest first
  u16 history_ = 0;
};

const bool registered =
    IndirectPredictors::add<IndirectPath>("path", "by the path of the last indirect jumps");

}  // namespace
}  // namespace orrery
