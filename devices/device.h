// A device: something with registers at a physical address.
//
// Contract. A device gets offsets from its base, never an address; it raises wires, never
// "interrupt 10"; it writes its own device-tree node from what the board tells it. It schedules
// its future on the event queue. Its owner calls reset() once before the first access and whenever
// the machine restarts. Host resources (a sink for console bytes) are set from outside and are not
// state.
//
// An access inside the window that no register answers reads zero, writes nothing and is counted;
// one of a size the device does not take, or misaligned, is a bus error (bus.h) and is counted.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/component.h"
#include "base/statistics.h"
#include "base/types.h"
#include "devices/device_tree.h"
#include "memory/bus.h"

namespace orrery {

// What a device learns to describe itself: where it stands and what is around it.
struct DeviceSite {
  DeviceTree::Node& root;
  DeviceTree::Node& soc;        // two address and two size cells
  PhysAddr base;
  u64 size;
  u32 interrupt = 0;            // input of the interrupt controller, 0: not connected
  u32 interrupt_parent = 0;     // phandle of the controller, 0: the machine has none
  std::span<const u32> harts = {};  // phandles of the harts' own interrupt controllers
};

// One register (or element of an array) as a debugger and the generic tests see it.
struct RegisterView {
  std::string name;  // "priority[3]"
  u64 offset;        // no_offset: state without an address
  unsigned width;    // bytes
  u64 value;
  u64 writable;      // bits a write may change
  bool hooked;       // a write has an effect of its own
  bool selected;     // answers at its offset now (a banked register may not)
};
inline constexpr u64 no_offset = ~u64{0};

class Device : public Component, public BusTarget {
 public:
  using Component::Component;

  // To the state at power-on: registers, wires, pending events. Simulated time goes on.
  virtual void reset() = 0;

  // Every register that holds a value, without the side effects of reading it.
  virtual std::vector<RegisterView> registers() const = 0;

  // Writes this device's node and returns it.
  virtual DeviceTree::Node& describe(const DeviceSite& site) const = 0;

  Counter unmapped_reads{this, "unmapped_reads", "accesses", "reads that no register answered"};
  Counter unmapped_writes{this, "unmapped_writes", "accesses", "writes that no register answered"};
  Counter refused{this, "refused", "accesses", "accesses of a size or alignment not supported"};

 protected:
  // The usual node: "kind@base" with "reg", and "interrupts" when connected.
  static DeviceTree::Node& describe_as(const DeviceSite& site, std::string_view kind);
  // "interrupts-extended" of a device wired to each of `inputs` of every hart.
  static void connect_to_harts(const DeviceSite& site, DeviceTree::Node& node,
                               std::span<const u32> inputs);
};

}  // namespace orrery
