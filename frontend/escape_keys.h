// The escape key of an interactive console: Ctrl-A, then a letter for the simulator. Twice gives
// the guest one Ctrl-A.
#pragma once

#include <optional>

#include "base/types.h"

namespace orrery {

enum class MenuCommand { Help, Quit, Save, Statistics, Progress };

class EscapeKeys {
 public:
  static constexpr u8 key = 0x01;  // Ctrl-A

  struct Result {
    std::optional<u8> for_guest;
    std::optional<MenuCommand> command;
  };
  Result press(u8 character);

  static const char* help();

 private:
  bool escaped_ = false;
};

}  // namespace orrery
