// configs/cluster16.json: sixteen harts, clusters with an L2 each, an L3 over a mesh, two NUMA nodes.
// A program of all harts runs on it, and a restored machine goes on as the saved one.
#include "tests/lockstep/guests.h"

namespace orrery {
namespace {

struct Clusters : testing::TestWithParam<std::string> {
  Json description() const {
    Json json = read_description(ORRERY_SOURCE_DIR "/configs/cluster16.json");
    set_value(json, "machine.cpu", GetParam());
    set_value(json, "machine.boot.kernel", harts_program());
    return json;
  }
};

TEST_P(Clusters, ProgramOfAllHarts) {
  SKIP_WITHOUT(no_harts_program());
  GuestMachine guest(description());
  guest.machine->boot();
  guest.machine->run({.steps = 300'000});
  guest.machine->drain();
  GuestMachine restored(description());
  load_tree(*restored.machine, save_tree(*guest.machine, false), false);
  load_tree(*restored.machine, save_tree(*guest.machine, true), true);
  EXPECT_EQ(differences(save_tree(*guest.machine, true), save_tree(*restored.machine, true), 10),
            std::vector<std::string>{});

  const Stop stop = guest.machine->run({});
  EXPECT_EQ(stop.why, Stop::Why::Poweroff);
  EXPECT_EQ(stop.exit_code, 0u);
  EXPECT_EQ(guest.console, harts_console(16));
  const Json statistics = report_statistics(*guest.machine, nullptr);
  for (const char* path :
       {"machine.hart15.l1d.load_hits", "machine.cluster3.l2.load_hits", "machine.cluster0.coherence.takes",
        "machine.coherence.forwards", "machine.l3.load_misses", "machine.interconnect.hops",
        "machine.node1.dram.reads", "machine.numa.remote"})
    EXPECT_GT(statistics.value(path, 0u), 0u) << path;
}

// Three harts that spin ask ahead for the one place of what they share with a fourth.
TEST_P(Clusters, NobodyStarvesForOneMshr) {
  SKIP_WITHOUT(no_harts_program());
  Json json = read_description(ORRERY_SOURCE_DIR "/configs/bare.json");
  set_value(json, "machine.cpu", GetParam());
  set_value(json, "machine.harts", 8);
  set_value(json, "machine.boot.kernel", harts_program());
  set_value(json, "machine.l2", Json{{"ways", 5}, {"size", "2560B"}, {"latency_cycles", 1}, {"mshrs", 1}, {"harts", 4}});
  GuestMachine guest(json);
  guest.machine->boot();
  EXPECT_EQ(guest.machine->run({}).why, Stop::Why::Poweroff);
  EXPECT_EQ(guest.console, harts_console(8));
}

INSTANTIATE_TEST_SUITE_P(Models, Clusters, testing::Values("inorder", "outoforder"));

}  // namespace
}  // namespace orrery
