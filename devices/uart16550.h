// UART 16550A: the machine's serial console (National Semiconductor PC16550D data sheet; section
// numbers below are its).
//
//   offset   DLAB=0 read / write      DLAB=1
//   0        RBR / THR                DLL   divisor of the baud rate, low
//   1        IER                      DLM   divisor, high
//   2        IIR / FCR
//   3 LCR    4 MCR    5 LSR    6 MSR    7 SCR
//
// Bytes travel
//
//   THR -> transmit FIFO -> shifter -> CharSink             (loopback: -> receive FIFO)
//   receive() -> line -> receive FIFO -> RBR
//
// The line holds what has been typed until the receive FIFO has room, so input from outside never
// overruns. A byte takes no time to be sent, or with `paced` as long as the programmed baud rate
// says. Not modelled: parity and framing errors, break, word lengths other than 8 bits on the data
// (they do count for time), DMA signals; OUT2 does not gate the interrupt, as on QEMU's board.
#pragma once

#include <vector>

#include "base/event_queue.h"
#include "base/params.h"
#include "devices/char_sink.h"
#include "devices/register.h"
#include "memory/wire.h"

namespace orrery {

class Uart16550 final : public RegisterDevice<Uart16550> {
 public:
  struct Config {
    Frequency clock{3'686'400};  // 16 times the highest baud rate
    bool paced = false;
    void visit(Params& p);
  };

  Uart16550(Component* parent, std::string name, const Config& config, EventQueue& events);

  Wire interrupt;

  // Where transmitted bytes go; null (at first) drops them. Not state.
  void set_sink(CharSink* sink) { sink_ = sink; }

  // A byte arrives from outside at simulated time `now`. False when the line is full: nothing
  // happened, try again later.
  bool receive(u8 byte, Tick now);
  bool can_receive() const { return line_.size() < line_capacity; }

  void reset() override;
  DeviceTree::Node& describe(const DeviceSite& site) const override;
  void on_event(u32 kind, u64 argument, Tick now) override;
  bool has_event(u32 kind) const override;

  Counter transmitted{this, "transmitted", "bytes", "bytes sent, loopback not counted"};
  Counter received{this, "received", "bytes", "bytes that arrived from outside"};

  static std::span<const Register<Uart16550>> map();
  static constexpr AccessSizes accesses{1, 8};  // wider ones touch the register at the offset only

 private:
  void extra_state(Archive& a) override;

  bool divisor_latch() const { return lcr_ & 0x80; }
  bool data_access() const { return !divisor_latch(); }
  bool fifo_enabled() const { return fcr_ & 1; }
  bool loopback() const { return mcr_ & 0x10; }
  std::size_t fifo_depth() const { return fifo_enabled() ? 16 : 1; }

  u64 read_rbr(const RegisterAccess& access);
  void write_thr(const RegisterAccess& access);
  void write_ier(const RegisterAccess& access);
  u64 read_iir(const RegisterAccess& access);
  void write_fcr(const RegisterAccess& access);
  void write_mcr(const RegisterAccess& access);
  u64 read_lsr(const RegisterAccess& access);
  u64 read_msr(const RegisterAccess& access);

  u64 character_ticks() const;
  void take_from_line(Tick now);
  void restart_timeout(Tick now);
  void start_shifter(Tick now);
  void send(u8 byte, Tick now);
  void update_modem_status();
  u8 interrupt_identity() const;
  void refresh();  // LSR's flags and the interrupt follow the FIFOs

  static constexpr std::size_t line_capacity = 4096;

  const Config config_;
  EventQueue& events_;
  CharSink* sink_ = nullptr;

  u8 ier_ = 0, fcr_ = 0, lcr_ = 0, mcr_ = 0, lsr_ = 0, msr_ = 0, scr_ = 0, dll_ = 0, dlm_ = 0;
  u8 thr_interrupt_ = 0;  // THR became empty, and neither IIR was read nor THR written since
  u8 timeout_ = 0;        // bytes lie in the receive FIFO and nothing moved for 4 characters
  u8 shifting_ = 0;       // a byte is being sent ...
  u8 shifter_ = 0;        // ... this one
  std::vector<u8> rx_;    // receive FIFO
  std::vector<u8> tx_;    // transmit FIFO
  std::vector<u8> line_;
};

}  // namespace orrery
