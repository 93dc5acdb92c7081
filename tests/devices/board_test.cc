#include "devices/board.h"

#include "base/json.h"
#include "tests/devices/rig.h"

namespace orrery::test {
namespace {

TEST(BoardTest, devices_answer_at_the_addresses_of_virt) {
  BoardBench bench;
  u64 value = 0;
  for (const u64 address : {0x1000u, 0x100000u, 0x101000u, 0x2000000u, 0xc000004u})
    EXPECT_TRUE(bench.memory.read(PhysAddr{address}, 4, value, Tick{0})) << address;
  EXPECT_TRUE(bench.memory.read(PhysAddr{0x10000005}, 1, value, Tick{0}));
  EXPECT_EQ(value, 0x60u);
  EXPECT_FALSE(bench.memory.read(PhysAddr{0x0}, 4, value, Tick{0}));
}

TEST(BoardTest, the_uart_interrupts_harts_through_plic_source_10) {
  BoardBench bench;
  const auto write = [&](u64 address, unsigned size, u64 value) {
    EXPECT_TRUE(bench.memory.write(PhysAddr{address}, size, value, Tick{0}));
  };
  write(0xc000000 + 4 * 10, 4, 1);
  write(0xc002000 + 0x80 * 3, 4, 1 << 10);  // hart 1, supervisor
  write(0x10000001, 1, 1);
  EXPECT_TRUE(bench.board.uart().receive('x', Tick{0}));
  EXPECT_TRUE(bench.harts[1][9]);
  EXPECT_FALSE(bench.harts[1][11]);
  EXPECT_FALSE(bench.harts[0][9]);
}

TEST(BoardTest, the_clint_drives_inputs_3_and_7) {
  BoardBench bench;
  EXPECT_TRUE(bench.memory.write(PhysAddr{0x2000004}, 4, 1, Tick{0}));
  EXPECT_TRUE(bench.memory.write(PhysAddr{0x2004000}, 8, 0, Tick{0}));
  EXPECT_TRUE(bench.harts[1][3]);
  EXPECT_TRUE(bench.harts[0][7]);
}

TEST(BoardTest, reset_lowers_every_wire) {
  BoardBench bench;
  bench.memory.write(PhysAddr{0x2000004}, 4, 1, Tick{0});
  bench.memory.write(PhysAddr{0x2004000}, 8, 0, Tick{0});
  bench.board.reset();
  EXPECT_FALSE(bench.harts[1][3]);
  EXPECT_FALSE(bench.harts[0][7]);
}

TEST(BoardTest, devices_can_be_left_out) {
  const Json source = Json::parse(R"({"uart": null, "plic": null, "rtc": {"epoch": 5}})");
  Params p(source, "machine.board");
  BoardConfig config;
  config.visit(p);
  p.finish();
  EXPECT_FALSE(config.uart || config.plic);
  BoardBench bench(1, config);
  EXPECT_FALSE(bench.board.has_uart());
  u64 value = 0;
  EXPECT_FALSE(bench.memory.read(PhysAddr{0x10000000}, 1, value, Tick{0}));

  DeviceTree tree;
  DeviceTree::Node& soc = tree.root().add("soc");
  EXPECT_EQ(bench.board.describe(tree, soc, {}), nullptr);
  EXPECT_EQ(tree.find("/soc/rtc")->find_property("interrupts"), nullptr);
}

TEST(BoardTest, too_many_harts_are_a_users_mistake) {
  EXPECT_THROW(BoardBench bench(Plic::most_harts + 1), ConfigError);
}

TEST(BoardTest, every_parameter_is_in_the_resolved_description) {
  const Json source = Json::object();
  Params p(source, "board");
  BoardConfig config;
  config.visit(p);
  p.finish();
  EXPECT_EQ(p.resolved().dump(),
            R"({"finisher":{},"clint":{},"plic":{},"rtc":{"epoch":1735689600},)"
            R"("uart":{"clock":"3686400Hz","paced":false}})");
}

}  // namespace
}  // namespace orrery::test
