#include "devices/finisher.h"

#include "tests/devices/rig.h"

namespace orrery::test {
namespace {

struct FinisherTest : testing::Test, Bench {
  Power power;
  Finisher finisher{&root, "finisher", power};
  std::vector<std::string> after(u64 value, unsigned size = 4) {
    write(finisher, 0, size, value);
    return power.calls;
  }
};

using Calls = std::vector<std::string>;

TEST_F(FinisherTest, pass_powers_off_with_success) { EXPECT_EQ(after(0x5555), Calls{"off 0"}); }
TEST_F(FinisherTest, fail_gives_its_code) { EXPECT_EQ(after(42 << 16 | 0x3333), Calls{"off 42"}); }
TEST_F(FinisherTest, fail_without_code_is_no_success) { EXPECT_EQ(after(0x3333), Calls{"off 1"}); }
TEST_F(FinisherTest, reset_reboots) { EXPECT_EQ(after(0x7777), Calls{"reboot"}); }
TEST_F(FinisherTest, other_values_do_nothing) { EXPECT_EQ(after(0x1234), Calls{}); }
TEST_F(FinisherTest, a_half_word_is_enough) { EXPECT_EQ(after(0x5555, 2), Calls{"off 0"}); }

}  // namespace
}  // namespace orrery::test
