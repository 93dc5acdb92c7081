// Networks: how long messages take alone, and whom they keep waiting.
#include <gtest/gtest.h>

#include "memory/interconnect.h"
#include "memory/occupancy.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

constexpr u64 cycle = 1000;
using Side = NetworkEnd::Side;

struct Network : testing::Test {
  void build(const Json& json) {
    network.reset();
    network = read_config(json, Interconnects::Choice("ideal"))
                  .create(machine, NetworkShape{4, true, NumaMap{}, Clock(Frequency{1'000'000'000})});
  }
  // Cycles of a message from stop to slice.
  u64 send(u32 from, u32 to, u32 bytes, u64 now, bool book = true) {
    const Tick start{now * cycle};
    return (network->send({Side::Stop, from}, {Side::Slice, to}, bytes, start, book) - start) / cycle;
  }
  Component machine{nullptr, "machine"};
  std::unique_ptr<Interconnect> network;
};

TEST_F(Network, IdealTakesNoTime) {
  build({{"type", "ideal"}});
  EXPECT_TRUE(network->is_ideal());
  EXPECT_EQ(send(0, 0, 72, 10), 0u);
}

TEST_F(Network, CrossbarMessagesWaitAtTheirOutput) {
  build({{"type", "crossbar"}, {"latency_cycles", 8}, {"width", 16}, {"slices", 2}});
  EXPECT_EQ(send(0, 0, 64, 0), 8u + 4);
  EXPECT_EQ(send(1, 1, 64, 0), 8u + 4);  // another output
  EXPECT_EQ(send(1, 0, 64, 0, false), 8u + 8);
  EXPECT_EQ(send(1, 0, 64, 0), 8u + 8);  // the question took nothing
  EXPECT_EQ(send(2, 0, 64, 0), 8u + 12);
  EXPECT_EQ(network->waited.value(), (4 + 8) * cycle);
  EXPECT_EQ(network->messages.value(), 4u);
  EXPECT_EQ(network->bytes.value(), 256u);
}

TEST_F(Network, MeshGoesAlongItsRowThenItsColumn) {
  build({{"type", "mesh"}, {"columns", 2}, {"rows", 2}, {"hop_cycles", 8}, {"width", 16}});
  EXPECT_EQ(send(0, 0, 64, 0), 0u);       // the same node
  EXPECT_EQ(send(0, 3, 64, 0), 16u + 4);  // right, down
  EXPECT_EQ(send(0, 1, 64, 0), 8u + 8);   // waits for the same link
  EXPECT_EQ(send(0, 2, 64, 0), 8u + 4);   // another one
  EXPECT_EQ(send(3, 0, 64, 0), 16u + 4);  // links go both ways
}

TEST_F(Network, LinesSpreadOverSlices) {
  build({{"type", "mesh"}, {"columns", 4}, {"rows", 4}});
  std::vector<int> lines(16);
  for (u64 i = 0; i < 16'000; ++i) ++lines.at(network->home(PhysAddr{0x8000'0000 + 64 * i}).index);
  for (const int count : lines) EXPECT_NEAR(count, 1000, 100);
}

TEST(Occupancy, AnEarlierMessagePassesALaterBooking) {
  Occupancy link(8, cycle);
  EXPECT_EQ(link.pass(64, Tick{1000 * cycle}, true).value(), 1008 * cycle);
  EXPECT_EQ(link.pass(64, Tick{0}, true).value(), 8 * cycle);
  EXPECT_EQ(link.pass(64, Tick{1000 * cycle}, true).value(), 1016 * cycle);
}

TEST(Occupancy, NeverCarriesMoreThanItsWidth) {
  Occupancy link(4, cycle);
  Tick last;
  for (int i = 0; i < 200; ++i) last = std::max(last, link.pass(72, Tick{0}, true));
  EXPECT_EQ(last.value(), 200 * 72 / 4 * cycle);
}

TEST(Occupancy, HostileSlotsAreRefused) {
  Occupancy link(4, cycle);
  Archive saving = Archive::saving("link");
  link.state(saving);
  Json saved = saving.take();
  saved["used"] = Json::binary(std::vector<u8>(saved["used"].get_binary().size(), 1));  // far too many
  Archive loading = Archive::loading("link", saved);
  EXPECT_THROW(link.state(loading), ConfigError);
}

}  // namespace
}  // namespace orrery
