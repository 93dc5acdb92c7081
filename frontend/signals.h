// Signals from outside. The first SIGINT, SIGTERM or SIGHUP only asks: the run ends between two
// instructions and its statistics are written. The second one kills, unless it is an echo of the first
// (within a fifth of a second). Whatever ends the program, a crash included, the terminal is restored
// first.
#pragma once

namespace orrery {

// Takes over the signals, for the rest of the process.
void install_signal_handlers();

// The signal that asked for an end, 0 for none so far.
int signal_received();

}  // namespace orrery
