// SiFive test finisher: the register through which a guest ends the simulation.
#pragma once

#include "devices/power_control.h"
#include "devices/register.h"

namespace orrery {

// A write of 0x5555 powers off with success, `code << 16 | 0x3333` with that code (1 in place of
// 0, which would read as success), 0x7777 restarts the machine. Other values do nothing.
class Finisher final : public RegisterDevice<Finisher> {
 public:
  Finisher(Component* parent, std::string name, PowerControl& power);

  DeviceTree::Node& describe(const DeviceSite& site) const override;

  static std::span<const Register<Finisher>> map();
  static constexpr AccessSizes accesses{2, 4};

 private:
  void finish(const RegisterAccess& access);

  PowerControl& power_;
};

}  // namespace orrery
