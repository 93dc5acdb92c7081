// Goldfish real-time clock: nanoseconds since 1970, with an alarm.
//
// The date at power-on is a parameter and time is simulated time: no host clock is read. The guest
// may set the clock. The date survives nothing but a checkpoint; a reset sets it again.
#pragma once

#include "base/event_queue.h"
#include "base/params.h"
#include "devices/register.h"
#include "memory/wire.h"

namespace orrery {

class GoldfishRtc final : public RegisterDevice<GoldfishRtc> {
 public:
  struct Config {
    u64 epoch = 1'735'689'600;  // 2025-01-01 00:00:00 UTC
    void visit(Params& p);
  };

  GoldfishRtc(Component* parent, std::string name, const Config& config, EventQueue& events);

  Wire interrupt;

  void reset() override;
  DeviceTree::Node& describe(const DeviceSite& site) const override;
  void on_event(u32 kind, u64 argument, Tick now) override;
  bool has_event(u32 kind) const override;

  static std::span<const Register<GoldfishRtc>> map();
  static constexpr AccessSizes accesses{4, 4};

 private:
  u64 nanoseconds(Tick now) const;
  u64 read_time_low(const RegisterAccess& access);
  void write_time_low(const RegisterAccess& access);
  void write_time_high(const RegisterAccess& access);
  void arm(const RegisterAccess& access);
  void write_clear_alarm(const RegisterAccess& access);
  void write_clear_interrupt(const RegisterAccess& access);
  void set_alarm(Tick now);
  void update_interrupt(const RegisterAccess& access);

  Config config_;
  EventQueue& events_;
  u32 time_high_ = 0;   // latched by reading the low word
  u32 alarm_low_ = 0;
  u32 alarm_high_ = 0;
  u32 irq_enabled_ = 0;
  u32 alarm_status_ = 0;  // 1 while an alarm lies ahead
  u32 irq_pending_ = 0;
  u64 offset_ = 0;        // nanoseconds at tick 0
};

}  // namespace orrery
