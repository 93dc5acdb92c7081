// Static re-reference interval prediction (Jaleel et al., ISCA 2010): a line comes in as used again in
// the far future, so that a scan makes room for itself and leaves what has been hit.
#include "memory/rrpv.h"

namespace orrery {
namespace {

class Srrip final : public ReplacementPolicy {
 public:
  using Config = RrpvConfig;

  Srrip(const Config& config, const CacheGeometry& geometry) : rrpv_(config, geometry) {}

  bool fill(u32 set, u32 way, const Use&) override {
    rrpv_.of(set, way) = rrpv_.far;
    return false;
  }
  bool hit(u32 set, u32 way, const Use& use) override {
    if (use.is_demand()) rrpv_.of(set, way) = 0;
    return rrpv_.of(set, way) == 0;
  }
  u32 victim(u32 set) override { return rrpv_.victim(set); }
  void state(Archive& a) override { rrpv_.state(a); }

 private:
  Rrpv rrpv_;
};

const bool registered =
    ReplacementPolicies::add<Srrip>("srrip", "static re-reference interval prediction");

}  // namespace
}  // namespace orrery
