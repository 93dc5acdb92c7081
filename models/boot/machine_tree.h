// The device tree of a whole machine, as its firmware and operating system find it.
//
// /chosen, /memory, /cpus and /pmu are written here; what stands below /soc (and the nodes beside
// it that devices need) is written by the board.
#pragma once

#include <functional>
#include <span>

#include "base/units.h"
#include "cpu/arch/hart_config.h"
#include "devices/device_tree.h"
#include "memory/numa.h"
#include "models/boot/boot.h"

namespace orrery {

struct MachineFacts {
  u32 harts = 1;
  PhysAddr ram_base;
  u64 ram_size = 0;
  Frequency timebase;  // what the `time` counter counts
  u64 seed = 0;        // of the random numbers that the guest is given
  NumaMap numa{};      // who is near what; of one node nothing is said
};

// Describes the board's devices, most of them below `soc`. `harts` are the phandles of the harts'
// interrupt controllers, in the order of harts. Returns the console's node; null without one.
using DescribeBoard = std::function<const DeviceTree::Node*(
    DeviceTree& tree, DeviceTree::Node& soc, std::span<const u32> harts)>;

DeviceTree make_machine_tree(const MachineFacts& facts, const HartConfig& hart,
                             const ChosenFacts& chosen, const DescribeBoard& describe_board);

}  // namespace orrery
