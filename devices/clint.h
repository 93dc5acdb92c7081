// Core-local interruptor: software and timer interrupts of every hart (SiFive FU540 manual,
// chapter 9; RISC-V ACLINT).
//
//   0x0000  msip[hart]      bit 0: machine software interrupt
//   0x4000  mtimecmp[hart]  machine timer interrupt while mtime >= mtimecmp
//   0xbff8  mtime           simulated time in the machine's timebase
//
// Not modelled: writing mtime. The harts' `time` must show the same counter, which is simulated
// time itself, so such writes do nothing.
#pragma once

#include <vector>

#include "base/clock.h"
#include "base/event_queue.h"
#include "devices/register.h"
#include "memory/wire.h"

namespace orrery {

class Clint final : public RegisterDevice<Clint> {
 public:
  Clint(Component* parent, std::string name, u32 harts, Timebase timebase, EventQueue& events);

  Wire& software(HartId hart) { return software_.at(hart); }
  Wire& timer(HartId hart) { return timer_.at(hart); }

  void reset() override;
  DeviceTree::Node& describe(const DeviceSite& site) const override;
  void on_event(u32 kind, u64 argument, Tick now) override;
  bool has_event(u32 kind) const override;

  static std::span<const Register<Clint>> map();
  static constexpr AccessSizes accesses{4, 8};

 private:
  void write_msip(const RegisterAccess& access);
  void write_mtimecmp(const RegisterAccess& access);
  u64 read_mtime(const RegisterAccess& access);

  Timebase timebase_;
  EventQueue& events_;
  std::vector<u32> msip_;
  std::vector<u64> mtimecmp_;
  std::vector<Wire> software_;
  std::vector<Wire> timer_;
};

}  // namespace orrery
