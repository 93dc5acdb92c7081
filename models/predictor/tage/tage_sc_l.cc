// TAGE with a statistical corrector and a loop predictor (Seznec, "TAGE-SC-L Branch Predictors Again",
// 2016): tables.h predicts, corrector.h may turn that round, a loop that is sure of its end (loop.h)
// has the last word. With the defaults about 64 KiB.
#include <algorithm>
#include <optional>

#include "models/predictor/direction.h"
#include "models/predictor/tage/corrector.h"
#include "models/predictor/tage/loop.h"
#include "models/predictor/tage/tables.h"

namespace orrery {
namespace {

using namespace tage;

class TageScL final : public DirectionPredictor {
 public:
  struct Config {
    TablesConfig tables;
    std::optional<CorrectorConfig> corrector = CorrectorConfig();
    std::optional<LoopConfig> loop = LoopConfig();
    void visit(Params& p) {
      p.child("tage", tables, "tagged tables by address and ever longer paths");
      p.child("corrector", corrector, "turns TAGE's prediction round where a branch only leans to one side");
      p.child("loop", loop, "predicts the ends of loops of constant length");
    }
  };

  explicit TageScL(const Config& config) : tables_(config.tables) {
    if (config.corrector) corrector_.emplace(*config.corrector);
    if (config.loop) loops_.emplace(*config.loop);
  }

  bool predict(u64 pc, u64) const override { return look_up(pc).taken; }
  bool is_sure(u64 pc) const override { return look_up(pc).sure; }

  void update(u64 pc, u64 target, bool taken) override {
    const Lookup& l = look_up(pc);
    const bool was_right = l.taken == taken;
    if (loops_) {
      if (l.loop.sure && l.loop.taken != l.without_loop)
        trust_loops_ = static_cast<i8>(std::clamp(trust_loops_ + (l.loop.taken == taken ? 1 : -1), -64, 63));
      loops_->update(pc, l.loop, taken, l.without_loop, was_right, random_);
    }
    if (corrector_) corrector_->update(pc, target, l.tage, l.corrector, taken);
    tables_.update(l.tage, taken, was_right, random_);
    push(pc * mixer >> 57 << 1 | taken);
  }
  void jump(u64 pc, u64 target) override { push((pc ^ target << 1) * mixer >> 56); }

  void state(Archive& a) override {
    a.group("tage", [this](Archive& nested) { tables_.state(nested); });
    if (corrector_) a.group("corrector", [this](Archive& nested) { corrector_->state(nested); });
    if (loops_) a.group("loop", [this](Archive& nested) { loops_->state(nested); });
    a("trust_loops", trust_loops_);
    a("random", random_.value);
    lookup_.valid = false;
  }

 private:
  struct Lookup {
    bool valid = false;
    u64 pc;
    Tables::Lookup tage;
    Corrector::Lookup corrector;
    Loops::Lookup loop{Loops::none, false, false};
    bool without_loop, taken, sure;
  };

  // What the tables say of a branch now: kept from predict() for is_sure() and update(), until
  // anything changes.
  const Lookup& look_up(u64 pc) const {
    Lookup& l = lookup_;
    if (l.valid && l.pc == pc) return l;
    tables_.look_up(pc, l.tage);
    l.without_loop = l.tage.taken;
    if (corrector_) {
      corrector_->look_up(pc, l.tage, l.corrector);
      l.without_loop = l.corrector.taken;
    }
    l.taken = l.without_loop;
    l.sure = l.tage.confidence == Confidence::High && l.taken == l.tage.taken;
    if (loops_) {
      l.loop = loops_->look_up(pc);
      if (l.loop.sure && trust_loops_ >= 0) {
        l.taken = l.loop.taken;
        l.sure = true;
      }
    }
    l.pc = pc;
    l.valid = true;
    return l;
  }
  void push(u64 branch) {
    tables_.push(static_cast<u8>(branch));
    lookup_.valid = false;
  }

  Tables tables_;
  std::optional<Corrector> corrector_;
  std::optional<Loops> loops_;
  i8 trust_loops_ = 0;  // 0 and more: a loop has the last word
  ShiftRegister random_;
  mutable Lookup lookup_;
};

const bool registered =
    DirectionPredictors::add<TageScL>("tage_sc_l", "by paths of growing length, statistics and loops");

}  // namespace
}  // namespace orrery
