// What must hold for every device with registers, whatever they mean. A new device on the board is
// under test without a line here.
#include "base/archive.h"
#include "base/json.h"
#include "base/random.h"
#include "tests/devices/rig.h"

namespace orrery::test {
namespace {

std::size_t device_count() { return BoardBench().board.slots().size(); }

class EveryDevice : public testing::TestWithParam<std::size_t> {
 protected:
  BoardBench bench;
  const Board::Slot& slot = bench.board.slots()[GetParam()];
  Device& device = *slot.device;

  Json saved() { return save_tree(bench.root, false); }

  // Accesses of every size all over the window's interesting part, values from `random`.
  void disturb(u64 seed, int accesses) {
    Random random(seed);
    const auto views = device.registers();
    for (int i = 0; i < accesses; ++i) {
      const unsigned size = 1u << random.below(4);
      u64 offset = random.below(slot.size);
      if (!views.empty() && random.below(4)) {
        const RegisterView& view = views[random.below(views.size())];
        if (view.offset != no_offset) offset = view.offset;
      }
      offset = align_down(offset, size);
      u64 value = random.next();
      const Tick now{u64{1'000'000} * static_cast<u64>(i)};
      if (random.below(2)) {
        device.write(offset, size, value, now);
      } else {
        device.read(offset, size, value, now);
      }
      bench.events.run_until(now);
    }
  }
};

TEST_P(EveryDevice, writing_all_ones_changes_writable_bits_only) {
  for (const RegisterView& before : device.registers()) {
    device.reset();
    const bool reachable = before.offset != no_offset && before.selected;
    if (!reachable) continue;
    if (!device.write(before.offset, before.width, ~u64{0}, Tick{0})) continue;
    for (const RegisterView& after : device.registers()) {
      if (after.name != before.name) continue;
      EXPECT_EQ((after.value ^ before.value) & ~before.writable, 0u) << before.name;
    }
  }
}

TEST_P(EveryDevice, read_only_offsets_take_no_writes) {
  const Json reset_state = saved();
  for (const RegisterView& view : device.registers()) {
    if (view.offset == no_offset || view.writable || view.hooked || !view.selected) continue;
    device.write(view.offset, view.width, ~u64{0}, Tick{0});
    EXPECT_EQ(differences(reset_state, saved(), 9), std::vector<std::string>{}) << view.name;
  }
}

TEST_P(EveryDevice, reset_twice_is_reset_once) {
  disturb(1, 500);
  bench.board.reset();
  const auto first = saved()[device.path()];
  bench.board.reset();
  EXPECT_EQ(differences(first, saved()[device.path()], 9), std::vector<std::string>{});
}

TEST_P(EveryDevice, reset_forgets_everything) {
  const auto fresh = saved()[device.path()];
  disturb(2, 500);
  bench.board.reset();
  EXPECT_EQ(differences(fresh, saved()[device.path()], 9), std::vector<std::string>{});
  EXPECT_EQ(bench.events.next(), never);
}

TEST_P(EveryDevice, is_restored_as_it_was_saved) {
  disturb(3, 500);
  const Json before = saved();
  disturb(4, 500);
  load_tree(bench.root, before, false);
  EXPECT_EQ(differences(before, saved(), 9), std::vector<std::string>{});
}

TEST_P(EveryDevice, continues_after_a_restore_as_it_would_have) {
  disturb(5, 200);
  const Json before = saved();
  disturb(6, 500);
  const Json went_on = saved();
  load_tree(bench.root, before, false);
  disturb(6, 500);
  EXPECT_EQ(differences(went_on, saved(), 9), std::vector<std::string>{});
}

// A checkpoint is foreign bytes too: values no guest can bring about do no harm.
TEST_P(EveryDevice, survives_any_state_of_the_right_shape) {
  disturb(8, 500);
  Json sections = saved();
  if (!sections.contains(device.path())) return;  // has no state
  Random random(9);
  for (auto& [key, value] : sections[device.path()].items()) {
    if (key.ends_with("_length")) continue;
    if (value.is_number()) value = random.below(256);
    if (value.is_binary())
      for (u8& byte : value.get_binary()) byte = static_cast<u8>(random.next());
    if (value.is_array())
      for (Json& element : value) element = random.below(256);
  }
  load_tree(bench.root, sections, false);
  disturb(10, 2'000);
}

TEST_P(EveryDevice, any_access_gives_a_value_or_a_bus_error) {
  disturb(7, 20'000);
  u64 value = 0;
  EXPECT_FALSE(device.read(1, 2, value, Tick{0}));  // misaligned
  EXPECT_FALSE(device.read(0, 16, value, Tick{0}));
}

TEST_P(EveryDevice, register_names_differ) {
  std::map<std::string, int> seen;
  for (const RegisterView& view : device.registers()) EXPECT_EQ(seen[view.name]++, 0) << view.name;
}

TEST_P(EveryDevice, registers_lie_within_the_window) {
  for (const RegisterView& view : device.registers()) {
    if (view.offset == no_offset) continue;
    EXPECT_LE(view.offset + view.width, slot.size) << view.name;
    EXPECT_EQ(view.offset % view.width, 0u) << view.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Board, EveryDevice, testing::Range(std::size_t{0}, device_count()),
                         [](const testing::TestParamInfo<std::size_t>& tested) {
                           return BoardBench().board.slots()[tested.param].device->name();
                         });

}  // namespace
}  // namespace orrery::test
