// Requests of bare-metal programs to the host: what is printed, answered and ended.
#include "models/htif.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"
#include "devices/char_sink.h"
#include "models/machine.h"

namespace orrery {
namespace {

struct Htif : testing::Test, CharSink {
  static constexpr PhysAddr tohost{0x8000'1000}, fromhost{0x8000'1008}, call{0x8000'2000}, text{0x8000'3000};

  Htif() : machine(read_machine({{"machine", {{"memory", "1MiB"}}}}, nullptr, nullptr)) {}
  void put(u8 byte) override { printed += static_cast<char>(byte); }

  u64 word(PhysAddr at) {
    u64 value = 0;
    machine.memory().read(at, 8, value, {});
    return value;
  }
  std::optional<u32> serve(u64 request, CharSink* console) {
    machine.memory().write(fromhost, 8, 0, {});
    machine.memory().write(tohost, 8, request, {});
    return serve_htif(machine.memory(), tohost, fromhost, console);
  }
  std::optional<u32> system_call(u64 number, u64 a, u64 b, u64 c) {
    u64 at = call.value();
    for (const u64 value : {number, a, b, c}) {
      machine.memory().write(PhysAddr{at}, 8, value, {});
      at += 8;
    }
    return serve(call.value(), this);
  }

  Machine machine;
  std::string printed;
};

TEST_F(Htif, AnOddPayloadEnds) {
  EXPECT_EQ(serve(1, this), 0u);
  EXPECT_EQ(serve(7 << 1 | 1, this), 7u);
  EXPECT_EQ(serve(~u64{0}, this), ~u32{0}) << "extended by its sign";
  EXPECT_EQ(word(tohost), ~u64{0}) << "left for whoever looks";
}

TEST_F(Htif, ACharacterIsPrintedAndAcknowledged) {
  EXPECT_FALSE(serve(0x0101'0000'0000'0041, this));
  EXPECT_EQ(printed, "A");
  EXPECT_EQ(word(tohost), 0u);
  EXPECT_EQ(word(fromhost), 0x0101'0000'0000'0141u);
  EXPECT_FALSE(serve(0x0101'0000'0000'0041, nullptr));
}

TEST_F(Htif, WritePrintsItsBuffer) {
  const std::string hello = "hello\n";
  machine.memory().write_bytes(text, {reinterpret_cast<const u8*>(hello.data()), hello.size()});
  EXPECT_FALSE(system_call(64, 1, text.value(), hello.size()));
  EXPECT_EQ(printed, hello);
  EXPECT_EQ(word(call), hello.size());
  EXPECT_EQ(word(fromhost), 1u);
  EXPECT_EQ(word(tohost), 0u);
}

TEST_F(Htif, WriteEndsWithMemory) {
  EXPECT_FALSE(system_call(64, 1, 0x8010'0000 - 16, 1000));
  EXPECT_EQ(word(call), 16u);
  EXPECT_FALSE(system_call(64, 1, 0x1000'0000, 1000));  // a device
  EXPECT_EQ(word(call), 0u);
  EXPECT_FALSE(system_call(64, 1, 0x8000'0000, ~u64{0}));
  EXPECT_LE(word(call), 1u << 20);
}

TEST_F(Htif, ExitEndsAndOthersAreNotThere) {
  EXPECT_EQ(system_call(93, 3, 0, 0), 3u);
  EXPECT_FALSE(system_call(64, 5, text.value(), 1));  // to another file
  EXPECT_EQ(static_cast<i64>(word(call)), -38);
  EXPECT_FALSE(system_call(57, 0, 0, 0));
  EXPECT_EQ(static_cast<i64>(word(call)), -38);
  EXPECT_EQ(printed, "");
}

TEST_F(Htif, OtherRequestsAreAcknowledged) {
  EXPECT_FALSE(serve(0x0100'0000'0000'0000, this));  // a key, please
  EXPECT_EQ(word(tohost), 0u);
  EXPECT_EQ(word(fromhost), 1u);
  EXPECT_FALSE(serve(2, this)) << "a call outside memory";
}

}  // namespace
}  // namespace orrery
