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
    out_ = std::fopen(name.c_str(), "we");
    if (!out_) config_error("--trace-file: {}: cannot be written: {}", name, std::strerror(errno));
    close_ = true;
  }
  ~TraceFile() {
    if (close_) std::fclose(out_);
  }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), out_); }
  void flush() { std::fflush(out_); }

 private:
  std::FILE* out_;
  bool close_ = false;
};

}  // namespace orrery
