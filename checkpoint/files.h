// Files of a checkpoint: written once and made durable, or read once with every failure a sentence.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "checkpoint/digest.h"

namespace orrery {

// A file descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close();

 private:
  int fd_;
};

// ConfigError: "PATH: cannot ACTION: what the operating system says".
[[noreturn]] void file_error(std::string_view path, std::string_view action, int error_number);

// A new file. The destructor leaves it unfinished where it is.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  void write(std::span<const u8> bytes);
  // The contents are on the disk when this returns.
  void finish();

  u64 size() const { return size_; }
  Digest128 digest() const { return digester_.result(); }  // of all that was written

 private:
  std::string path_;
  Descriptor file_;
  u64 size_ = 0;
  Digester digester_;
};

class InputFile {
 public:
  // A regular file `name` in `directory` (which may be AT_FDCWD); `shown` names it in messages.
  InputFile(int directory, const std::string& name, std::string shown);

  u64 size() const { return size_; }
  const std::string& shown() const { return shown_; }
  // All of `out`, from `offset` on: ConfigError when the file ends before.
  void read(u64 offset, std::span<u8> out) const;
  // All of a file of at most `most` bytes.
  std::vector<u8> read_all(u64 most) const;

 private:
  std::string shown_;
  Descriptor file_;
  u64 size_ = 0;
};

// Makes changes of names in a directory durable.
void sync_directory(const std::string& path);

}  // namespace orrery
