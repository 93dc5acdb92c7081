// A fixed rule, for small cores and as a baseline.
#include "models/predictor/direction.h"

namespace orrery {
namespace {

class StaticPredictor final : public DirectionPredictor {
 public:
  enum class Rule { NotTaken, Taken, BackwardTaken };
  struct Config {
    Rule rule = Rule::BackwardTaken;
    void visit(Params& p) {
      p.choice("rule", rule,
               {{"not_taken", Rule::NotTaken},
                {"taken", Rule::Taken},
                {"backward_taken", Rule::BackwardTaken}},
               "what is predicted");
    }
  };

  explicit StaticPredictor(const Config& config) : rule_(config.rule) {}

  bool predict(u64 pc, u64 target) const override {
    return rule_ == Rule::Taken || (rule_ == Rule::BackwardTaken && target < pc);
  }
  void update(u64, u64, bool) override {}
  void state(Archive&) override {}

 private:
  const Rule rule_;
};

const bool registered = DirectionPredictors::add<StaticPredictor>("static", "a fixed rule");

}  // namespace
}  // namespace orrery
