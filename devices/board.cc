#include "devices/board.h"

#include "base/error.h"

namespace orrery {
namespace {

// Bits of mip that the interrupt controllers drive (Privileged Architecture, 3.1.9).
enum HartInput : u32 {
  MachineSoftware = 3,
  MachineTimer = 7,
  SupervisorExternal = 9,
  MachineExternal = 11,
};

constexpr u64 rom_size = 0xf000;

}  // namespace

void BoardConfig::visit(Params& p) {
  p.child("finisher", finisher, "power-off and reset register").fixed_at_restore();
  p.child("clint", clint, "software and timer interrupts").fixed_at_restore();
  p.child("plic", plic, "interrupt controller").fixed_at_restore();
  p.child("rtc", rtc, "real-time clock").fixed_at_restore();
  p.child("uart", uart, "serial console").fixed_at_restore();
}

Board::Board(Component* parent, std::string name, const BoardConfig& config,
             const BoardContext& context)
    : Component(parent, std::move(name)), rom_(this, "rom", rom_size) {
  const auto harts = static_cast<u32>(context.harts.size());
  context.memory.add_target(rom_, rom_base, rom_size, rom_.path());

  if (config.plic) {
    if (harts > Plic::most_harts)
      config_error("{}.plic: {} harts, this interrupt controller has inputs for up to {}", path(),
                   harts, Plic::most_harts);
    plic_ = &place<Plic>(context, PhysAddr{0xc000000}, 0x600000, 0, "plic", harts);
    for (u32 hart = 0; hart < harts; ++hart) {
      plic_->context(2 * hart).connect(*context.harts[hart], MachineExternal);
      plic_->context(2 * hart + 1).connect(*context.harts[hart], SupervisorExternal);
    }
  }
  if (config.clint) {
    Clint& clint = place<Clint>(context, PhysAddr{0x2000000}, 0x10000, 0, "clint", harts,
                                Timebase{context.timebase}, context.events);
    for (u32 hart = 0; hart < harts; ++hart) {
      clint.software(hart).connect(*context.harts[hart], MachineSoftware);
      clint.timer(hart).connect(*context.harts[hart], MachineTimer);
    }
  }
  if (config.finisher)
    place<Finisher>(context, PhysAddr{0x100000}, 0x1000, 0, "finisher", context.power);
  if (config.rtc)
    place<GoldfishRtc>(context, PhysAddr{0x101000}, 0x1000, 11, "rtc", *config.rtc, context.events);
  if (config.uart)
    uart_ = &place<Uart16550>(context, PhysAddr{0x10000000}, 0x100, 10, "uart", *config.uart,
                              context.events);
  reset();
}

// Constructs a device, gives it its address and connects its interrupt, if it has one.
template <class T, class... Args>
T& Board::place(const BoardContext& context, PhysAddr base, u64 size, u32 interrupt,
                const char* name, Args&&... args) {
  auto device = std::make_unique<T>(this, name, std::forward<Args>(args)...);
  T& result = *device;
  context.memory.add_target(result, base, size, result.path());
  if constexpr (requires { result.interrupt; }) connect_interrupt(result.interrupt, interrupt);
  slots_.push_back({std::move(device), base, size, interrupt});
  return result;
}

void Board::connect_interrupt(Wire& wire, u32 number) {
  if (plic_) wire.connect(*plic_, number);
}

// The PLIC stands first: it forgets its inputs' levels before the devices drive them anew.
void Board::reset() {
  for (const Slot& slot : slots_) slot.device->reset();
}

DeviceTree::Node* Board::describe(DeviceTree& tree, DeviceTree::Node& soc,
                                  std::span<const u32> harts) const {
  DeviceTree::Node* console = nullptr;
  u32 interrupt_parent = 0;
  for (const Slot& slot : slots_) {
    DeviceTree::Node& node = slot.device->describe(
        {tree.root(), soc, slot.base, slot.size, slot.interrupt, interrupt_parent, harts});
    if (slot.device.get() == plic_) interrupt_parent = node.phandle();
    if (slot.device.get() == uart_) console = &node;
  }
  return console;
}

Uart16550& Board::uart() {
  ORRERY_CHECK(uart_ != nullptr, "{}: this board has no uart", path());
  return *uart_;
}

}  // namespace orrery
