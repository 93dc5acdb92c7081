#include "frontend/replay.h"

#include "checkpoint/checkpoint.h"
#include "checkpoint/follower.h"
#include "frontend/output.h"
#include "frontend/progress.h"

namespace orrery {
namespace {

// Registers are compared this often, RAM (which takes a while) ten times more rarely.
constexpr u64 check_every = 10'000'000;
constexpr u64 ram_check_every = 100'000'000;

// The machine's own devices never run in a replay. This is one serial line beside them that takes
// the stores of the recorded one, and hence sends the same bytes.
class ReplayedLine {
 public:
  ReplayedLine(Board& board, Console& console) : console_(console) {
    uart_.reset();
    uart_.set_sink(&console_);
    if (!board.has_uart()) return;
    for (const Board::Slot& slot : board.slots())
      if (slot.device.get() == &board.uart()) slot_ = &slot;
    // Divisor latch and loopback, as a checkpoint left them, decide what is sent.
    for (const RegisterView& view : board.uart().registers())
      if (view.name == "lcr" || view.name == "mcr") uart_.write(view.offset, 1, view.value, {});
  }

  void store(PhysAddr address, u64 value) {
    if (!slot_ || address < slot_->base || address - slot_->base >= slot_->size) return;
    uart_.write(address - slot_->base, 1, value & 0xff, {});
    if (value == '\n') console_.flush();
    events_.clear();
  }

 private:
  Console& console_;
  const Board::Slot* slot_ = nullptr;
  EventQueue events_{nullptr, "events"};
  Uart16550 uart_{nullptr, "uart", {}, events_};
};

}  // namespace

Recording::Recording(const std::string& file, Machine& machine, const Json& resolved,
                     const std::vector<std::string>& fixed)
    : writer_(file, {resolved, fixed, machine_digest(machine)}),
      recorder_(writer_, machine,
                {.check_every = check_every, .ram_check_every = ram_check_every}) {}

void Recording::finish() {
  recorder_.finish();
  writer_.finish();
}

int replay(std::unique_ptr<Machine> machine, const Json& resolved, const std::string& file,
           Console& console, bool quiet) {
  LogReader log(file);
  check_replayable(log.header(), *machine, resolved);
  ReplayedLine line(machine->board(), console);
  Follower::Options options;
  options.log = file;
  options.device_store = [&line](PhysAddr address, u64 value) { line.store(address, value); };
  Follower follower(std::move(machine), options);
  const auto divergence = follower.replay(log);
  console.flush();
  if (divergence) {
    say("orrery: {}: {}\n", file, divergence->text());
    return 1;
  }
  if (!quiet)
    say("orrery: replayed to the end: {}\n",
        describe_progress(follower.end().steps, follower.end().elapsed));
  return 0;
}

}  // namespace orrery
