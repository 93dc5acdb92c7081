// Targets by ever longer histories (after Seznec, "A 64-Kbytes ITTAGE Indirect Branch Predictor", 2011):
// tagged tables indexed by the jump's address and a history of geometrically growing length, over a
// plain table by address. The longest match that has some confidence predicts; a wrong prediction gets
// an entry of a longer history. The history holds an outcome a conditional branch, two bits an indirect
// jump.
#include <array>
#include <bit>
#include <vector>

#include "base/archive.h"
#include "base/bits.h"
#include "models/predictor/indirect.h"

namespace orrery {
namespace {

class Ittage final : public IndirectPredictor {
 public:
  struct Config {
    u32 base_entries = 512;
    u32 entries = 256;
    u32 shortest = 4;
    void visit(Params& p) {
      p("base_entries", base_entries, "targets", "of the plain table");
      p("entries", entries, "targets", "of each of the four tagged tables");
      p("shortest", shortest, "bits", "of history of the first of them; each next has 2.5 times as many");
      p.require(is_power_of_two(base_entries) && base_entries <= 1 << 20, "base_entries",
                "must be a power of two up to 1048576");
      p.require(is_power_of_two(entries) && entries <= 1 << 20, "entries",
                "must be a power of two up to 1048576");
      p.require(shortest >= 1 && shortest <= 4, "shortest", "must be 1..4");
    }
  };

  explicit Ittage(const Config& config) : base_(config.base_entries) {
    double length = config.shortest;
    for (Table& table : tables_) {
      table.history = static_cast<unsigned>(length);
      table.pcs.resize(config.entries);
      table.targets.resize(config.entries);
      table.confidence.resize(config.entries);
      length *= 2.5;
    }
  }

  u64 predict(u64 pc) const override {
    for (std::size_t t = tables_.size(); t-- > 0;) {
      const std::size_t i = index(tables_[t], pc);
      if (tables_[t].pcs[i] == tag(tables_[t], pc) && tables_[t].confidence[i] > 0) return tables_[t].targets[i];
    }
    return base_[pc >> 1 & (base_.size() - 1)];
  }

  void update(u64 pc, u64 target, bool wrong) override {
    std::size_t longest = 0;  // the tables from here on do not know the jump
    for (std::size_t t = 0; t < tables_.size(); ++t) {
      const std::size_t i = index(tables_[t], pc);
      if (tables_[t].pcs[i] != tag(tables_[t], pc)) continue;
      longest = t + 1;
      u8& confidence = tables_[t].confidence[i];
      if (tables_[t].targets[i] == target) {
        confidence = trained(confidence, true);
      } else if (confidence > 0) {
        confidence = trained(confidence, false);
      } else {
        tables_[t].targets[i] = target;
      }
    }
    if (wrong) allocate(longest, pc, target);
    base_[pc >> 1 & (base_.size() - 1)] = target;
    push(target * 0x9e37'79b9'7f4a'7c15 >> 62, 2);
  }
  void branch(u64, bool taken) override { push(taken, 1); }

  void state(Archive& a) override {
    a("base", std::span<u64>(base_));
    a("history", history_);
    static constexpr const char* names[] = {"table1", "table2", "table3", "table4"};
    for (std::size_t t = 0; t < tables_.size(); ++t)
      a.group(names[t], [&table = tables_[t]](Archive& nested) {
        nested("pcs", std::span<u64>(table.pcs));
        nested("targets", std::span<u64>(table.targets));
        nested("confidence", std::span<u8>(table.confidence));
      });
  }

 private:
  struct Table {
    unsigned history = 0;  // bits
    std::vector<u64> pcs;  // tags: address mixed with history
    std::vector<u64> targets;
    std::vector<u8> confidence;
  };

  static u8 trained(u8 counter, bool right) {
    if (right) return counter < 3 ? static_cast<u8>(counter + 1) : counter;
    return static_cast<u8>(counter - 1);
  }
  void push(u64 value, unsigned count) { history_ = history_ << count | bits(value, 0, count); }
  // One with little confidence makes room, at the first longer history that has such.
  void allocate(std::size_t from, u64 pc, u64 target) {
    for (std::size_t t = from; t < tables_.size(); ++t) {
      const std::size_t i = index(tables_[t], pc);
      if (tables_[t].confidence[i] > 1) {
        --tables_[t].confidence[i];
        continue;
      }
      tables_[t].pcs[i] = tag(tables_[t], pc);
      tables_[t].targets[i] = target;
      tables_[t].confidence[i] = 1;
      return;
    }
  }
  u64 mixed(const Table& table, u64 pc) const {
    return (pc >> 1 ^ bits(history_, 0, table.history) * 0x9e37'79b9'7f4a'7c15) * 0xbf58'476d'1ce4'e5b9;
  }
  std::size_t index(const Table& table, u64 pc) const {
    return mixed(table, pc) >> 40 & (table.pcs.size() - 1);
  }
  u64 tag(const Table& table, u64 pc) const { return bits(mixed(table, pc), 4, 16) | u64{1} << 16; }

  std::vector<u64> base_;
  std::array<Table, 4> tables_;
  u64 history_ = 0;
};

const bool registered = IndirectPredictors::add<Ittage>("ittage", "by histories of growing length");

}  // namespace
}  // namespace orrery
