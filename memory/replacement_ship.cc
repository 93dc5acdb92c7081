// Signature-based hit prediction (Wu et al., MICRO 2011), SHiP-PC: RRIP that learns, for each
// instruction, whether the lines it brings in are used again, and brings those that are not in as
// distant. The signature is a hash of the pc; prefetches on behalf of an instruction have another one
// than its misses.
//
// A line trains once: at its first use, or when it leaves without one (the paper counts every use;
// here uses in a row are not all seen, see replacement.h).
#include "base/bits.h"
#include "memory/rrpv.h"

namespace orrery {
namespace {

class Ship final : public ReplacementPolicy {
 public:
  struct Config : RrpvConfig {
    u32 signature_bits = 14;
    u32 counter_bits = 3;

    void visit(Params& p) {
      RrpvConfig::visit(p);
      p("signature_bits", signature_bits, "bits", "width of an instruction's signature; the table has a counter for each");
      p("counter_bits", counter_bits, "bits", "width of a signature's counter");
      p.require(signature_bits >= 1 && signature_bits <= 16, "signature_bits", "must be 1..16");
      p.require(counter_bits >= 1 && counter_bits <= 8, "counter_bits", "must be 1..8");
    }
  };

  Ship(const Config& config, const CacheGeometry& geometry)
      : rrpv_(config, geometry),
        ways_(geometry.ways),
        signature_bits_(config.signature_bits),
        most_(static_cast<u8>((1u << config.counter_bits) - 1)),
        signatures_(std::size_t{geometry.sets} * geometry.ways),
        used_(signatures_.size()),
        counters_(std::size_t{1} << config.signature_bits, 1) {}

  bool fill(u32 set, u32 way, const Use& use) override {
    const std::size_t line = index(set, way);
    signatures_[line] = signature(use);
    used_[line] = 0;
    rrpv_.of(set, way) = counters_[signatures_[line]] == 0 ? rrpv_.distant : rrpv_.far;
    return false;
  }

  bool hit(u32 set, u32 way, const Use& use) override {
    const std::size_t line = index(set, way);
    if (use.is_demand()) {
      rrpv_.of(set, way) = 0;
      u8& counter = counters_[signatures_[line]];
      if (!used_[line] && counter < most_) ++counter;
      used_[line] = 1;
    }
    return used_[line] && rrpv_.of(set, way) == 0;
  }

  u32 victim(u32 set) override {
    const u32 way = rrpv_.victim(set);
    const std::size_t line = index(set, way);
    u8& counter = counters_[signatures_[line]];
    if (!used_[line] && counter != 0) --counter;
    return way;
  }

  void state(Archive& a) override {
    rrpv_.state(a);
    a("signatures", std::span<u16>(signatures_));
    a("used", std::span<u8>(used_));
    a("counters", std::span<u8>(counters_));
    a.require(*std::max_element(signatures_.begin(), signatures_.end()) < counters_.size(),
              "signatures", "one beyond the table of counters");
    a.require(*std::max_element(counters_.begin(), counters_.end()) <= most_, "counters",
              "a value wider than this policy's");
  }

 private:
  std::size_t index(u32 set, u32 way) const { return std::size_t{set} * ways_ + way; }
  u16 signature(const Use& use) const {
    const u64 who = use.pc << 1 | (use.kind == RequestKind::Prefetch);
    return static_cast<u16>(who * 0x9e37'79b9'7f4a'7c15 >> (64 - signature_bits_));
  }

  Rrpv rrpv_;
  const u32 ways_;
  const u32 signature_bits_;
  const u8 most_;
  std::vector<u16> signatures_;  // of what brought each line in
  std::vector<u8> used_;         // each line has been used since
  std::vector<u8> counters_;     // by signature; 0: its lines are not used again
};

const bool registered =
    ReplacementPolicies::add<Ship>("ship", "signature-based hit prediction (SHiP-PC) on RRIP");

}  // namespace
}  // namespace orrery
