#include "base/rate.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace orrery {
namespace {

struct Clocked : Component, SimulatedTime {
  Clocked() : Component(nullptr, "machine") {}
  Tick now() const override { return time; }
  Tick time;
};

struct Moved : Component {
  explicit Moved(Component* parent) : Component(parent, "part") {}
  Counter in{this, "in", "bytes", "in"};
  Counter out{this, "out", "bytes", "out"};
  Rate bandwidth{this, "bandwidth", "bytes per second", {&in, &out}, "both"};
  double now(const StatisticsSnapshot* since = nullptr) const { return bandwidth.report(since).get<double>(); }
};

TEST(Rate, IsPerSecondOfSimulatedTime) {
  Clocked machine;
  Moved part(&machine);
  EXPECT_EQ(part.now(), 0.0);  // no time has passed
  part.in += 300;
  part.out += 100;
  machine.time = Tick{2 * ticks_per_second};
  EXPECT_EQ(part.now(), 200.0);
  const StatisticsSnapshot before = snapshot_statistics(machine);
  part.in += 10;
  machine.time += ticks_per_second / 2;
  EXPECT_EQ(part.now(&before), 20.0);
  EXPECT_EQ(report_statistics(machine, &before).at("machine.part.bandwidth"), 20.0);
}

TEST(Rate, CountsFromTheLastReset) {
  Clocked machine;
  Moved part(&machine);
  part.in += 300;
  machine.time = Tick{ticks_per_second};
  const StatisticsSnapshot before = snapshot_statistics(machine);
  reset_statistics(machine);
  EXPECT_EQ(part.now(), 0.0);
  part.in += 8;
  machine.time += ticks_per_second / 4;
  EXPECT_EQ(part.now(), 32.0);
  EXPECT_EQ(part.now(&before), 32.0);  // all of it is new
}

TEST(Rate, IsZeroWhereNobodyKnowsTheTime) {
  Component root(nullptr, "machine");
  Moved part(&root);
  part.in += 300;
  EXPECT_EQ(part.now(), 0.0);
}

}  // namespace
}  // namespace orrery
