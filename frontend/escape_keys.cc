#include "frontend/escape_keys.h"

namespace orrery {

EscapeKeys::Result EscapeKeys::press(u8 character) {
  if (!escaped_) {
    escaped_ = character == key;
    return escaped_ ? Result{} : Result{character, {}};
  }
  escaped_ = false;
  switch (character) {
    case key: return {key, {}};
    case 'h':
    case '?': return {{}, MenuCommand::Help};
    case 'x': return {{}, MenuCommand::Quit};
    case 'c': return {{}, MenuCommand::Save};
    case 's': return {{}, MenuCommand::Statistics};
    case 't': return {{}, MenuCommand::Progress};
    default: return {};  // a slip of the finger
  }
}

const char* EscapeKeys::help() {
  return "Ctrl-A h  this help\n"
         "Ctrl-A x  end the simulation\n"
         "Ctrl-A c  save a checkpoint and go on\n"
         "Ctrl-A s  statistics so far\n"
         "Ctrl-A t  simulated time and speed\n"
         "Ctrl-A Ctrl-A  send Ctrl-A to the guest\n";
}

}  // namespace orrery
