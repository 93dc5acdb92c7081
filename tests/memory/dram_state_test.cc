// Saved and restored, a memory goes on as it would have; a forged state neither crashes nor hangs.
#include <cstring>

#include "base/archive.h"
#include "base/error.h"
#include "base/random.h"
#include "tests/memory/dram_fixture.h"

namespace orrery {
namespace {

struct DdrState : DdrTest {
  // Random reads and writes; the sum of their answers.
  u64 traffic(Random& random, u64& now, int requests) {
    u64 sum = 0;
    for (int i = 0; i < requests; ++i) {
      now += random.below(200) == 0 ? 12'000 : random.below(20);
      const auto kind = random.below(3) == 0 ? RequestKind::Writeback : RequestKind::Load;
      sum = sum * 31 + done(random.below(4096) * 64, now, kind);
    }
    return sum;
  }
};

TEST_F(DdrState, GoesOnAsItWouldHave) {
  for (const char* policy : {"open", "closed", "timeout", "adaptive"})
    for (const char* refresh : {"off", "all_bank", "per_bank"}) {
      const Json changes = {{"row_policy", policy}, {"refresh", refresh}, {"ranks", 2}, {"channels", 2},
                            {"write_idle", "300ns"}, {"row_timeout", "200ns"}};
      build(changes);
      Random random(7);
      u64 now = 0;
      traffic(random, now, 3000);
      const Json saved = save_tree(root, true);
      Random again = random;
      u64 then = now;
      const u64 refreshes = statistic("refreshes");
      const u64 sum = traffic(random, now, 3000);
      const Json end = save_tree(root, true);
      const u64 later_refreshes = statistic("refreshes") - refreshes;

      build(changes);
      load_tree(root, saved, true);
      EXPECT_EQ(differences(save_tree(root, true), saved, 3), std::vector<std::string>{});
      EXPECT_EQ(traffic(again, then, 3000), sum);
      EXPECT_EQ(differences(save_tree(root, true), end, 3), std::vector<std::string>{});
      EXPECT_EQ(statistic("refreshes"), later_refreshes);
    }
}

// Every number of the state replaced by others, small, large and impossible: refused or run with.
TEST_F(DdrState, ForgedStatesNeitherCrashNorHang) {
  for (const char* scheduling : {"fcfs", "frfcfs"}) {
    const Json changes = {{"refresh", "all_bank"}, {"row_policy", "adaptive"}, {"scheduling", scheduling}, {"write_idle", "300ns"}};
    build(changes);
    Random random(8);
    u64 now = 0;
    traffic(random, now, 1000);
    const Json saved = save_tree(root, true);
    const Json flat = saved.flatten();
    u64 accepted = 0;
    for (int round = 0; round < 600; ++round) {
      Json forged = flat;
      for (u64 n = random.below(3) + 1; n > 0; --n) {
        auto field = forged.begin();
        std::advance(field, static_cast<std::ptrdiff_t>(random.below(forged.size())));
        const u64 values[] = {0, 1, 3, 7, random.next(), u64{1} << 62, (u64{1} << 62) - 1, u64{1} << 61, ~u64{0}, random.below(100'000'000)};
        const u64 value = values[random.below(std::size(values))];
        if (field.value().is_number()) field.value() = value;
        if (field.value().is_binary() && !field.value().get_binary().empty()) {  // structs
          auto& bytes = field.value().get_binary();
          std::memcpy(bytes.data() + random.below(bytes.size() / 8) * 8, &value, 8);
        }
      }
      build(changes);
      try {
        load_tree(root, forged.unflatten(), true);
      } catch (const ConfigError&) {
        continue;
      }
      ++accepted;
      u64 later = now;
      Random same = random;
      traffic(same, later, 300);
    }
    EXPECT_GT(accepted, 50u);
  }
}

}  // namespace
}  // namespace orrery
