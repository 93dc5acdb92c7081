// The board: every device of the machine, where it stands and what its wires lead to.
//
// Addresses and interrupt numbers are those of QEMU's `virt`, so that stock firmware, kernels and
// distributions boot unchanged:
//
//   0x00001000  rom        size 0xf000
//   0x00100000  finisher   size 0x1000
//   0x00101000  rtc        size 0x1000      interrupt 11
//   0x02000000  clint      size 0x10000
//   0x0c000000  plic       size 0x600000
//   0x10000000  uart       size 0x100       interrupt 10
//
// board.cc is the place where a new device is put on the board: one line in the constructor.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "devices/clint.h"
#include "devices/finisher.h"
#include "devices/goldfish_rtc.h"
#include "devices/plic.h"
#include "devices/power_control.h"
#include "devices/rom.h"
#include "devices/uart16550.h"
#include "memory/address_space.h"

namespace orrery {

// Each device is an object, or null to leave it out.
struct BoardConfig {
  struct Plain {  // a device without parameters
    void visit(Params&) {}
  };
  std::optional<Plain> finisher{Plain{}};
  std::optional<Plain> clint{Plain{}};
  std::optional<Plain> plic{Plain{}};
  std::optional<GoldfishRtc::Config> rtc{GoldfishRtc::Config{}};
  std::optional<Uart16550::Config> uart{Uart16550::Config{}};

  void visit(Params& p);
};

// What the board is built on. All outlive it.
struct BoardContext {
  AddressSpace& memory;
  EventQueue& events;
  std::vector<WireSink*> harts;  // input n of a hart is bit n of its mip
  Frequency timebase;         // of mtime and of the harts' time
  PowerControl& power;
};

class Board final : public Component {
 public:
  // Puts the devices into the address space and leaves them reset.
  Board(Component* parent, std::string name, const BoardConfig& config,
        const BoardContext& context);

  // Power-on reset of every device; the ROM keeps its contents.
  void reset();

  // Writes the nodes of all devices below `soc` (poweroff and reboot below the root). `harts` are
  // the phandles of the harts' "riscv,cpu-intc" nodes, in hart order.
  // Returns the console's node, for stdout-path; null without a console.
  DeviceTree::Node* describe(DeviceTree& tree, DeviceTree::Node& soc,
                             std::span<const u32> harts) const;

  Rom& rom() { return rom_; }
  static constexpr PhysAddr rom_base{0x1000};

  bool has_uart() const { return uart_ != nullptr; }
  Uart16550& uart();

  struct Slot {
    std::unique_ptr<Device> device;
    PhysAddr base;
    u64 size;
    u32 interrupt;  // input of the PLIC, 0 for none
  };
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  template <class T, class... Args>
  T& place(const BoardContext& context, PhysAddr base, u64 size, u32 interrupt, const char* name,
           Args&&... args);
  void connect_interrupt(Wire& wire, u32 number);

  Rom rom_;
  std::vector<Slot> slots_;
  Plic* plic_ = nullptr;
  Uart16550* uart_ = nullptr;
};

}  // namespace orrery
