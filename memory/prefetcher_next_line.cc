// The lines behind one that was asked for (Smith, 1978): on a miss, and on the first use of a line
// fetched so ("tagged").
#include "memory/prefetcher.h"

namespace orrery {
namespace {

class NextLine final : public Prefetcher {
 public:
  struct Config {
    u32 degree = 1;

    void visit(Params& p) {
      p("degree", degree, "lines", "fetched behind each");
      p.require(degree >= 1 && degree <= 64, "degree", "must be 1..64");
    }
  };

  NextLine(const Config& config, const PrefetchGeometry&) : degree_(config.degree) {}

  void access(const PrefetchAccess& access, std::vector<u64>& lines) override {
    for (u64 i = 1; i <= degree_; ++i) lines.push_back(access.line + i);
  }
  void state(Archive&) override {}

 private:
  const u32 degree_;
};

const bool registered = Prefetchers::add<NextLine>("next_line", "the lines behind a missing one");

}  // namespace
}  // namespace orrery
