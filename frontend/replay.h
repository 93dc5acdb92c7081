// --record and --replay: a run written down, and repeated instruction for instruction.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "checkpoint/log.h"
#include "checkpoint/recorder.h"
#include "frontend/console.h"
#include "models/machine.h"

namespace orrery {

// Writes down what `machine` does from here on.
class Recording {
 public:
  // `resolved` and `fixed` are what read_machine() gave. ConfigError when `file` exists.
  Recording(const std::string& file, Machine& machine, const Json& resolved,
            const std::vector<std::string>& fixed);

  // A byte enters the machine from outside.
  void input(u8 byte) { recorder_.input({&byte, 1}); }

  // The run is over: the log is whole and on the disk.
  void finish();

 private:
  LogWriter writer_;
  Recorder recorder_;
};

// Repeats the run of the log on a machine that stands where it began; what the guest sends goes to
// `console` as it did then. Says how that went; the exit status is 1 when the machine left the
// recorded path.
int replay(std::unique_ptr<Machine> machine, const Json& resolved, const std::string& file,
           Console& console, bool quiet);

}  // namespace orrery
