// Nothing is fetched before it is asked for.
#include "memory/prefetcher.h"

namespace orrery {
namespace {

class NoPrefetcher final : public Prefetcher {
 public:
  struct Config {
    void visit(Params&) {}
  };

  NoPrefetcher(const Config&, const PrefetchGeometry&) {}
  void access(const PrefetchAccess&, std::vector<u64>&) override {}
  void state(Archive&) override {}
};

const bool registered = Prefetchers::add<NoPrefetcher>("none", "no prefetcher");

}  // namespace
}  // namespace orrery
