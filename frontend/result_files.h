// What a phase leaves: FILE with its statistics, FILE.description.json with the machine that gave
// them, FILE.host.json with what it cost the host.
//
//   {"phase": {"cpu": "inorder", "ended_by": "marker=3"},
//    "statistics": {"machine.instructions": 1000000, ...},
//    "schema": {"machine.instructions": {"unit": "instructions", "text": "..."}, ...}}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace orrery {

struct PhaseResult {
  Json phase = Json::object();
  Json statistics = Json::object();
  Json schema = Json::object();
  Json description;
  Json host = Json::object();
};

void write_result(const std::string& file, const PhaseResult& result);

// The files that write_result() writes.
std::vector<std::string> names_of_result(const std::string& file);

// The statistics file beside which `file` stands, if it is one of the other two.
std::optional<std::string> result_beside(const std::string& file);

// ConfigError when `file` holds something else. A missing host file leaves those figures out.
PhaseResult read_result(const std::string& file);

// The statistics files of a directory, sorted by name.
std::vector<std::string> result_files(const std::string& directory);

}  // namespace orrery
