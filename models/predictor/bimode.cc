// Bi-mode (Lee, Chen and Mudge, "The Bi-Mode Branch Predictor", 1997): two tables of two-bit
// counters, for branches that are mostly taken and mostly not, indexed by address and history; a
// third one, by address alone, says which of them a branch belongs to. Only the table asked is
// trained, so branches that alias there lean the same way.
//
// Addresses count in blocks of `block_bytes`: branches of one block are told apart by history only.
#include <vector>

#include "base/archive.h"
#include "base/bits.h"
#include "models/predictor/direction.h"

namespace orrery {
namespace {

class Bimode final : public DirectionPredictor {
 public:
  struct Config {
    u32 entries = 16384;
    u32 choice_entries = 1024;
    u32 history_bits = 22;
    u32 address_bits = 4;
    u32 fold_from = 14;
    u32 block_bytes = 16;
    void visit(Params& p) {
      p("entries", entries, "counters", "two-bit counters of each of the two tables");
      p("choice_entries", choice_entries, "counters", "two-bit counters that choose the table");
      p("history_bits", history_bits, "branches", "outcomes remembered");
      p("address_bits", address_bits, "bits", "of the address that meet the latest of history");
      p("fold_from", fold_from, "branches",
        "outcomes older than these meet those right behind the address bits");
      p("block_bytes", block_bytes, "bytes", "of code that count as one address");
      p.require(is_power_of_two(entries) && entries <= 1 << 24, "entries",
                "must be a power of two up to 16777216");
      p.require(is_power_of_two(choice_entries) && choice_entries <= 1 << 24, "choice_entries",
                "must be a power of two up to 16777216");
      p.require(history_bits <= 32, "history_bits", "must be 0..32");
      p.require(address_bits <= 24, "address_bits", "must be 0..24");
      p.require(fold_from <= 32, "fold_from", "must be 0..32");
      p.require(is_power_of_two(block_bytes) && block_bytes >= 2 && block_bytes <= 64,
                "block_bytes", "must be a power of two from 2 to 64");
    }
  };

  explicit Bimode(const Config& config)
      : history_mask_((u64{1} << config.history_bits) - 1),
        address_bits_(config.address_bits),
        fold_from_(config.fold_from),
        block_bits_(log2_of(config.block_bytes)),
        counters_{std::vector<u8>(config.entries, 0), std::vector<u8>(config.entries, 3)},
        choice_(config.choice_entries, 0) {}

  bool predict(u64 pc, u64) const override {
    return says_taken(counters_[says_taken(choice_[choice_of(pc)])][index(pc)]);
  }
  bool is_sure(u64 pc) const override {
    const u8 counter = counters_[says_taken(choice_[choice_of(pc)])][index(pc)];
    return counter == 0 || counter == 3;
  }
  void update(u64 pc, u64, bool taken) override {
    u8& choice = choice_[choice_of(pc)];
    u8& counter = counters_[says_taken(choice)][index(pc)];
    // A choice that was overruled by the right counter keeps its mind.
    if (says_taken(counter) != taken || says_taken(choice) == taken) choice = trained(choice, taken);
    counter = trained(counter, taken);
    history_ = (history_ << 1 | taken) & history_mask_;
  }
  void state(Archive& a) override {
    a("history", history_);
    a("not_taken", std::span<u8>(counters_[0]));
    a("taken", std::span<u8>(counters_[1]));
    a("choice", std::span<u8>(choice_));
  }

 private:
  static unsigned log2_of(u32 power) { return static_cast<unsigned>(std::countr_zero(power)); }

  std::size_t index(u64 pc) const {
    const u64 address = pc >> block_bits_ & ((u64{1} << address_bits_) - 1);
    const u64 folded = history_ ^ history_ >> fold_from_ << address_bits_;
    return (folded ^ address) & (counters_[0].size() - 1);
  }
  std::size_t choice_of(u64 pc) const { return pc >> block_bits_ & (choice_.size() - 1); }

  const u64 history_mask_;
  const unsigned address_bits_, fold_from_, block_bits_;
  u64 history_ = 0;
  std::vector<u8> counters_[2];  // mostly not taken, mostly taken
  std::vector<u8> choice_;
};

const bool registered =
    DirectionPredictors::add<Bimode>("bimode", "a table each for branches mostly taken and mostly not");

}  // namespace
}  // namespace orrery
