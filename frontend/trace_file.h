// Where a trace goes: --trace-file, or standard error.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"

namespace orrery {

class TraceFile {
 public:
  // "" and "-": standard error.
  explicit TraceFile(const std::string& name) : out_(stderr) {
    if (name.empty() || name == "-") return;
    name_ = name;
    out_ = std::fopen(name.c_str(), "we");
    if (!out_) config_error("--trace-file: {}: cannot be written: {}", name, std::strerror(errno));
  }
  ~TraceFile() {
    if (!name_.empty()) std::fclose(out_);
  }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), out_) != text.size() && error_ == 0) error_ = errno;
  }
  // ConfigError when anything could not be written to the file.
  void flush() {
    if (std::fflush(out_) != 0 && error_ == 0) error_ = errno;
    if (error_ != 0 && !name_.empty())
      config_error("--trace-file: {}: cannot be written: {}", name_, std::strerror(error_));
  }

 private:
  std::string name_;  // "": standard error
  std::FILE* out_;
  int error_ = 0;  // the first that the file gave
};

}  // namespace orrery
