// A memory that refuses requests of one kind for ever, or never answers them.
#pragma once

#include "memory/dram.h"
#include "tests/timing/core_rig.h"

namespace orrery {

class RefusingDram final : public Dram {
 public:
  struct Config {
    u32 kind = 0;        // of requests, as RequestKind has them
    u64 retry = 0;       // ticks after which it is said to be worth trying again
    bool takes = false;  // refuses nothing, and never answers
    void visit(Params& p) {
      p("kind", kind, "kind", "of the requests refused");
      p("retry", retry, "ticks", "until another attempt");
      p("takes", takes, "takes them, and never answers");
    }
  };
  RefusingDram(const Config& config, Component& parent) : Dram(parent), config_(config) {}

  Answer submit(const Request& request, Tick now) override {
    if (static_cast<u32>(request.kind) != config_.kind) return Answer::done(now + 100'000);
    return config_.takes ? Answer::done(never) : Answer::refused(later(now, config_.retry));
  }

 private:
  const Config config_;
};
inline const bool has_refusing_dram = Drams::add<RefusingDram>("refusing", "refuses requests of one kind");

inline Json refusing(RequestKind kind, u64 retry, bool takes = false) {
  return {{"dram",
           {{"type", "refusing"}, {"kind", static_cast<u32>(kind)}, {"retry", retry}, {"takes", takes},
            {"latency", nullptr}, {"write_latency", nullptr}, {"beat", nullptr}}}};
}
// Whether time stands still between attempts, a cycle passes, or there is to be none.
inline constexpr u64 retries[] = {0, 1000, ~u64{0}};

// What a core says that stands still: in a cycle, after `stuck_cycles` at the latest.
inline std::string still(const std::string& what) { return what + " stands still at cycle (.|\n)*"; }

}  // namespace orrery
