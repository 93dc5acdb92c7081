// The event queue: order, cancelling, and saving with events pending.
#include "base/event_queue.h"

#include <gtest/gtest.h>

#include "base/archive.h"
#include "base/json.h"
#include "tests/base/config_message.h"

namespace orrery {
namespace {

struct Device : Component {
  Device(Component* parent, std::string name, EventQueue& queue)
      : Component(parent, std::move(name)), events(queue) {}
  void on_event(u32 kind, u64 argument, Tick now) override {
    log += fmt::format("{}:{}@{} ", kind, argument, now.value());
    if (kind == 9 && argument > 0) events.schedule(*this, 9, now, argument - 1);
  }
  bool has_event(u32 kind) const override { return kind < 10; }
  EventQueue& events;
  std::string log;
};

struct Tree {
  Component root{nullptr, "machine"};
  EventQueue events{&root, "events"};
  Device device{&root, "device", events};
};

TEST(EventQueue, RunsByTickThenByOrderOfScheduling) {
  Tree t;
  t.events.schedule(t.device, 1, Tick{20});
  t.events.schedule(t.device, 2, Tick{10}, 5);
  t.events.schedule(t.device, 3, Tick{20});
  EXPECT_EQ(t.events.next(), Tick{10});
  t.events.run_until(Tick{9});
  EXPECT_EQ(t.device.log, "");
  t.events.run_until(Tick{20});
  EXPECT_EQ(t.device.log, "2:5@10 1:0@20 3:0@20 ");
  EXPECT_EQ(t.events.next(), never);
}

TEST(EventQueue, RunsWhatIsScheduledMeanwhile) {
  Tree t;
  t.events.schedule(t.device, 9, Tick{5}, 2);
  t.events.run_until(Tick{5});
  EXPECT_EQ(t.device.log, "9:2@5 9:1@5 9:0@5 ");
}

TEST(EventQueue, NeverDoesNotHappen) {
  Tree t;
  t.events.schedule(t.device, 1, never);
  EXPECT_EQ(t.events.next(), never);
  t.events.run_until(never);
  EXPECT_EQ(t.device.log, "");
}

TEST(EventQueue, CancelTakesOneOwnersKind) {
  Tree t;
  Device other(&t.root, "other", t.events);
  t.events.schedule(t.device, 1, Tick{1});
  t.events.schedule(t.device, 2, Tick{1});
  t.events.schedule(other, 1, Tick{1});
  t.events.schedule(t.device, 1, Tick{2});
  t.events.cancel(t.device, 1);
  t.events.run_until(Tick{10});
  EXPECT_EQ(t.device.log, "2:0@1 ");
  EXPECT_EQ(other.log, "1:0@1 ");
}

TEST(EventQueue, PendingEventsAreSavedWithTheirOrder) {
  Tree a, b;
  a.events.schedule(a.device, 1, Tick{20}, 7);
  a.events.schedule(a.device, 2, Tick{20}, 8);
  a.events.schedule(a.device, 3, Tick{10});
  b.events.schedule(b.device, 5, Tick{1});
  const Json saved = save_tree(a.root, false);
  load_tree(b.root, saved, false);
  EXPECT_EQ(save_tree(b.root, false), saved);
  b.events.schedule(b.device, 4, Tick{20});
  b.events.run_until(Tick{20});
  EXPECT_EQ(b.device.log, "3:0@10 1:7@20 2:8@20 4:0@20 ");
}

TEST(EventQueue, TheRootMayOwnEvents) {
  EventQueue root(nullptr, "events");
  Device device(nullptr, "machine", root);
  EventQueue inner(&device, "events");
  inner.schedule(device, 1, Tick{1});
  const Json saved = save_tree(device, false);
  load_tree(device, saved, false);
  inner.run_until(Tick{1});
  EXPECT_EQ(device.log, "1:0@1 ");
}

TEST(EventQueue, RefusesForeignEvents) {
  Tree a;
  a.events.schedule(a.device, 1, Tick{20}, 7);
  const Json good = save_tree(a.root, false);
  const auto load_with = [&](const char* path, Json value) {
    Json bad = good;
    bad["machine.events"][Json::json_pointer(path)] = std::move(value);
    Tree b;
    return config_message([&] { load_tree(b.root, bad, false); });
  };
  EXPECT_EQ(load_with("/count", 2), "checkpoint: machine.events.1: missing");
  EXPECT_EQ(load_with("/count", 0), "checkpoint: machine.events.0: unknown field");
  EXPECT_EQ(load_with("/count", ~u64{0}), "checkpoint: machine.events.count: too many pending events");
  for (const char* owner : {"", "machine.", "machine.uart", "device", "other.device", "\xff"})
    EXPECT_TRUE(load_with("/0/owner", owner).starts_with(
        "checkpoint: machine.events.0.owner: this machine has no ")) << owner;
  load_with("/0/when", ~u64{0});
  load_with("/0/sequence", 1);
  load_with("/0/kind", u64{1} << 32);
  EXPECT_EQ(load_with("/0/kind", 10),
            "checkpoint: machine.events.0.kind: machine.device has no event of kind 10");
  EXPECT_EQ(load_with("/0/owner", "machine.events"),
            "checkpoint: machine.events.0.kind: machine.events has no event of kind 1");
  load_with("/0", 3);
}

}  // namespace
}  // namespace orrery
