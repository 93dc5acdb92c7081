// The terminal on standard input: raw while a guest's console uses it, restored whatever happens.
//
// Restoring must work from a signal handler, so the saved settings are the process's and not an
// object's: the one place, with signals.h, where the front end keeps global state. One RawTerminal
// at a time.
#pragma once

namespace orrery {

class RawTerminal {
 public:
  // Raw mode if `fd` is a terminal in whose foreground we are; otherwise nothing.
  explicit RawTerminal(int fd);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  bool active() const { return active_; }

 private:
  bool active_ = false;
};

// Puts the terminal back as it was. Safe in a signal handler; does nothing when not raw.
void restore_terminal();

// True for a terminal that is ours to read from: a background job would be stopped for it.
bool is_own_terminal(int fd);

}  // namespace orrery
