// Strides by instruction (Baer and Chen, 1991): a table, indexed by the pc of loads, of the address and
// the stride seen last and of how often that stride came again. Needs every load, hits included;
// stores, which come late and merged, are left out.
#include <algorithm>
#include <cstdlib>

#include "base/archive.h"
#include "base/bits.h"
#include "memory/prefetcher.h"

namespace orrery {
namespace {

class Stride final : public Prefetcher {
 public:
  struct Config {
    u32 entries = 64;
    u32 confidence = 2;
    u32 degree = 2;
    u32 distance = 4;

    void visit(Params& p) {
      p("entries", entries, "instructions", "followed at once");
      p("confidence", confidence, "accesses", "that repeat a stride before it is followed");
      p("degree", degree, "lines", "fetched for each load");
      p("distance", distance, "strides", "from a load to the first of them");
      p.require(is_power_of_two(entries) && entries <= 1 << 16, "entries", "must be a power of two up to 65536");
      p.require(confidence >= 1 && confidence <= 100, "confidence", "must be 1..100");
      p.require(degree >= 1 && degree <= 64, "degree", "must be 1..64");
      p.require(distance >= 1 && distance <= 1024, "distance", "must be 1..1024");
    }
  };

  Stride(const Config& config, const PrefetchGeometry& geometry)
      : config_(config),
        line_(static_cast<i64>(geometry.line_bytes)),
        pcs_(config.entries),
        last_(config.entries),
        strides_(config.entries),
        repeats_(config.entries) {}

  bool observes(RequestKind kind) const override { return kind == RequestKind::Load; }

  void access(const PrefetchAccess& access, std::vector<u64>& lines) override {
    if (access.kind != RequestKind::Load || access.pc == 0) return;
    const std::size_t entry = access.pc >> 1 & (config_.entries - 1);
    const u64 address = access.address.value();
    if (pcs_[entry] != access.pc) {
      pcs_[entry] = access.pc;
      last_[entry] = address;
      strides_[entry] = 0;
      repeats_[entry] = 0;
      return;
    }
    const u64 stride = address - last_[entry];
    last_[entry] = address;
    if (stride == 0) return;  // the same again says nothing
    if (stride == strides_[entry]) {
      repeats_[entry] = std::min(repeats_[entry] + 1, config_.confidence);
    } else if (repeats_[entry] != 0) {
      --repeats_[entry];
    } else {
      strides_[entry] = stride;
    }
    if (stride != strides_[entry] || repeats_[entry] < config_.confidence) return;
    // Small strides stay within a line: lines are counted instead.
    const auto step = static_cast<i64>(stride);
    const i64 ahead = step > 0 ? std::max(step, line_) : std::min(step, -line_);
    for (u32 i = 0; i < config_.degree; ++i)
      lines.push_back((address + static_cast<u64>(ahead) * (config_.distance + i)) / static_cast<u64>(line_));
  }

  void state(Archive& a) override {
    a("pcs", std::span<u64>(pcs_));
    a("last", std::span<u64>(last_));
    a("strides", std::span<u64>(strides_));
    a("repeats", std::span<u32>(repeats_));
  }

 private:
  const Config config_;
  const i64 line_;
  // Of each instruction: its pc, the address and the stride seen last, how often that came again.
  std::vector<u64> pcs_, last_, strides_;
  std::vector<u32> repeats_;
};

const bool registered = Prefetchers::add<Stride>("stride", "strides of loads, by pc");

}  // namespace
}  // namespace orrery
