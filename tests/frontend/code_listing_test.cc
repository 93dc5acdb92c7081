// --trace host-code: what is written of a translation.
#include "frontend/code_listing.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/models/direct/small_guest.h"

namespace orrery {
namespace {

class CodeListingTest : public testing::Test {
 protected:
  // Runs the guest; false where nothing is translated.
  bool run(std::function<void(const Translation&)> visit) {
    bool any = false;
    listener.on_translated = [&](const Translation& t) {
      any = true;
      visit(t);
    };
    guest.machine->set_listener(&listener);
    guest.run(10'000);
    return any;
  }
  GuestFacts facts() const {
    return {guest.machine->memory(), symbols, guest.machine->config().hart.extensions};
  }

  SmallGuest guest;
  Listener listener;
  SymbolTable symbols;
  HostDisassembler host;
};

std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST_F(CodeListingTest, HostCodeIsDisassembledWithoutGaps) {
  const bool any = run([&](const Translation& t) {
    u64 next = 0;
    for (const HostInstruction& each : host.disassemble(t.code, [](u64) { return ""; })) {
      EXPECT_EQ(each.offset, next);
      EXPECT_GT(each.size, 0u);
      EXPECT_FALSE(each.text.starts_with(".byte")) << each.text;
      next += each.size;
    }
    EXPECT_EQ(next, t.code.size());
  });
  if (!any) GTEST_SKIP() << "this host has no translator";
}

TEST_F(CodeListingTest, ShowsEachGuestInstructionAndEachHostInstructionOnce) {
  const bool any = run([&](const Translation& t) {
    const std::string text = list_translation(t, facts(), host);
    for (const TranslatedPiece& piece : t.pieces)
      for (const TranslatedInstruction& each : piece.instructions)
        EXPECT_EQ(occurrences(text, fmt::format("\n{:016x}  ", each.pc)), 1u) << text;
    std::size_t rows = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      rows += line.size() > 84 && line.find_first_not_of(' ', 84) < 90 && !line.starts_with("---");
    const auto host_code = host.disassemble(t.code, [](u64) { return ""; });
    EXPECT_EQ(rows, host_code.size() + 1) << text;  // and the heading
  });
  if (!any) GTEST_SKIP() << "this host has no translator";
}

TEST_F(CodeListingTest, StandsSideBySide) {
  std::string all;
  if (!run([&](const Translation& t) { all += list_translation(t, facts(), host); }))
    GTEST_SKIP() << "this host has no translator";
  EXPECT_NE(all.find("--- 0000000080000000 at pc 0000000080000000: "), std::string::npos) << all;
  EXPECT_NE(all.find("0000000080000018  bne a0,zero,80000006"), std::string::npos) << all;
  EXPECT_NE(all.find("000000008000001a  csrrsi zero,mscratch,3  interpret"), std::string::npos) << all;
  EXPECT_NE(all.find("call interpret"), std::string::npos) << all;
  EXPECT_NE(all.find("rare paths and exits"), std::string::npos) << all;
}

TEST_F(CodeListingTest, NotAnInstruction) {
  const u8 bytes[] = {0x90, 0x06, 0xc3};  // nop, nothing in 64-bit mode, ret
  const auto code = host.disassemble(bytes, [](u64) { return ""; });
  ASSERT_EQ(code.size(), 3u);
  EXPECT_EQ(code[1].text, ".byte 0x06");
  EXPECT_EQ(code[2].offset, 2u);
}

}  // namespace
}  // namespace orrery
