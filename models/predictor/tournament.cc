// Two predictors and a judge (Kessler, "The Alpha 21264 Microprocessor", 1999): one goes by the
// branch's own last outcomes, one by the last outcomes of all branches; which of them is believed
// is learned by the latter too.
#include <vector>

#include "base/archive.h"
#include "base/bits.h"
#include "models/predictor/direction.h"

namespace orrery {
namespace {

class Tournament final : public DirectionPredictor {
 public:
  struct Config {
    u32 local_histories = 1024;
    u32 local_history_bits = 10;
    u32 local_counter_bits = 3;
    u32 global_history_bits = 12;
    void visit(Params& p) {
      p("local_histories", local_histories, "histories", "of branches by address");
      p("local_history_bits", local_history_bits, "branches",
        "outcomes that each of them remembers; each such history has a counter");
      p("local_counter_bits", local_counter_bits, "bits", "width of these counters");
      p("global_history_bits", global_history_bits, "branches",
        "outcomes remembered of all; each such history has two two-bit counters, outcome and choice");
      p.require(is_power_of_two(local_histories) && local_histories <= 1 << 20, "local_histories",
                "must be a power of two up to 1048576");
      p.require(local_history_bits >= 1 && local_history_bits <= 16, "local_history_bits", "must be 1..16");
      p.require(local_counter_bits >= 1 && local_counter_bits <= 7, "local_counter_bits", "must be 1..7");
      p.require(global_history_bits >= 1 && global_history_bits <= 24, "global_history_bits", "must be 1..24");
    }
  };

  explicit Tournament(const Config& config)
      : most_(static_cast<u8>((1 << config.local_counter_bits) - 1)),
        histories_(config.local_histories),
        local_(std::size_t{1} << config.local_history_bits, static_cast<u8>(most_ / 2)),
        global_(std::size_t{1} << config.global_history_bits, weakly_not_taken),
        choice_(global_.size(), weakly_local) {}

  bool predict(u64 pc, u64) const override {
    return says_taken(choice_[path()]) ? says_taken(global_[path()]) : local_says(local_[local(pc)]);
  }
  bool is_sure(u64 pc) const override {
    const u8 counter = says_taken(choice_[path()]) ? global_[path()] : local_[local(pc)];
    return counter == 0 || counter == (says_taken(choice_[path()]) ? 3 : most_);
  }
  void update(u64 pc, u64, bool taken) override {
    u8& counter = local_[local(pc)];
    u8& global = global_[path()];
    if (const bool local_right = local_says(counter) == taken; local_right != (says_taken(global) == taken))
      choice_[path()] = trained(choice_[path()], !local_right);
    if (taken ? counter < most_ : counter > 0) counter = static_cast<u8>(taken ? counter + 1 : counter - 1);
    global = trained(global, taken);
    u16& history = histories_[pc >> 1 & (histories_.size() - 1)];
    history = static_cast<u16>((history << 1 | taken) & (local_.size() - 1));
    history_ = (history_ << 1 | taken) & (global_.size() - 1);
  }
  void state(Archive& a) override {
    a("history", history_);
    a("histories", std::span<u16>(histories_));
    a("local", std::span<u8>(local_));
    a("global", std::span<u8>(global_));
    a("choice", std::span<u8>(choice_));
  }

 private:
  static constexpr u8 weakly_local = 1;  // a choice "taken" believes the global counters

  bool local_says(u8 counter) const { return counter > most_ / 2; }
  std::size_t local(u64 pc) const { return histories_[pc >> 1 & (histories_.size() - 1)] & (local_.size() - 1); }
  std::size_t path() const { return history_ & (global_.size() - 1); }

  const u8 most_;  // of a local counter
  u64 history_ = 0;
  std::vector<u16> histories_;
  std::vector<u8> local_, global_, choice_;
};

const bool registered =
    DirectionPredictors::add<Tournament>("tournament", "own history against everybody's, as learned");

}  // namespace
}  // namespace orrery
