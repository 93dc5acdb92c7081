#include "frontend/console.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace orrery {
namespace {

constexpr std::size_t flush_at = 4096;
constexpr std::size_t read_size = 4096;
constexpr std::size_t longest_line = 256;
constexpr auto look_interval = std::chrono::milliseconds(1);

bool readable(int fd, int milliseconds) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, milliseconds) > 0;
}

}  // namespace

Console::Console(const std::string& destination, Input input) {
  if (destination == "none") {
    input_ended_ = input == Input::Allowed;
    return;
  }
  if (destination == "-") {
    output_fd_ = STDOUT_FILENO;
  } else {
    output_name_ = destination;
    output_fd_ = ::open(destination.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output_fd_ < 0)
      config_error("--console: {}: cannot be written: {}", destination, std::strerror(errno));
  }
  if (input == Input::Allowed) open_input();
}

Console::~Console() {
  flush();
  if (!output_name_.empty()) ::close(output_fd_);
}

void Console::open_input() {
  struct stat status = {};
  if (::fstat(STDIN_FILENO, &status) != 0) {  // closed: as good as its end
    input_ended_ = true;
    return;
  }
  if (isatty(STDIN_FILENO)) {
    if (!output_name_.empty() || !is_own_terminal(STDIN_FILENO)) return;
    terminal_.emplace(STDIN_FILENO);
  }
  input_fd_ = STDIN_FILENO;
  input_is_file_ = S_ISREG(status.st_mode);
}

bool Console::on_terminal() const { return output_fd_ >= 0 && isatty(output_fd_); }

void Console::put(u8 byte) {
  if (output_fd_ >= 0) {
    output_ += static_cast<char>(byte);
    if (output_.size() >= flush_at) flush();
  }
  matcher_.feed(byte, [this](std::size_t index) { found_(index); });
  if (line_ended_) put_in_line(byte);
}

void Console::put_in_line(u8 byte) {
  if (byte != '\n') {
    if (line_.size() < longest_line) line_ += static_cast<char>(byte);
    return;
  }
  // Terminals want "\r\n", and some drivers add one more.
  line_.erase(line_.find_last_not_of('\r') + 1);
  line_ended_(line_);
  line_.clear();
}

void Console::flush() {
  std::size_t done = 0;
  while (done < output_.size() && problem_.empty()) {
    const ssize_t n = ::write(output_fd_, output_.data() + done, output_.size() - done);
    if (n > 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      pollfd p{output_fd_, POLLOUT, 0};
      ::poll(&p, 1, -1);
    } else if (errno != EINTR) {
      problem_ = fmt::format("the guest's console: {}: cannot be written: {}",
                             output_name_.empty() ? "standard output" : output_name_,
                             std::strerror(errno));
    }
  }
  output_.clear();
}

// A file is read when it is needed, so that a run does not depend on the host's speed; a terminal
// or pipe need not be asked more often than people type.
bool Console::time_to_look() {
  if (input_fd_ < 0 || held_) return false;
  if (input_is_file_) return input_.empty();
  const auto now = Clock::now();
  if (now < next_look_) return false;
  next_look_ = now + look_interval;
  return input_.size() < read_size;
}

void Console::poll() {
  if (!output_.empty()) flush();
  if (time_to_look() && readable(input_fd_, 0)) read_input();
}

void Console::read_input() {
  u8 bytes[read_size];
  const ssize_t n = ::read(input_fd_, bytes, sizeof bytes);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) {
    input_fd_ = -1;
    input_ended_ = !interactive();
    return;
  }
  for (ssize_t i = 0; i < n; ++i) {
    if (!interactive()) {
      input_.push_back(bytes[i]);
      continue;
    }
    const EscapeKeys::Result result = escape_.press(bytes[i]);
    if (result.for_guest) input_.push_back(*result.for_guest);
    if (result.command) commands_.push_back(*result.command);
  }
}

bool Console::wait(Clock::time_point until) {
  flush();
  using std::chrono::milliseconds;
  // In slices: poll() counts in an int of milliseconds, and rounds up what is shorter.
  constexpr milliseconds slice(1000);
  const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
  if (left.count() <= 0) return false;
  const int timeout = static_cast<int>(std::min(left, slice).count());
  if (input_fd_ < 0 || held_) {
    ::poll(nullptr, 0, timeout);
    return false;
  }
  if (!readable(input_fd_, timeout)) return false;
  read_input();
  return true;
}

void Console::type(const std::string& text) {
  for (const char c : text) input_.push_back(static_cast<u8>(c));
}

std::optional<MenuCommand> Console::take_command() {
  if (commands_.empty()) return std::nullopt;
  const MenuCommand command = commands_.front();
  commands_.pop_front();
  return command;
}

void Console::watch(const std::vector<std::string>& texts, std::function<void(std::size_t)> found) {
  matcher_.clear();
  for (const std::string& text : texts) matcher_.add(text);
  found_ = std::move(found);
}

}  // namespace orrery
