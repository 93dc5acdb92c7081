// Platform-level interrupt controller (RISC-V PLIC specification 1.0.0): devices' interrupts,
// shared out among the harts.
//
//   0x000004 + 4*(source-1)             priority, 0 (never) to 7
//   0x001000 + 4*word                   pending, a bit a source
//   0x002000 + 0x80*context + 4*word    enable, a bit a source
//   0x200000 + 0x1000*context           threshold: only higher priorities interrupt
//   0x200004 + 0x1000*context           read: claim; write: complete
//
// Context 2*hart is the hart's machine mode, 2*hart + 1 its supervisor mode. Gateways are
// level-triggered:
//
//   level high, not in service -> pending -- claim --> in service -- complete --> (look again)
//
// A pending interrupt stays pending when its level drops (chapter 5); the handler then finds
// nothing to do.
#pragma once

#include <vector>

#include "devices/register.h"
#include "memory/wire.h"

namespace orrery {

class Plic final : public RegisterDevice<Plic>, public WireSink {
 public:
  static constexpr u32 sources = 95;  // numbered from 1
  static constexpr u32 most_harts = 512;

  Plic(Component* parent, std::string name, u32 harts);

  // Interrupt of context 2*hart (machine mode) or 2*hart + 1 (supervisor mode).
  Wire& context(u32 number) { return outputs_.at(number); }

  // Input from a device; `index` is the source, 1..sources.
  void set_wire(u32 index, bool level) override;

  void reset() override;
  DeviceTree::Node& describe(const DeviceSite& site) const override;

  static std::span<const Register<Plic>> map();
  static constexpr AccessSizes accesses{4, 4};

 private:
  static constexpr u32 words = sources / 32 + 1;

  void write_enable(const RegisterAccess& access);
  void write_priority_or_threshold(const RegisterAccess& access);
  u64 claim(const RegisterAccess& access);
  void complete(const RegisterAccess& access);

  // The source that `context` would claim: highest priority above `threshold`, then lowest number.
  // 0 without one.
  u32 best(u32 context, u32 threshold) const;
  void sample(u32 source);
  void update_outputs();

  std::vector<u32> priority_;
  std::vector<u32> pending_;
  std::vector<u32> level_;       // inputs
  std::vector<u32> in_service_;  // claimed and not yet completed
  std::vector<u32> enable_;      // `words` for each context
  std::vector<u32> threshold_;
  std::vector<Wire> outputs_;
  u32 contexts_;
};

}  // namespace orrery
