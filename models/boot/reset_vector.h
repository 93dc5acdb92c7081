// The first instructions of a hart: code and data in the board's ROM, as on QEMU's `virt`.
#pragma once

#include <vector>

#include "base/types.h"

namespace orrery {

struct ResetVector {
  PhysAddr firmware;     // where every hart continues, in M mode
  PhysAddr device_tree;  // in a1
  PhysAddr next;         // where fw_dynamic sends the boot hart, in S mode
};

// The contents of the ROM, wherever it stands: a0 = mhartid, a1 = device tree, a2 = struct
// fw_dynamic_info (OpenSBI, docs/firmware/fw_dynamic.md), jump to the firmware.
std::vector<u8> make_reset_rom(const ResetVector& vector);

}  // namespace orrery
