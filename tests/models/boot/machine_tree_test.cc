// The device tree of a whole machine.
#include "models/boot/machine_tree.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace orrery {
namespace {

HartConfig hart_with(const char* isa) {
  const Json json = {{"isa", isa}};
  Params params(json, "machine.hart");
  HartConfig hart;
  hart.visit(params);
  return hart;
}

DeviceTree tree_of(const MachineFacts& facts, const HartConfig& hart, const ChosenFacts& chosen) {
  return make_machine_tree(facts, hart, chosen, [](auto&, auto& soc, auto harts) {
    DeviceTree::Node& serial = soc.add("serial@10000000").reg(PhysAddr{0x1000'0000}, 0x100);
    return &serial.cells("test,harts", harts);
  });
}

const MachineFacts facts{2, PhysAddr{0x8000'0000}, u64{1} << 30, Frequency{10'000'000}, 7};

TEST(MachineTree, WhatLinuxLooksFor) {
  DeviceTree tree = tree_of(facts, hart_with("rv64imafdcsu_zicsr_zicbom_zicboz_sscofpmf"),
                            {"console=ttyS0", PhysAddr{0x8800'0000}, PhysAddr{0x8800'1000}});
  // What the guest parses is the blob.
  tree = DeviceTree::parse(tree.serialise());
  const auto text = [&](const char* path, const char* name) {
    const DeviceTree::Node* node = tree.find(path);
    return node ? node->text(name).value_or("none") : "no node";
  };
  EXPECT_EQ(text("/", "compatible"), "riscv-virtio");
  EXPECT_EQ(text("/chosen", "bootargs"), "console=ttyS0");
  EXPECT_EQ(text("/chosen", "stdout-path"), "/soc/serial@10000000");
  EXPECT_EQ(tree.find("/chosen")->cell("linux,initrd-start", 1), 0x8800'0000u);
  EXPECT_EQ(tree.find("/chosen")->cell("linux,initrd-end", 1), 0x8800'1000u);
  EXPECT_EQ(tree.find("/memory@80000000")->cell("reg", 3), 0x4000'0000u);
  EXPECT_EQ(tree.find("/cpus")->cell("timebase-frequency"), 10'000'000u);
  EXPECT_EQ(text("/cpus/cpu@1", "riscv,isa"), "rv64imafdc_zicbom_zicboz_zicsr_sscofpmf");
  EXPECT_EQ(text("/cpus/cpu@1", "riscv,isa-base"), "rv64i");
  EXPECT_EQ(text("/cpus/cpu@1", "riscv,isa-extensions"), "i");
  EXPECT_EQ(text("/cpus/cpu@1", "mmu-type"), "riscv,sv57");
  EXPECT_EQ(tree.find("/cpus/cpu@1")->cell("riscv,cbom-block-size"), 64u);
  EXPECT_EQ(tree.find("/cpus/cpu@1")->cell("riscv,cboz-block-size"), 64u);
  EXPECT_EQ(tree.find("/cpus/cpu@1")->cell("riscv,cbop-block-size"), std::nullopt);
  EXPECT_EQ(text("/pmu", "compatible"), "riscv,pmu");
  // The board was given each hart's interrupt controller.
  for (const std::size_t hart : {0u, 1u})
    EXPECT_EQ(tree.find(fmt::format("/cpus/cpu@{}/interrupt-controller", hart))->cell("phandle"),
              tree.find("/soc/serial@10000000")->cell("test,harts", hart));
  EXPECT_EQ(tree.find("/cpus/cpu-map/cluster0/core1")->cell("cpu"),
            tree.find("/cpus/cpu@1")->cell("phandle"));
}

TEST(MachineTree, NodesOfMemoryAndHarts) {
  MachineFacts two = facts;
  two.numa = {2, facts.ram_base, facts.ram_size, facts.harts};
  DeviceTree tree = tree_of(two, hart_with("rv64imafdcsu_zicsr"), {"", std::nullopt, std::nullopt});
  tree = DeviceTree::parse(tree.serialise());
  EXPECT_EQ(tree.find("/memory@80000000")->cell("reg", 3), 0x2000'0000u);
  EXPECT_EQ(tree.find("/memory@80000000")->cell("numa-node-id"), 0u);
  EXPECT_EQ(tree.find("/memory@a0000000")->cell("numa-node-id"), 1u);
  EXPECT_EQ(tree.find("/cpus/cpu@0")->cell("numa-node-id"), 0u);
  EXPECT_EQ(tree.find("/cpus/cpu@1")->cell("numa-node-id"), 1u);
  EXPECT_EQ(tree.find("/distance-map")->text("compatible"), "numa-distance-map-v1");
  const u32 matrix[] = {0, 0, 10, 0, 1, 20, 1, 0, 20, 1, 1, 10};
  for (std::size_t i = 0; i < std::size(matrix); ++i)
    EXPECT_EQ(tree.find("/distance-map")->cell("distance-matrix", i), matrix[i]) << i;
}

TEST(MachineTree, WithoutSupervisor) {
  DeviceTree tree = tree_of(facts, hart_with("rv64imac_zicsr"), {});
  EXPECT_EQ(tree.find("/cpus/cpu@0")->text("mmu-type"), std::nullopt);
  EXPECT_EQ(tree.find("/pmu"), nullptr);
  EXPECT_EQ(tree.find("/chosen")->find_property("linux,initrd-start"), nullptr);
}

TEST(MachineTree, RandomSeedFollowsTheMachines) {
  const auto seed = [](u64 number) {
    MachineFacts other = facts;
    other.seed = number;
    return tree_of(other, {}, {}).find("/chosen")->find_property("rng-seed")->value;
  };
  EXPECT_GE(seed(1).size(), 32u);
  EXPECT_EQ(seed(1), seed(1));
  EXPECT_NE(seed(1), seed(2));
}

}  // namespace
}  // namespace orrery
