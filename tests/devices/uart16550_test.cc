#include "devices/uart16550.h"

#include "base/json.h"
#include "tests/devices/rig.h"

namespace orrery::test {
namespace {

enum Offset : u64 { Data = 0, Ier = 1, Iir = 2, Fcr = 2, Lcr = 3, Mcr = 4, Lsr = 5, Msr = 6 };

struct UartTest : testing::Test, Bench {
  explicit UartTest(bool paced = false)
      : uart(&root, "uart", Uart16550::Config{Frequency{3'686'400}, paced}, events) {
    uart.interrupt.connect(line, 10);
    uart.set_sink(&screen);
    uart.reset();
  }
  Levels line;
  Screen screen;
  Uart16550 uart;

  u64 in(Offset at) { return read(uart, at, 1); }
  void out(Offset at, u64 value) { write(uart, at, 1, value); }
  void type(std::string_view text) {
    for (const char c : text) EXPECT_TRUE(uart.receive(static_cast<u8>(c), now));
  }
  void set_115200_8n1() {
    out(Lcr, 0x83);
    out(Data, 2);
    out(Ier, 0);
    out(Lcr, 0x03);
  }
  static constexpr u64 character = u64{10} * 16 * 2 * ticks_per_second / 3'686'400;
};

TEST_F(UartTest, power_on_values) {
  EXPECT_EQ(in(Lsr), 0x60u);
  EXPECT_EQ(in(Iir), 0x01u);
  EXPECT_EQ(in(Msr), 0xb0u);
  EXPECT_EQ(in(Ier), 0x00u);
}

TEST_F(UartTest, sends_at_once) {
  for (const char c : std::string("hello")) out(Data, static_cast<u8>(c));
  EXPECT_EQ(screen.text, "hello");
  EXPECT_EQ(in(Lsr), 0x60u);
  EXPECT_EQ(uart.transmitted.value(), 5u);
}

TEST_F(UartTest, wide_accesses_touch_one_register) {
  write(uart, Data, 4, 0x4142'4344);
  EXPECT_EQ(screen.text, "D");
  EXPECT_EQ(read(uart, 4, 4), 0u);
}

TEST_F(UartTest, receives) {
  type("a");
  EXPECT_EQ(in(Lsr), 0x61u);
  EXPECT_EQ(in(Data), u64{'a'});
  EXPECT_EQ(in(Lsr), 0x60u);
}

TEST_F(UartTest, reading_nothing_gives_zero) { EXPECT_EQ(in(Data), 0u); }

TEST_F(UartTest, the_divisor_latch_hides_data_and_ier) {
  out(Ier, 0x05);
  out(Lcr, 0x83);
  out(Data, 0x34);
  out(Ier, 0x12);
  EXPECT_EQ(in(Data), 0x34u);
  EXPECT_EQ(in(Ier), 0x12u);
  EXPECT_EQ(screen.text, "");
  out(Lcr, 0x03);
  EXPECT_EQ(in(Ier), 0x05u);
}

TEST_F(UartTest, received_data_interrupts_until_read) {
  out(Ier, 1);
  EXPECT_FALSE(line[10]);
  type("x");
  EXPECT_TRUE(line[10]);
  EXPECT_EQ(in(Iir), 0x04u);
  in(Data);
  EXPECT_FALSE(line[10]);
  EXPECT_EQ(in(Iir), 0x01u);
}

TEST_F(UartTest, fifo_interrupts_at_its_trigger_level) {
  out(Fcr, 0x81);  // 8 bytes
  out(Ier, 1);
  type("1234567");
  EXPECT_FALSE(line[10]);
  type("8");
  EXPECT_TRUE(line[10]);
  EXPECT_EQ(in(Iir), 0xc4u);
  in(Data);
  EXPECT_FALSE(line[10]);
}

TEST_F(UartTest, a_byte_below_the_trigger_times_out_after_4_characters) {
  set_115200_8n1();
  out(Fcr, 0x81);
  out(Ier, 1);
  type("1");
  advance_to(Tick{4 * character - 1});
  EXPECT_FALSE(line[10]);
  advance_to(Tick{4 * character + 4});
  EXPECT_TRUE(line[10]);
  EXPECT_EQ(in(Iir), 0xccu);
  in(Data);
  EXPECT_FALSE(line[10]);
  EXPECT_EQ(events.next(), never);
}

TEST_F(UartTest, input_waits_on_the_line_until_the_fifo_has_room) {
  out(Fcr, 0x01);
  type("0123456789abcdefghij");
  std::string got;
  while (in(Lsr) & 1) got += static_cast<char>(in(Data));
  EXPECT_EQ(got, "0123456789abcdefghij");
}

TEST_F(UartTest, without_fifo_input_comes_one_by_one) {
  type("abc");
  EXPECT_EQ(in(Data), u64{'a'});
  EXPECT_EQ(in(Data), u64{'b'});
  EXPECT_EQ(in(Data), u64{'c'});
  EXPECT_EQ(in(Lsr), 0x60u);
}

TEST_F(UartTest, a_full_line_refuses) {
  std::size_t taken = 0;
  while (uart.receive('x', now)) ++taken;
  EXPECT_EQ(taken, 4097u);  // the line and one byte in RBR
  EXPECT_FALSE(uart.can_receive());
  in(Data);
  EXPECT_TRUE(uart.can_receive());
  EXPECT_EQ(uart.received.value(), 4097u);
}

TEST_F(UartTest, enabling_the_thr_interrupt_raises_it_when_empty) {
  out(Ier, 2);
  EXPECT_TRUE(line[10]);
  EXPECT_EQ(in(Iir), 0x02u);
}

TEST_F(UartTest, reading_iir_acknowledges_the_thr_interrupt) {
  out(Ier, 2);
  in(Iir);
  EXPECT_FALSE(line[10]);
  EXPECT_EQ(in(Iir), 0x01u);
  out(Ier, 0);
  out(Ier, 2);
  EXPECT_TRUE(line[10]);
}

TEST_F(UartTest, rewriting_ier_does_not_raise_the_thr_interrupt_again) {
  out(Ier, 2);
  in(Iir);
  out(Ier, 3);
  EXPECT_FALSE(line[10]);
}

TEST_F(UartTest, every_byte_sent_raises_the_thr_interrupt) {
  out(Ier, 2);
  in(Iir);
  out(Data, 'x');
  EXPECT_TRUE(line[10]);
}

TEST_F(UartTest, iir_reports_received_data_before_an_empty_thr) {
  out(Ier, 3);
  type("x");
  EXPECT_EQ(in(Iir), 0x04u);
  in(Data);
  EXPECT_EQ(in(Iir), 0x02u);
}

TEST_F(UartTest, fcr_without_enable_turns_the_fifos_off) {
  out(Fcr, 0xc1);
  EXPECT_EQ(in(Iir) & 0xc0, 0xc0u);
  out(Fcr, 0xc0);
  EXPECT_EQ(in(Iir) & 0xc0, 0x00u);
}

TEST_F(UartTest, fcr_clears_the_receive_fifo) {
  out(Fcr, 0x01);
  type("abc");
  out(Fcr, 0x03);
  EXPECT_EQ(in(Lsr), 0x60u);
  EXPECT_EQ(events.next(), never);
}

TEST_F(UartTest, loopback_receives_what_is_sent) {
  out(Mcr, 0x10);
  out(Data, 0x5a);
  EXPECT_EQ(in(Data), 0x5au);
  EXPECT_EQ(screen.text, "");
}

TEST_F(UartTest, loopback_overrun_interrupts_until_lsr_is_read) {
  out(Ier, 4);
  out(Mcr, 0x10);
  out(Data, 1);
  out(Data, 2);
  EXPECT_TRUE(line[10]);
  EXPECT_EQ(in(Iir), 0x06u);
  EXPECT_EQ(in(Lsr), 0x63u);
  EXPECT_FALSE(line[10]);
  EXPECT_EQ(in(Data), 2u);
}

TEST_F(UartTest, loopback_turns_modem_outputs_into_inputs) {
  out(Mcr, 0x1a);  // RTS and OUT2: what the 8250 driver's probe writes
  EXPECT_EQ(in(Msr) & 0xf0, 0x90u);
}

TEST_F(UartTest, modem_changes_interrupt_until_msr_is_read) {
  out(Ier, 8);
  out(Mcr, 0x10);
  EXPECT_TRUE(line[10]);
  EXPECT_EQ(in(Iir), 0x00u);
  EXPECT_EQ(in(Msr), 0x0bu);
  EXPECT_FALSE(line[10]);
  EXPECT_EQ(in(Msr), 0x00u);
}

TEST_F(UartTest, ring_is_reported_when_it_ends) {
  out(Mcr, 0x14);
  EXPECT_EQ(in(Msr) & 0x44, 0x40u);
  out(Mcr, 0x10);
  EXPECT_EQ(in(Msr) & 0x44, 0x04u);
}

TEST_F(UartTest, offsets_beyond_the_registers_are_unmapped) {
  read(uart, 8, 1);
  EXPECT_EQ(uart.unmapped_reads.value(), 1u);
}

struct PacedUartTest : UartTest {
  PacedUartTest() : UartTest(true) { set_115200_8n1(); }
};

TEST_F(PacedUartTest, a_byte_takes_ten_bit_times) {
  out(Data, 'x');
  EXPECT_EQ(in(Lsr), 0x20u);  // THR empty, the shifter not
  advance_to(Tick{character - 1});
  EXPECT_EQ(screen.text, "");
  advance_to(Tick{character});
  EXPECT_EQ(screen.text, "x");
  EXPECT_EQ(in(Lsr), 0x60u);
}

TEST_F(PacedUartTest, the_thr_interrupt_comes_when_the_fifo_has_drained) {
  out(Fcr, 0x01);
  out(Ier, 2);
  in(Iir);
  out(Data, 'a');
  in(Iir);
  out(Data, 'b');
  EXPECT_FALSE(line[10]);
  EXPECT_EQ(in(Lsr), 0x00u);
  advance_to(Tick{character});
  EXPECT_TRUE(line[10]);
  advance_to(Tick{2 * character});
  EXPECT_EQ(screen.text, "ab");
}

TEST(UartConfig, is_read_from_its_description) {
  const Json source = {{"clock", "1.8432MHz"}, {"paced", true}};
  Params p(source, "uart");
  Uart16550::Config config;
  config.visit(p);
  p.finish();
  EXPECT_EQ(config.clock.hertz, 1'843'200u);
  EXPECT_TRUE(config.paced);
}

}  // namespace
}  // namespace orrery::test
