#include "devices/uart16550.h"

#include <algorithm>

#include "base/clock.h"

namespace orrery {
namespace {

enum Event : u32 { ReceiveTimeout, Sent };

enum Ier : u8 { IerReceived = 1, IerThrEmpty = 2, IerLineStatus = 4, IerModemStatus = 8 };
enum Iir : u8 {
  IirNone = 0x01,
  IirModemStatus = 0x00,
  IirThrEmpty = 0x02,
  IirReceived = 0x04,
  IirLineStatus = 0x06,
  IirTimeout = 0x0c,
  IirFifosEnabled = 0xc0,
};
enum Fcr : u8 { FcrEnable = 1, FcrClearReceive = 2, FcrClearTransmit = 4, FcrKept = 0xc9 };
enum Mcr : u8 { McrDtr = 1, McrRts = 2, McrOut1 = 4, McrOut2 = 8 };
enum Lsr : u8 {
  LsrDataReady = 0x01,
  LsrOverrun = 0x02,
  LsrThrEmpty = 0x20,
  LsrTransmitterEmpty = 0x40,
  LsrErrors = 0x1e,
};
enum Msr : u8 { MsrCts = 0x10, MsrDsr = 0x20, MsrRing = 0x40, MsrCarrier = 0x80 };

constexpr u8 u8_of(unsigned value) { return static_cast<u8>(value); }
constexpr unsigned when(bool condition, unsigned flag) { return condition ? flag : 0; }

}  // namespace

void Uart16550::Config::visit(Params& p) {
  p("clock", clock, "input clock: 16 times the baud rate at divisor 1");
  p("paced", paced, "sending a byte takes as long as the programmed baud rate says");
}

std::span<const Register<Uart16550>> Uart16550::map() {
  using U = Uart16550;
  static const Register<U> rows[] = {
      Register<U>{0, "dll", &U::dll_, 12, 0xff}.when(&U::divisor_latch),
      Register<U>{1, "dlm", &U::dlm_, 0, 0xff}.when(&U::divisor_latch),
      Register<U>{0, "rbr_thr", Width{1}, 0, 0, &U::read_rbr, &U::write_thr}.when(&U::data_access),
      Register<U>{1, "ier", &U::ier_, 0, 0x0f, nullptr, &U::write_ier}.when(&U::data_access),
      {2, "fcr", &U::fcr_, 0, FcrKept, &U::read_iir, &U::write_fcr},  // reads as IIR
      {3, "lcr", &U::lcr_, 0, 0xff},
      {4, "mcr", &U::mcr_, 0, 0x1f, nullptr, &U::write_mcr},
      {5, "lsr", &U::lsr_, LsrThrEmpty | LsrTransmitterEmpty, 0, &U::read_lsr},
      {6, "msr", &U::msr_, MsrCarrier | MsrDsr | MsrCts, 0, &U::read_msr},
      {7, "scr", &U::scr_, 0, 0xff},
      {no_offset, "thr_interrupt", &U::thr_interrupt_},
      {no_offset, "timeout", &U::timeout_},
      {no_offset, "shifting", &U::shifting_},
      {no_offset, "shifter", &U::shifter_},
  };
  return rows;
}

Uart16550::Uart16550(Component* parent, std::string name, const Config& config, EventQueue& events)
    : RegisterDevice(parent, std::move(name)), config_(config), events_(events) {}

void Uart16550::extra_state(Archive& a) {
  a.resizable("rx", rx_, 16);
  a.resizable("tx", tx_, 16);
  a.resizable("line", line_, line_capacity);
}

void Uart16550::reset() {
  RegisterDevice::reset();
  rx_.clear();
  tx_.clear();
  line_.clear();
  events_.cancel(*this, ReceiveTimeout);
  events_.cancel(*this, Sent);
  refresh();
}

// One start bit, the data, parity and stop bits, each 16 periods of the divided clock.
u64 Uart16550::character_ticks() const {
  const u64 data_bits = 5 + bits(lcr_, 0, 2);
  const u64 all_bits = 1 + data_bits + bit(lcr_, 3) + (bit(lcr_, 2) ? 2 : 1);
  const u64 divisor = std::max<u64>(1, u64{dlm_} << 8 | dll_);
  const u128 ticks = u128{all_bits * 16 * divisor} * ticks_per_second / config_.clock.hertz;
  return static_cast<u64>(std::min<u128>(ticks, never.value() / 4));
}

// --- receiving ---------------------------------------------------------------------------------

bool Uart16550::receive(u8 byte, Tick now) {
  if (!can_receive()) return false;
  ++received;
  line_.push_back(byte);
  take_from_line(now);
  refresh();
  return true;
}

void Uart16550::take_from_line(Tick now) {
  if (loopback() || rx_.size() >= fifo_depth() || line_.empty()) return;
  const auto end = line_.begin() + static_cast<std::ptrdiff_t>(
                                       std::min(line_.size(), fifo_depth() - rx_.size()));
  rx_.insert(rx_.end(), line_.begin(), end);
  line_.erase(line_.begin(), end);
  restart_timeout(now);
}

// 8.10: the timeout runs from the last byte that entered or left the FIFO.
void Uart16550::restart_timeout(Tick now) {
  timeout_ = 0;
  events_.cancel(*this, ReceiveTimeout);
  if (fifo_enabled() && !rx_.empty())
    events_.schedule(*this, ReceiveTimeout, later(now, 4 * character_ticks()));
}

u64 Uart16550::read_rbr(const RegisterAccess& access) {
  if (rx_.empty()) return 0;
  const u8 byte = rx_.front();
  rx_.erase(rx_.begin());
  restart_timeout(access.now);
  take_from_line(access.now);
  refresh();
  return byte;
}

// --- sending -----------------------------------------------------------------------------------

void Uart16550::write_thr(const RegisterAccess& access) {
  thr_interrupt_ = 0;
  if (tx_.size() < fifo_depth()) {
    tx_.push_back(u8_of(access.value & 0xff));
  } else {
    tx_.back() = u8_of(access.value & 0xff);  // software that did not wait loses a byte
  }
  start_shifter(access.now);
  refresh();
}

// Moves bytes from the FIFO to the shifter while that is free.
void Uart16550::start_shifter(Tick now) {
  while (!shifting_ && !tx_.empty()) {
    shifter_ = tx_.front();
    tx_.erase(tx_.begin());
    if (tx_.empty()) thr_interrupt_ = 1;
    if (config_.paced) {
      shifting_ = 1;
      events_.schedule(*this, Sent, later(now, character_ticks()));
    } else {
      send(shifter_, now);
    }
  }
}

void Uart16550::send(u8 byte, Tick now) {
  if (!loopback()) {
    ++transmitted;
    if (sink_) sink_->put(byte);
    return;
  }
  if (rx_.size() < fifo_depth()) {
    rx_.push_back(byte);
  } else {
    lsr_ |= LsrOverrun;
    if (!fifo_enabled()) rx_.back() = byte;  // 8.3: a full FIFO keeps what it has
  }
  restart_timeout(now);
}

bool Uart16550::has_event(u32 kind) const { return kind == ReceiveTimeout || kind == Sent; }

void Uart16550::on_event(u32 kind, u64, Tick now) {
  if (kind == ReceiveTimeout) {
    timeout_ = !rx_.empty();
  } else {
    shifting_ = 0;
    send(shifter_, now);
    start_shifter(now);
  }
  refresh();
}

// --- control and status ------------------------------------------------------------------------

// Enabling the interrupt while THR is empty raises it at once, even when IIR had reported it.
void Uart16550::write_ier(const RegisterAccess& access) {
  if ((access.old ^ ier_) & IerThrEmpty)
    thr_interrupt_ = (ier_ & IerThrEmpty) && (lsr_ & LsrThrEmpty);
  refresh();
}

u64 Uart16550::read_iir(const RegisterAccess&) {
  const u8 identity = interrupt_identity();
  if (identity == IirThrEmpty) {
    thr_interrupt_ = 0;
    refresh();
  }
  return identity | (fifo_enabled() ? IirFifosEnabled : 0);
}

// 8.4: the other bits count only together with the enable bit; changing that clears both FIFOs.
void Uart16550::write_fcr(const RegisterAccess& access) {
  const bool enable = access.value & FcrEnable;
  const bool changed = (access.old ^ access.value) & FcrEnable;
  if (!enable) fcr_ = 0;
  if (changed || (enable && access.value & FcrClearReceive)) {
    rx_.clear();
    restart_timeout(access.now);
  }
  if (changed || (enable && access.value & FcrClearTransmit)) {
    if (!tx_.empty()) thr_interrupt_ = 1;
    tx_.clear();
  }
  take_from_line(access.now);
  refresh();
}

void Uart16550::write_mcr(const RegisterAccess& access) {
  update_modem_status();
  take_from_line(access.now);
  refresh();
}

// In loopback the four inputs are the four outputs (8.7); else a modem that is always ready.
void Uart16550::update_modem_status() {
  unsigned inputs = MsrCarrier | MsrDsr | MsrCts;
  if (loopback())
    inputs = when(mcr_ & McrRts, MsrCts) | when(mcr_ & McrDtr, MsrDsr) |
             when(mcr_ & McrOut1, MsrRing) | when(mcr_ & McrOut2, MsrCarrier);
  unsigned changed = (msr_ ^ inputs) & 0xf0;
  if (inputs & MsrRing) changed &= ~unsigned{MsrRing};  // reported when it ends only
  msr_ = u8_of(inputs | (msr_ & 0x0f) | changed >> 4);
}

u64 Uart16550::read_lsr(const RegisterAccess&) {
  const u8 status = lsr_;
  lsr_ = u8_of(lsr_ & ~unsigned{LsrErrors});
  refresh();
  return status;
}

u64 Uart16550::read_msr(const RegisterAccess&) {
  const u8 status = msr_;
  msr_ &= 0xf0;
  refresh();
  return status;
}

// 8.5: the most urgent cause that is enabled.
u8 Uart16550::interrupt_identity() const {
  static constexpr std::size_t triggers[] = {1, 4, 8, 14};
  const std::size_t trigger = fifo_enabled() ? triggers[fcr_ >> 6] : 1;
  if (ier_ & IerLineStatus && lsr_ & LsrErrors) return IirLineStatus;
  if (ier_ & IerReceived && rx_.size() >= trigger) return IirReceived;
  if (ier_ & IerReceived && timeout_) return IirTimeout;
  if (ier_ & IerThrEmpty && thr_interrupt_) return IirThrEmpty;
  if (ier_ & IerModemStatus && msr_ & 0x0f) return IirModemStatus;
  return IirNone;
}

void Uart16550::refresh() {
  const unsigned flags = when(!rx_.empty(), LsrDataReady) | when(tx_.empty(), LsrThrEmpty) |
                         when(tx_.empty() && !shifting_, LsrTransmitterEmpty);
  lsr_ = u8_of((lsr_ & LsrErrors) | flags);
  interrupt.set(interrupt_identity() != IirNone);
}

DeviceTree::Node& Uart16550::describe(const DeviceSite& site) const {
  DeviceTree::Node& node = describe_as(site, "serial");
  const auto hertz = static_cast<u32>(std::min<u64>(config_.clock.hertz, ~u32{0}));
  return node.string("compatible", "ns16550a").cells("clock-frequency", {hertz});
}

}  // namespace orrery
