#include "devices/clint.h"

#include <array>

namespace orrery {

std::span<const Register<Clint>> Clint::map() {
  static const Register<Clint> rows[] = {
      // mtimecmp is unspecified at reset; all ones keeps the timer silent until it is set.
      {0x0000, "msip", &Clint::msip_, 0, 1, nullptr, &Clint::write_msip},
      {0x4000, "mtimecmp", &Clint::mtimecmp_, ~u64{0}, ~u64{0}, nullptr, &Clint::write_mtimecmp},
      {0xbff8, "mtime", Width{8}, 0, 0, &Clint::read_mtime},
  };
  return rows;
}

// The kind of a pending event is the hart whose timer it is.
Clint::Clint(Component* parent, std::string name, u32 harts, Timebase timebase, EventQueue& events)
    : RegisterDevice(parent, std::move(name)),
      timebase_(timebase),
      events_(events),
      msip_(harts),
      mtimecmp_(harts),
      software_(harts),
      timer_(harts) {}

void Clint::reset() {
  RegisterDevice::reset();
  for (HartId hart = 0; hart < msip_.size(); ++hart) {
    events_.cancel(*this, hart);
    software_[hart].set(false);
    timer_[hart].set(false);
  }
}

void Clint::write_msip(const RegisterAccess& access) {
  software_[access.index].set(bit(access.value, 0));
}

void Clint::write_mtimecmp(const RegisterAccess& access) {
  const HartId hart = access.index;
  const bool due = timebase_.count(access.now) >= mtimecmp_[hart];
  events_.cancel(*this, hart);
  timer_[hart].set(due);
  if (!due) events_.schedule(*this, hart, timebase_.first_tick(mtimecmp_[hart]));
}

u64 Clint::read_mtime(const RegisterAccess& access) { return timebase_.count(access.now); }

bool Clint::has_event(u32 kind) const { return kind < timer_.size(); }

void Clint::on_event(u32 kind, u64, Tick) { timer_[kind].set(true); }

DeviceTree::Node& Clint::describe(const DeviceSite& site) const {
  DeviceTree::Node& node = describe_as(site, "clint");
  node.strings("compatible", {"sifive,clint0", "riscv,clint0"});
  connect_to_harts(site, node, std::array{u32{3}, u32{7}});
  return node;
}

}  // namespace orrery
