// The subcommands of the program, one row each in main.cc and one file each.
//
// Each gets what stands behind its name and returns the exit status: 0 when all went as asked, 1
// for a guest's failure. A user's mistake is a ConfigError, which main.cc turns into one sentence
// and status 2.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace orrery {

using Arguments = std::vector<std::string>;

// Does something that may end in a ConfigError; returns its sentence, "" for success. Given by
// main.cc, the only place that catches, to who must go on after a failure.
using Attempt = std::string (*)(const std::function<void()>& action);

int run_command(const Arguments& args, Attempt attempt);
int resume_command(const Arguments& args, Attempt attempt);
int config_command(const Arguments& args);
int checkpoint_command(const Arguments& args);
int disassemble_command(const Arguments& args);
int report_command(const Arguments& args);

}  // namespace orrery
