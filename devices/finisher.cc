#include "devices/finisher.h"

#include <algorithm>

namespace orrery {
namespace {
enum Command : u32 { Fail = 0x3333, Pass = 0x5555, Restart = 0x7777 };
}  // namespace

std::span<const Register<Finisher>> Finisher::map() {
  static const Register<Finisher> rows[] = {
      {0x0, "command", Width{4}, 0, 0, nullptr, &Finisher::finish},
  };
  return rows;
}

Finisher::Finisher(Component* parent, std::string name, PowerControl& power)
    : RegisterDevice(parent, std::move(name)), power_(power) {}

void Finisher::finish(const RegisterAccess& access) {
  const auto code = static_cast<u32>(bits(access.value, 16, 16));
  switch (bits(access.value, 0, 16)) {
    case Fail: power_.power_off(std::max(code, u32{1})); break;
    case Pass: power_.power_off(0); break;
    case Restart: power_.reboot(); break;
    default: break;
  }
}

DeviceTree::Node& Finisher::describe(const DeviceSite& site) const {
  DeviceTree::Node& node = describe_as(site, "test");
  node.strings("compatible", {"sifive,test1", "sifive,test0", "syscon"});
  const auto action = [&](const char* name, const char* compatible, Command command) {
    site.root.add(name)
        .string("compatible", compatible)
        .cells("regmap", {node.phandle()})
        .cells("offset", {0})
        .cells("value", {command});
  };
  action("poweroff", "syscon-poweroff", Pass);
  action("reboot", "syscon-reboot", Restart);
  return node;
}

}  // namespace orrery
