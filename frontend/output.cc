#include "frontend/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/error.h"

namespace orrery {

void open_closed_streams() {
  // open() takes the lowest number that is free: the one just found closed. A standard output that
  // was closed is opened for reading, so that writing to it fails.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      (void)::open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void finish_output() {
  // An error of long ago is remembered by the stream, but not its cause.
  if (std::fflush(stdout) != 0 || std::ferror(stdout))
    config_error("standard output: cannot be written, something is lost");
}

void say_text(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace orrery
