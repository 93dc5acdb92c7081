// Dynamic re-reference interval prediction (Jaleel et al., ISCA 2010): two ways to bring a line in,
// SRRIP's (far) and BRRIP's (distant, but for one of `far_every`), duel in a few leader sets each; the
// other sets follow whichever misses less. Prefetches do not vote: nobody waited for them.
#include "base/bits.h"
#include "memory/rrpv.h"

namespace orrery {
namespace {

class Drrip final : public ReplacementPolicy {
 public:
  struct Config : RrpvConfig {
    u32 leader_sets = 32;
    u32 psel_bits = 10;
    u32 far_every = 32;

    void visit(Params& p) {
      RrpvConfig::visit(p);
      p("leader_sets", leader_sets, "sets", "that always do as SRRIP, and as many as BRRIP; at most half of all each");
      p("psel_bits", psel_bits, "bits", "width of the counter that says which of them misses less");
      p("far_every", far_every, "lines", "of which BRRIP brings in one as SRRIP would");
      p.require(is_power_of_two(leader_sets) && leader_sets <= 1 << 20, "leader_sets",
                "must be a power of two, at most 1048576");
      p.require(psel_bits >= 1 && psel_bits <= 20, "psel_bits", "must be 1..20");
      p.require(far_every >= 1 && far_every <= 1 << 20, "far_every", "must be 1..1048576");
    }
  };

  Drrip(const Config& config, const CacheGeometry& geometry)
      : rrpv_(config, geometry),
        stride_(geometry.sets / std::max(std::min(config.leader_sets, geometry.sets / 2), 1u)),
        half_(1u << (config.psel_bits - 1)),
        far_every_(config.far_every),
        psel_(half_ - 1) {}

  bool fill(u32 set, u32 way, const Use& use) override {
    const Role role = role_of(set);
    if (use.is_demand()) {
      if (role == Role::Srrip) psel_ = std::min(psel_ + 1, 2 * half_ - 1);
      if (role == Role::Brrip) psel_ -= psel_ != 0;
    }
    const bool brrip = role == Role::Brrip || (role == Role::Follower && psel_ >= half_);
    rrpv_.of(set, way) = brrip && !is_far_turn() ? rrpv_.distant : rrpv_.far;
    return false;
  }
  bool hit(u32 set, u32 way, const Use& use) override {
    if (use.is_demand()) rrpv_.of(set, way) = 0;
    return rrpv_.of(set, way) == 0;
  }
  u32 victim(u32 set) override { return rrpv_.victim(set); }

  void state(Archive& a) override {
    rrpv_.state(a);
    a("psel", psel_);
    a("brrip_fills", brrip_fills_);
    a.require(psel_ < 2 * half_, "psel", "wider than this policy's");
  }

 private:
  enum class Role { Follower, Srrip, Brrip };

  // Of every `stride_` sets one leads for each side, at another place each time. A single set has
  // nobody to learn from and stays with SRRIP.
  Role role_of(u32 set) const {
    if (stride_ < 2) return Role::Follower;
    const u32 place = set % stride_, leader = set / stride_ % stride_;
    if (place == leader) return Role::Srrip;
    return place == stride_ - 1 - leader ? Role::Brrip : Role::Follower;
  }
  bool is_far_turn() { return ++brrip_fills_ % far_every_ == 0; }

  Rrpv rrpv_;
  const u32 stride_;
  const u32 half_;
  const u32 far_every_;
  u32 psel_;  // from half_ on: SRRIP misses more
  u32 brrip_fills_ = 0;
};

const bool registered = ReplacementPolicies::add<Drrip>(
    "drrip", "dynamic re-reference interval prediction: SRRIP or BRRIP by set dueling");

}  // namespace
}  // namespace orrery
