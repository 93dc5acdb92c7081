// However the program ends, the terminal is as it was.
#include "frontend/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "frontend/signals.h"

namespace orrery {
namespace {

constexpr int was_not_raw = 99;

tcflag_t local_flags(int fd) {
  termios settings = {};
  EXPECT_EQ(tcgetattr(fd, &settings), 0);
  return settings.c_lflag;
}

struct Ending {
  int status;     // as wait() gives it
  bool restored;
};

// Lets a child with a terminal of its own go raw and then do `end`.
Ending run_on_terminal(const std::function<void()>& end) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  EXPECT_EQ(::grantpt(master), 0);
  EXPECT_EQ(::unlockpt(master), 0);
  const int slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
  const tcflag_t before = local_flags(slave);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    ::ioctl(slave, TIOCSCTTY, 0);
    install_signal_handlers();
    {
      RawTerminal terminal(slave);
      if (!terminal.active() || (local_flags(slave) & (ECHO | ICANON | ISIG))) _exit(was_not_raw);
      end();
    }
    _exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const bool restored = local_flags(slave) == before;
  ::close(slave);
  ::close(master);
  return {status, restored};
}

bool killed_by(const Ending& ending, int signal) {
  return WIFSIGNALED(ending.status) && WTERMSIG(ending.status) == signal;
}

TEST(Terminal, NormalEnd) {
  const Ending ending = run_on_terminal([] {});
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(ending.restored);
}

TEST(Terminal, Abort) {
  const Ending ending = run_on_terminal([] { std::abort(); });
  EXPECT_TRUE(killed_by(ending, SIGABRT));
  EXPECT_TRUE(ending.restored);
}

TEST(Terminal, TheFirstSignalAsksTheSecondKills) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Ending asked = run_on_terminal([signal] {
      ::raise(signal);
      ::raise(signal);  // an echo, as of timeout(1), which tells the process and its group
      if (signal_received() != signal) _exit(was_not_raw);
    });
    EXPECT_EQ(asked.status, 0);
    EXPECT_TRUE(asked.restored);
    const Ending killed = run_on_terminal([signal] {
      ::raise(signal);
      ::usleep(300'000);
      ::raise(signal);
    });
    EXPECT_TRUE(killed_by(killed, signal));
    EXPECT_TRUE(killed.restored);
  }
}

TEST(Terminal, Crashes) {
  for (const int signal : {SIGSEGV, SIGPIPE, SIGQUIT}) {
    const Ending ending = run_on_terminal([signal] { ::raise(signal); });
    EXPECT_TRUE(killed_by(ending, signal));
    EXPECT_TRUE(ending.restored);
  }
}

TEST(Terminal, NotATerminal) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_FALSE(RawTerminal(ends[0]).active());
  EXPECT_FALSE(is_own_terminal(ends[0]));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace orrery
