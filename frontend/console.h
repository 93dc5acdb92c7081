// The guest's console on the host: a serial line to a terminal, a pipe or a file.
//
// What the guest writes is searched for texts at once (console="login:") and shown at the next
// poll. Input comes from a terminal in raw mode (with an escape key for the simulator), or from
// whatever else is standard input, up to its end; it waits here until the serial line has room, and
// enters the machine at polls only, that is at a known point of simulated time.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/char_sink.h"
#include "frontend/escape_keys.h"
#include "frontend/terminal.h"
#include "frontend/text_matcher.h"

namespace orrery {

class Console final : public CharSink {
 public:
  using Clock = std::chrono::steady_clock;

  // `destination`: "-" is standard output; "none" drops the output and takes input to be at its
  // end; otherwise a file, which is created anew and leaves the terminal's keyboard alone.
  // ConfigError when it cannot be. Input::Never leaves standard input alone altogether.
  enum class Input { Allowed, Never };
  explicit Console(const std::string& destination, Input input = Input::Allowed);
  ~Console() override;

  // --- the guest's side ---------------------------------------------------------------------
  void put(u8 byte) override;

  // Moves input to the guest while `can_receive()`, by `receive(byte)`.
  template <class CanReceive, class Receive>
  void feed(CanReceive&& can_receive, Receive&& receive) {
    while (!input_.empty() && can_receive()) {
      receive(input_.front());
      input_.pop_front();
    }
  }

  // --- the host's side ----------------------------------------------------------------------
  // Shows what was written and reads what was typed, without waiting.
  void poll();

  // Waits until there is something to read, a signal came, or `until`. True: there is input.
  bool wait(Clock::time_point until);

  void flush();

  // Output that could not be written is dropped, and the run goes on: why, or "".
  const std::string& problem() const { return problem_; }

  // While held, input that no person types stays outside: a guest that is still starting would
  // lose it.
  void hold_input(bool held) { held_ = held && !interactive(); }
  bool input_held() const { return held_; }

  // Text as if typed.
  void type(const std::string& text);

  // False when nothing is left and nothing can come.
  bool input_possible() const { return !input_.empty() || (input_fd_ >= 0 && !held_); }
  // Input that no person types has come to its end, and all of it has gone to the guest.
  bool ended() const { return input_ended_ && input_.empty(); }
  // A person sits before it.
  bool interactive() const { return terminal_ && terminal_->active(); }
  // The output goes to a terminal, which messages would disturb.
  bool on_terminal() const;

  // What the person asked the simulator for, in order.
  std::optional<MenuCommand> take_command();

  // From now on, calls found(index) as soon as the guest has written texts[index].
  void watch(const std::vector<std::string>& texts, std::function<void(std::size_t)> found);
  // Calls ended(line) for every line that the guest completes, of very long ones their beginning.
  void watch_lines(std::function<void(std::string_view)> ended) { line_ended_ = std::move(ended); }

 private:
  void put_in_line(u8 byte);

  void open_input();
  void read_input();
  bool time_to_look();

  int output_fd_ = -1;  // -1: dropped
  std::string output_name_;
  std::string output_;
  std::string problem_;

  int input_fd_ = -1;  // -1: at its end
  bool input_is_file_ = false;
  bool held_ = false;
  bool input_ended_ = false;
  Clock::time_point next_look_{};
  std::deque<u8> input_;
  std::optional<RawTerminal> terminal_;
  EscapeKeys escape_;
  std::deque<MenuCommand> commands_;

  TextMatcher matcher_;
  std::function<void(std::size_t)> found_;
  std::string line_;
  std::function<void(std::string_view)> line_ended_;
};

}  // namespace orrery
