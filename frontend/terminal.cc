#include "frontend/terminal.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"

namespace orrery {
namespace {

// What a signal handler needs. `raw_fd` is -1 when there is nothing to restore.
termios saved;
volatile sig_atomic_t raw_fd = -1;

}  // namespace

bool is_own_terminal(int fd) { return isatty(fd) && tcgetpgrp(fd) == getpgrp(); }

RawTerminal::RawTerminal(int fd) {
  ORRERY_CHECK(raw_fd < 0, "two raw terminals");
  if (!is_own_terminal(fd) || tcgetattr(fd, &saved) != 0) return;
  termios raw = saved;
  // Every key goes to the guest, Ctrl-C included; output keeps its newlines, since our own messages
  // share the screen.
  raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  raw_fd = fd;
  active_ = tcsetattr(fd, TCSADRAIN, &raw) == 0;
  if (!active_) raw_fd = -1;
}

RawTerminal::~RawTerminal() {
  if (active_) restore_terminal();
}

void restore_terminal() {
  const int fd = raw_fd;
  if (fd < 0) return;
  raw_fd = -1;
  const int error = errno;
  tcsetattr(fd, TCSANOW, &saved);
  errno = error;
}

}  // namespace orrery
