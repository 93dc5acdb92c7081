#include "checkpoint/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace orrery {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void Descriptor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void file_error(std::string_view path, std::string_view action, int error_number) {
  config_error("{}: cannot {}: {}", path, action, std::strerror(error_number));
}

OutputFile::OutputFile(std::string path)
    : path_(std::move(path)),
      file_(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
  if (!file_) file_error(path_, "create", errno);
}

void OutputFile::write(std::span<const u8> bytes) {
  digester_.bytes(bytes);
  size_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) file_error(path_, "write", written < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void OutputFile::finish() {
  if (fsync(file_.get()) != 0) file_error(path_, "write", errno);
  file_.close();
}

InputFile::InputFile(int directory, const std::string& name, std::string shown)
    : shown_(std::move(shown)),
      // Non-blocking: a pipe of that name must not make us wait for its writer.
      file_(openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (!file_) file_error(shown_, "open", errno);
  struct stat facts {};
  if (fstat(file_.get(), &facts) != 0) file_error(shown_, "open", errno);
  if (!S_ISREG(facts.st_mode)) config_error("{}: not a regular file", shown_);
  size_ = static_cast<u64>(facts.st_size);
}

void InputFile::read(u64 offset, std::span<u8> out) const {
  while (!out.empty()) {
    const ssize_t got = pread(file_.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) file_error(shown_, "read", errno);
    if (got == 0) config_error("{}: truncated: ends after {} bytes", shown_, offset);
    offset += static_cast<u64>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::vector<u8> InputFile::read_all(u64 most) const {
  if (size_ > most)
    config_error("{}: {} bytes long, and no such file has more than {}", shown_, size_, most);
  std::vector<u8> result(size_);
  read(0, result);
  return result;
}

void sync_directory(const std::string& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot sync a directory and say so with EINVAL.
  if (!directory || (fsync(directory.get()) != 0 && errno != EINVAL))
    file_error(path, "write", errno);
}

}  // namespace orrery
