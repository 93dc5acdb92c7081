#include "devices/goldfish_rtc.h"

#include "base/clock.h"

namespace orrery {
namespace {
constexpr u32 alarm_event = 0;
constexpr u64 ticks_per_nanosecond = ticks_per_second / 1'000'000'000;
constexpr u64 latest_epoch = 16'000'000'000;  // seconds; nanoseconds fit 64 bits
}  // namespace

void GoldfishRtc::Config::visit(Params& p) {
  p("epoch", epoch, "seconds", "date at power-on, since 1970-01-01 00:00:00 UTC");
  p.require(epoch <= latest_epoch, "epoch", "must be at most 16000000000");
}

std::span<const Register<GoldfishRtc>> GoldfishRtc::map() {
  using R = GoldfishRtc;
  static const Register<R> rows[] = {
      {0x00, "time_low", Width{4}, 0, 0, &R::read_time_low, &R::write_time_low},
      {0x04, "time_high", &R::time_high_, 0, 0, nullptr, &R::write_time_high},
      {0x08, "alarm_low", &R::alarm_low_, 0, ~u32{0}, nullptr, &R::arm},
      {0x0c, "alarm_high", &R::alarm_high_, 0, ~u32{0}},  // software writes the low word last
      {0x10, "irq_enabled", &R::irq_enabled_, 0, 1, nullptr, &R::update_interrupt},
      {0x14, "clear_alarm", Width{4}, 0, 0, nullptr, &R::write_clear_alarm},
      {0x18, "alarm_status", &R::alarm_status_},
      {0x1c, "clear_interrupt", Width{4}, 0, 0, nullptr, &R::write_clear_interrupt},
      {no_offset, "irq_pending", &R::irq_pending_},
      {no_offset, "offset", &R::offset_},
  };
  return rows;
}

GoldfishRtc::GoldfishRtc(Component* parent, std::string name, const Config& config,
                         EventQueue& events)
    : RegisterDevice(parent, std::move(name)), config_(config), events_(events) {}

void GoldfishRtc::reset() {
  RegisterDevice::reset();
  offset_ = config_.epoch * 1'000'000'000;
  events_.cancel(*this, alarm_event);
  interrupt.set(false);
}

u64 GoldfishRtc::nanoseconds(Tick now) const {
  return offset_ + now.value() / ticks_per_nanosecond;
}

u64 GoldfishRtc::read_time_low(const RegisterAccess& access) {
  const u64 time = nanoseconds(access.now);
  time_high_ = static_cast<u32>(time >> 32);
  return bits(time, 0, 32);
}

void GoldfishRtc::write_time_low(const RegisterAccess& access) {
  const u64 time = nanoseconds(access.now);
  offset_ += merge(time, access.value, ~u32{0}) - time;
  if (alarm_status_) set_alarm(access.now);
}

void GoldfishRtc::write_time_high(const RegisterAccess& access) {
  const u64 time = nanoseconds(access.now);
  offset_ += merge(time, access.value << 32, u64{~u32{0}} << 32) - time;
  if (alarm_status_) set_alarm(access.now);
}

void GoldfishRtc::arm(const RegisterAccess& access) { set_alarm(access.now); }

void GoldfishRtc::set_alarm(Tick now) {
  const u64 alarm = u64{alarm_high_} << 32 | alarm_low_;
  const u64 time = nanoseconds(now);
  events_.cancel(*this, alarm_event);
  alarm_status_ = alarm > time;
  if (!alarm_status_) {
    irq_pending_ = 1;
    interrupt.set(irq_enabled_);
    return;
  }
  const u128 due = (u128{now.value() / ticks_per_nanosecond} + (alarm - time)) *
                   ticks_per_nanosecond;
  if (due < never.value()) events_.schedule(*this, alarm_event, Tick{static_cast<u64>(due)});
}

bool GoldfishRtc::has_event(u32 kind) const { return kind == alarm_event; }

void GoldfishRtc::on_event(u32, u64, Tick) {
  alarm_status_ = 0;
  irq_pending_ = 1;
  interrupt.set(irq_enabled_);
}

void GoldfishRtc::write_clear_alarm(const RegisterAccess&) {
  events_.cancel(*this, alarm_event);
  alarm_status_ = 0;
}

void GoldfishRtc::write_clear_interrupt(const RegisterAccess&) {
  irq_pending_ = 0;
  interrupt.set(false);
}

void GoldfishRtc::update_interrupt(const RegisterAccess&) {
  interrupt.set(irq_pending_ && irq_enabled_);
}

DeviceTree::Node& GoldfishRtc::describe(const DeviceSite& site) const {
  return describe_as(site, "rtc").string("compatible", "google,goldfish-rtc");
}

}  // namespace orrery
