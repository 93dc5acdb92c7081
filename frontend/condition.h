// When a phase ends: the conditions of --until and of "until" in a phase.
//
//   insts=100M        instructions of all harts together, from the phase's beginning
//   time=2s           simulated time, from the phase's beginning
//   console="login:"  the guest has written this text (quotes optional; within them \n \r \t \" \\)
//   marker=3          a hart has executed marker 3 (HINT slti x0, x0, 3)
//   poweroff          the guest has powered off
#pragma once

#include <string>

#include "base/types.h"

namespace orrery {

struct Condition {
  enum class Kind { Instructions, Time, Console, Marker, Poweroff };
  Kind kind = Kind::Poweroff;
  u64 number = 0;       // instructions, ticks, or the marker
  std::string text;     // what the console has to say
  std::string written;  // as the user wrote it, for messages

  // A limit is reached sooner or later whatever the guest does; the rest may never happen.
  bool is_limit() const { return kind == Kind::Instructions || kind == Kind::Time; }
};

// ConfigError beginning with `path` ("--until", "boot.json: phases[0].until[1]") when `text` is none.
Condition parse_condition(const std::string& text, const std::string& path);

// The same for the length of an interval: one of the limits, and not 0.
Condition parse_interval(const std::string& text, const std::string& path);

}  // namespace orrery
