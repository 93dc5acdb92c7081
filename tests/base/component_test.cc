// The component tree: paths, finding, life and death.
#include "base/component.h"

#include <gtest/gtest.h>

namespace orrery {
namespace {

TEST(Component, PathsFollowTheTree) {
  Component root(nullptr, "machine");
  Component hart(&root, "hart0");
  Component cache(&hart, "l1d");
  EXPECT_EQ(cache.path(), "machine.hart0.l1d");
  EXPECT_EQ(root.path(), "machine");
}

TEST(Component, FindIsTheInverseOfPath) {
  Component root(nullptr, "machine");
  Component hart(&root, "hart0");
  Component cache(&hart, "l1d");
  EXPECT_EQ(root.find(""), &root);
  EXPECT_EQ(root.find("hart0"), &hart);
  EXPECT_EQ(root.find("hart0.l1d"), &cache);
  for (const char* path : {"hart", "hart00", "hart0.", ".hart0", "hart0..l1d", "hart0.l1d.x", "."})
    EXPECT_EQ(root.find(path), nullptr) << path;
}

TEST(Component, VisitsParentsBeforeChildrenInOrder) {
  Component root(nullptr, "a");
  Component first(&root, "b");
  Component second(&root, "c");
  Component nested(&first, "d");
  std::string order;
  root.for_each([&](Component& c) { order += c.name(); });
  EXPECT_EQ(order, "abdc");
}

TEST(Component, LeavesItsParentWhenDestroyed) {
  Component root(nullptr, "machine");
  { Component child(&root, "child"); }
  EXPECT_TRUE(root.children().empty());
  Component again(&root, "child");
  EXPECT_EQ(root.find("child"), &again);
}

TEST(ComponentDeathTest, SiblingsDiffer) {
  Component root(nullptr, "machine");
  Component child(&root, "child");
  EXPECT_DEATH(Component(&root, "child"), "two components at machine.child");
}

TEST(ComponentDeathTest, UnexpectedEventIsADefect) {
  Component root(nullptr, "machine");
  EXPECT_DEATH(root.on_event(3, 0, Tick{}), "machine has no event of kind 3");
}

}  // namespace
}  // namespace orrery
