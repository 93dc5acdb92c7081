#include "models/boot/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>

#include "base/error.h"
#include "base/units.h"

namespace orrery {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

[[noreturn]] void cannot_open(const std::string& parameter, const std::string& path, int error) {
  if (error != ENOENT && error != ENOTDIR)
    config_error("{}: cannot read {} ({})", parameter, path, std::strerror(error));
  // Files of this folder are made by the project's own scripts.
  const bool guest = path.find("/guests/") != std::string::npos;
  config_error("{}: {} not found{}", parameter, path,
               guest ? "; run configs/guests/guest.sh" : "");
}

// A file without contents of its own may be larger than any memory, and a host that promises more
// than it has would end the program where the promise is kept.
std::vector<u8> memory_for(const std::string& parameter, const std::string& path, u64 size) {
  const u64 host = static_cast<u64>(sysconf(_SC_PHYS_PAGES)) * static_cast<u64>(sysconf(_SC_PAGESIZE));
  try {
    if (size < host) return std::vector<u8>(size);
  } catch (const std::bad_alloc&) {  // as below
  }
  config_error("{}: {} has {} bytes, more than the host has memory for", parameter, path, size);
}

}  // namespace

HostFile read_host_file(const std::string& parameter, const std::string& path, u64 limit) {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) cannot_open(parameter, path, errno);
  struct stat status {};
  if (fstat(file.fd, &status) != 0) cannot_open(parameter, path, errno);
  if (S_ISDIR(status.st_mode)) config_error("{}: {} is a directory", parameter, path);
  if (!S_ISREG(status.st_mode)) config_error("{}: {} is not a regular file", parameter, path);
  const u64 size = static_cast<u64>(status.st_size);
  if (size > limit)
    config_error("{}: {} has {} bytes, more than the limit of {}", parameter, path, size,
                 format_quantity(limit, Unit::Bytes));

  HostFile result{memory_for(parameter, path, size), (status.st_mode & S_IXUSR) != 0};
  u64 done = 0;
  while (done < size) {
    const ssize_t count = read(file.fd, result.bytes.data() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) cannot_open(parameter, path, errno);
    if (count == 0) config_error("{}: {} became shorter while it was read", parameter, path);
    done += static_cast<u64>(count);
  }
  return result;
}

}  // namespace orrery
