// What a machine starts with: firmware, kernel, initramfs and device tree, laid out in RAM.
//
//   RAM base      firmware
//   + 2 MiB       kernel (the next multiple of 2 MiB behind the firmware)
//   ...
//   near the end  device tree (multiple of 2 MiB), initramfs above it
//
// Without firmware the kernel is a bare-metal program: an ELF file stands where it says, and every
// hart starts at its entry in M mode with a0 = hart number and a1 = device tree. With firmware,
// every hart starts in the ROM (reset_vector.h), which goes on to the firmware.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/params.h"
#include "memory/address_space.h"
#include "memory/ram.h"
#include "models/boot/symbols.h"

namespace orrery {

struct BootConfig {
  std::string firmware;
  std::string kernel;
  std::string kernel_address = "auto";
  std::string initramfs;
  std::string append;
  std::string command;
  std::vector<std::string> add;

  void visit(Params& p);
};

struct BootImages {
  u64 entry = 0;          // where every hart starts, in M mode ...
  PhysAddr device_tree;   // ... with this in a1, and its number in a0
  std::vector<u8> rom;    // contents of the board's ROM; empty for bare-metal programs
  PhysAddr kernel_entry;  // where the kernel starts
  SymbolTable symbols;    // of the kernel, or of the firmware when only that is an ELF file
  // Places of a bare-metal program that the machine serves (riscv-tests, riscv-arch-test).
  std::optional<PhysAddr> tohost, fromhost, begin_signature, end_signature;
};

// What the device tree says about the images.
struct ChosenFacts {
  std::string bootargs;
  std::optional<PhysAddr> initrd_start, initrd_end;
};

using TreeBuilder = std::function<std::vector<u8>(const ChosenFacts&)>;  // a flattened tree

// Loads everything into `ram`, which is part of `memory` and holds zeros. ConfigError when a file
// is missing or damaged or does not fit, or begins where no instruction of these harts can stand:
// `instruction_alignment` is 2 with compressed instructions and 4 without (I, 1.5: IALIGN).
BootImages load_images(const BootConfig& config, AddressSpace& memory, Ram& ram,
                       const TreeBuilder& build_tree, u64 instruction_alignment = 2);

}  // namespace orrery
