#include "devices/rom.h"

#include "base/archive.h"
#include "base/json.h"
#include "tests/devices/rig.h"

namespace orrery::test {
namespace {

struct RomTest : testing::Test {
  Component root{nullptr, "machine"};
  Rom rom{&root, "rom", 64};
  u64 read(u64 offset, unsigned size) {
    u64 value = 0;
    EXPECT_TRUE(rom.read(offset, size, value, Tick{0}));
    return value;
  }
  RomTest() { rom.program(std::vector<u8>{1, 2, 3, 4, 5, 6}); }
};

TEST_F(RomTest, reads_little_endian) { EXPECT_EQ(read(0, 4), 0x0403'0201u); }
TEST_F(RomTest, is_zero_behind_its_contents) {
  EXPECT_EQ(read(0, 8), 0x0605'0403'0201u);
  EXPECT_EQ(read(56, 8), 0u);
}
TEST_F(RomTest, ignores_writes) {
  EXPECT_TRUE(rom.write(0, 4, 0, Tick{0}));
  EXPECT_EQ(read(0, 1), 1u);
}
TEST_F(RomTest, is_saved_and_restored) {
  const Json saved = save_tree(root, false);
  rom.program(std::vector<u8>{9});
  load_tree(root, saved, false);
  EXPECT_EQ(read(0, 8), 0x0605'0403'0201u);
}

}  // namespace
}  // namespace orrery::test
