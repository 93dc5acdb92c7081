// Files that a description names.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace orrery {

struct HostFile {
  std::vector<u8> bytes;
  bool executable = false;  // by its owner
};

// Reads a regular file of at most `limit` bytes. ConfigError otherwise, which begins with
// `parameter`, the full name of the parameter that named the file, and names the file.
HostFile read_host_file(const std::string& parameter, const std::string& path, u64 limit);

}  // namespace orrery
