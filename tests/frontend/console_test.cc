// The guest's console on pipes and files.
#include "frontend/console.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "frontend/pace.h"
#include "tests/base/config_message.h"

namespace orrery {
namespace {

using std::chrono::milliseconds;

// Standard input for the time of a test.
class Input {
 public:
  explicit Input(int fd) : saved_(::dup(STDIN_FILENO)) {
    ::dup2(fd, STDIN_FILENO);
    ::close(fd);
  }
  ~Input() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }

 private:
  int saved_;
};

class Pipe {
 public:
  Pipe() {
    EXPECT_EQ(::pipe(ends_), 0);
    input_.emplace(ends_[0]);
  }
  ~Pipe() { close(); }
  void write(const std::string& text) {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  int ends_[2] = {-1, -1};
  std::optional<Input> input_;
};

// What a guest with room for `room` bytes gets.
std::string receive(Console& console, std::size_t room = 1000) {
  std::string text;
  console.feed([&] { return text.size() < room; },
               [&](u8 byte) { text += static_cast<char>(byte); });
  return text;
}

void put(Console& console, const std::string& text) {
  for (const char c : text) console.put(static_cast<u8>(c));
}

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Console, PipedInputWaitsForRoom) {
  Pipe pipe;
  Console console("-");
  EXPECT_FALSE(console.interactive());
  pipe.write("hello");
  console.poll();
  EXPECT_EQ(receive(console, 2), "he");
  EXPECT_EQ(receive(console), "llo");
  EXPECT_TRUE(console.input_possible());
}

TEST(Console, EndOfInput) {
  Pipe pipe;
  Console console("-");
  pipe.write("x\x01q");  // no escape key without a person
  pipe.close();
  while (console.wait(Console::Clock::now() + milliseconds(100))) {
  }
  EXPECT_TRUE(console.input_possible());
  EXPECT_EQ(receive(console), "x\x01q");
  EXPECT_FALSE(console.input_possible());
}

TEST(Console, AFileIsReadAsFastAsTheGuestTakesIt) {
  const std::string text(10'000, 'a');
  const std::string name = testing::TempDir() + "input.txt";
  std::ofstream(name) << text;
  std::FILE* file = std::fopen(name.c_str(), "r");
  Input input(::dup(::fileno(file)));
  std::fclose(file);
  Console console("-");
  std::string received;
  int polls = 0;
  for (; console.input_possible(); ++polls) {
    console.poll();
    received += receive(console);
  }
  EXPECT_EQ(received, text);
  EXPECT_LT(polls, 20);  // whatever the host's clock says
  ::unlink(name.c_str());
}

TEST(Console, NoConsoleReadsNothing) {
  Pipe pipe;
  Console console("none");
  pipe.write("x");
  put(console, "dropped");
  console.poll();
  EXPECT_FALSE(console.input_possible());
  EXPECT_EQ(receive(console), "");
}

TEST(Console, HeldInputStaysOutside) {
  Pipe pipe;
  Console console("-");
  console.hold_input(true);
  pipe.write("x");
  console.poll();
  EXPECT_FALSE(console.input_possible());
  console.type("typed ");
  EXPECT_EQ(receive(console), "typed ");
  console.hold_input(false);
  console.poll();
  EXPECT_EQ(receive(console), "x");
}

TEST(Console, WritesToAFile) {
  Pipe pipe;
  const std::string name = testing::TempDir() + "console.txt";
  {
    Console console(name);
    EXPECT_FALSE(console.on_terminal());
    put(console, "one\n");
    EXPECT_EQ(contents(name), "");
    console.poll();
    EXPECT_EQ(contents(name), "one\n");
    put(console, fmt::format("{:x>5000}end", ""));
  }
  EXPECT_EQ(contents(name), fmt::format("one\n{:x>5000}end", ""));
  ::unlink(name.c_str());
  EXPECT_TRUE(config_message([] { Console console("/nowhere/x"); })
                  .starts_with("--console: /nowhere/x: cannot be written: "));
}

TEST(Console, TypedTextIsInput) {
  Pipe pipe;
  pipe.close();
  Console console("-");
  console.poll();
  console.type("root\n");
  EXPECT_TRUE(console.input_possible());
  EXPECT_EQ(receive(console), "root\n");
  EXPECT_FALSE(console.input_possible());
}

TEST(Console, WatchesForTexts) {
  Console console("none");
  std::vector<std::size_t> found;
  console.watch({"login:", "panic"}, [&](std::size_t index) { found.push_back(index); });
  put(console, "log");
  console.flush();
  put(console, "in: panic");
  EXPECT_EQ(found, (std::vector<std::size_t>{0, 1}));
  console.watch({"x"}, [&](std::size_t) { found.clear(); });
  put(console, "login:");
  EXPECT_EQ(found.size(), 2u);
}

// --- pace: what happens while the machine sleeps -------------------------------------------------

constexpr u64 ticks_per_millisecond = 1'000'000'000;

TEST(Pace, FreeJumps) {
  Pipe pipe;
  Console console("-");
  Pace pace(console, false);
  const Tick far{3600 * ticks_per_second};
  EXPECT_EQ(pace.idle(Tick{5}, far), far);
}

TEST(Pace, HostSleepsAsLongAsTheGuest) {
  Pipe pipe;
  Console console("-");
  Pace pace(console, true);
  const auto begin = Console::Clock::now();
  Tick now{0};
  for (int i = 0; i < 200; ++i) now = pace.idle(now, now + ticks_per_millisecond / 4);
  EXPECT_EQ(now, Tick{50 * ticks_per_millisecond});
  EXPECT_GE(Console::Clock::now() - begin, milliseconds(48));
}

TEST(Pace, InputEndsTheSleepEarly) {
  Pipe pipe;
  Console console("-");
  pipe.write("x");
  Pace paced(console, true);
  const Tick wake{100 * ticks_per_second};
  EXPECT_LT(paced.idle(Tick{7}, wake), Tick{50 * ticks_per_second});
  EXPECT_EQ(receive(console), "x");
  pipe.write("y");
  Pace free(console, false);
  EXPECT_LT(free.idle(Tick{7}, never), wake);
  EXPECT_EQ(receive(console), "y");
}

}  // namespace
}  // namespace orrery
