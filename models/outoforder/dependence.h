// Memory-dependence prediction: which loads may go ahead of stores whose address is not known. A load
// that was wrong once waits from then on, until everything is forgotten after a while.
#pragma once

#include <vector>

#include "base/archive.h"
#include "models/outoforder/config.h"

namespace orrery::ooo {

class DependencePredictor {
 public:
  explicit DependencePredictor(const LoadStoreConfig& config)
      : policy_(config.dependence), period_(config.dependence_period), loads_(config.dependence_entries) {}

  bool may_go_ahead(u64 pc, Cycle now) {
    if (policy_ != LoadStoreConfig::Dependence::Predict)
      return policy_ == LoadStoreConfig::Dependence::Ignore;
    if (now >= forget_) {
      if (any_) loads_.assign(loads_.size(), 0);
      any_ = false;
      forget_ = now + period_;
    }
    return !any_ || loads_[pc >> 1 & (loads_.size() - 1)] == 0;
  }
  void state(Archive& a) {
    a("loads", std::span<u8>(loads_));
    a("any", any_);
    a("forget", forget_);
  }
  void was_wrong(u64 pc) {
    loads_[pc >> 1 & (loads_.size() - 1)] = 1;
    any_ = true;
  }

 private:
  LoadStoreConfig::Dependence policy_;
  u64 period_;
  std::vector<u8> loads_;
  bool any_ = false;
  Cycle forget_;
};

}  // namespace orrery::ooo
