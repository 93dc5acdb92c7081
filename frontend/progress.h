// A line on standard error that says how far the simulation has come, about once a second of the
// host's time.
#pragma once

#include <chrono>
#include <string>

#include "frontend/meter.h"

namespace orrery {

class Progress {
 public:
  // `shown`: false keeps quiet for good.
  explicit Progress(bool shown) : shown_(shown) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Called often; writes when it is time. The speed is that since the line before.
  void update(const Machine& machine, const std::string& model);

  // Takes the line away, before something else is written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_;
  bool on_screen_ = false;
  Clock::time_point last_ = Clock::now();
  u64 last_steps_ = 0;
  bool first_ = true;
};

// "1.234 G instructions, 2.346 s simulated"
std::string describe_progress(u64 steps, Tick now);

}  // namespace orrery
