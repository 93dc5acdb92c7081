// Ctrl-A at an interactive console.
#include "frontend/escape_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace orrery {
namespace {

struct Typed {
  std::string guest;
  std::vector<MenuCommand> commands;
};

Typed type(std::string_view keys) {
  EscapeKeys escape;
  Typed typed;
  for (const char key : keys) {
    const auto result = escape.press(static_cast<u8>(key));
    if (result.for_guest) typed.guest += static_cast<char>(*result.for_guest);
    if (result.command) typed.commands.push_back(*result.command);
  }
  return typed;
}

TEST(EscapeKeys, OrdinaryKeysGoToTheGuest) { EXPECT_EQ(type("ls\r\x03").guest, "ls\r\x03"); }

TEST(EscapeKeys, LettersAfterCtrlAAreCommands) {
  const Typed typed = type("a\x01hb\x01xc\x01s\x01t\x01" "c");
  EXPECT_EQ(typed.guest, "abc");
  EXPECT_EQ(typed.commands,
            (std::vector{MenuCommand::Help, MenuCommand::Quit, MenuCommand::Statistics,
                         MenuCommand::Progress, MenuCommand::Save}));
}

TEST(EscapeKeys, TwiceIsALiteralCtrlA) { EXPECT_EQ(type("\x01\x01x").guest, "\x01x"); }

TEST(EscapeKeys, OtherKeysAfterItDoNothing) {
  EXPECT_EQ(type("\x01qz").guest, "z");
  EXPECT_TRUE(type("\x01q").commands.empty());
}

}  // namespace
}  // namespace orrery
