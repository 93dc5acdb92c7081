// A level below a cache under test: a fixed latency, and a list of what was asked.
#pragma once

#include <algorithm>
#include <vector>

#include "base/json.h"
#include "base/params.h"
#include "memory/port.h"

namespace orrery {

struct MockBelow final : TimingPort {
  explicit MockBelow(u64 ticks) : latency(ticks) {}

  Answer submit(const Request& request, Tick now) override {
    if (refuse_until > now || refuse_line == request.address) return Answer::refused(std::max(refuse_until, now + 1));
    asked.push_back({request, now});
    return Answer::done(now + latency, shared);
  }

  struct Call {
    Request request;
    Tick now;
  };
  u64 latency;
  bool shared = false;
  Tick refuse_until;
  PhysAddr refuse_line{~u64{0}};  // this one always
  std::vector<Call> asked;
};

// Reads a Config as a description would.
template <class Config>
Config read_config(const Json& json, Config config = {}) {
  Params params(json, "test");
  config.visit(params);
  params.finish();
  return config;
}

inline Request request_for(u64 address, RequestKind kind = RequestKind::Load, u32 size = 8) {
  Request request;
  request.address = PhysAddr{address};
  request.kind = kind;
  request.size = size;
  return request;
}

}  // namespace orrery
