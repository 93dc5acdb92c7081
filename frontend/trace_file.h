// Where lines go that are written while the machine runs: a file, or a standard stream.
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
  // `option` is what named it. "" and "-": `otherwise`.
  explicit TraceFile(const std::string& name, const char* option = "--trace-file",
                     std::FILE* otherwise = stderr)
      : option_(option), out_(otherwise) {
    if (name.empty() || name == "-") return;
    name_ = name;
    out_ = std::fopen(name.c_str(), "we");
    if (!out_) config_error("{}: {}: cannot be written: {}", option, name, std::strerror(errno));
  }
  ~TraceFile() {
    if (!name_.empty()) std::fclose(out_);
  }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), out_) != text.size() && error_ == 0) error_ = errno;
  }
  // ConfigError when anything could not be written.
  void flush() {
    if (std::fflush(out_) != 0 && error_ == 0) error_ = errno;
    if (error_ == 0) return;
    const char* stream = out_ == stdout ? "standard output" : "standard error";
    config_error("{}: {}: cannot be written: {}", option_, name_.empty() ? stream : name_.c_str(),
                 std::strerror(error_));
  }

 private:
  std::string name_;  // "": a standard stream
  const char* option_;
  std::FILE* out_;
  int error_ = 0;  // the first that the file gave
};

}  // namespace orrery
