// CPI stacks add up to the harts' cycles wherever a machine stops, at clocks of any period.
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/statistics.h"
#include "tests/checkpoint/guest.h"

namespace orrery {
namespace {

constexpr u64 issue_width = 2, rename_width = 3;

// Events come at multiples of 100 ns, the period of `time`: at few of these clocks on an edge.
struct CpiStack : testing::TestWithParam<std::tuple<const char*, const char*>> {
  Json description() const {
    const auto [model, clock] = GetParam();
    Json result = guest_description(2, model);
    result["machine"].update({{"clock", clock}, {"warm", model}});
    result["machine"]["inorder"]["width"] = issue_width;
    result["machine"]["outoforder"]["rename"]["width"] = rename_width;
    return result;
  }
};
INSTANTIATE_TEST_SUITE_P(Clocks, CpiStack,
                         testing::Combine(testing::Values("inorder", "outoforder"),
                                          testing::Values("1GHz", "3GHz", "1.3GHz", "1.7GHz", "700MHz")));

// Counts what harts do from its making, as a phase's statistics do.
class Watch {
 public:
  explicit Watch(Machine& machine) : machine_(machine), before_(snapshot_statistics(machine)) {
    for (const Hart* hart : machine.harts()) cycles_.push_back(hart->cycle_counter());
  }
  void expect_equal(const std::string& when) const {
    const Json counted = report_statistics(machine_.model(), &before_);
    for (const Hart* hart : machine_.harts()) {
      const std::string core = machine_.model().path() + "." + hart->name() + ".";
      u64 stack = 0;
      for (const auto& [path, value] : counted.items())
        if (path.starts_with(core) && path.ends_with("_slots")) stack += value.get<u64>();
      EXPECT_EQ(counted.at(core + "cycles"), hart->cycle_counter() - cycles_[hart->id]) << when << ": " << hart->name();
      EXPECT_EQ(counted.at(core + "slots"), stack) << when << ": " << hart->name();
      const u64 width = machine_.model().type() == std::string("inorder") ? issue_width : rename_width;
      EXPECT_EQ(width * counted.at(core + "cycles").get<u64>(), stack) << when << ": " << hart->name();
    }
  }

 private:
  Machine& machine_;
  StatisticsSnapshot before_;
  std::vector<u64> cycles_;
};

TEST_P(CpiStack, AddsUpWhereverItStops) {
  Guest guest(description());
  Machine& machine = *guest.machine;
  Random random(1);
  const Watch whole(machine);
  for (int i = 0; i < 300; ++i) {
    const Watch part(machine);
    RunLimit limit{1 + random.below(random.below(4) ? 30 : 2000)};
    if (random.below(3) == 0) limit = {.time = machine.now() + 1 + random.below(3'000'000)};
    machine.run(limit);
    part.expect_equal("part " + std::to_string(i));
    if (random.below(8) == 0) {
      machine.drain();
      part.expect_equal("drained part " + std::to_string(i));
    }
  }
  whole.expect_equal("all");
}

// What another model did meanwhile is not in the stack, and what harts sleep from then on is.
TEST_P(CpiStack, BeginsWithItsModel) {
  Guest guest(description());
  Machine& machine = *guest.machine;
  Random random(2);
  for (int i = 0; i < 30; ++i) {
    machine.use_model("interpreter");
    machine.run({1 + random.below(3000)});
    machine.use_model(std::get<0>(GetParam()));
    const Watch watch(machine);
    machine.run({1 + random.below(3000)});
    watch.expect_equal("exchange " + std::to_string(i));
  }
}

// Somebody who looks changes nothing.
TEST_P(CpiStack, IsTheSameWhoeverLooks) {
  for (const u32 harts : {1u, 2u}) {
    Json machine = description();
    machine["machine"]["harts"] = harts;
    Guest looked_at(machine), alone(machine);
    Random random(3);
    u64 looks = 0;
    std::function<void()> look = [&] {
      ++looks;
      const RunLimit next = random.below(2) ? RunLimit{1 + random.below(50)}
                                            : RunLimit{.time = looked_at.machine->now() + 1 + random.below(50'000)};
      looked_at.machine->look_at(next, look);
    };
    look();
    looked_at.machine->run({40'000});
    alone.machine->run({40'000});
    EXPECT_GT(looks, 500u);
    EXPECT_EQ(report_statistics(looked_at.machine->model(), nullptr).dump(1),
              report_statistics(alone.machine->model(), nullptr).dump(1));
  }
}

}  // namespace
}  // namespace orrery
