// Simulated time's agenda: what happens at which tick, ordered by (tick, order of scheduling).
//
// An event names its owner, a component, and a kind and argument of the owner's own; it holds no
// pointer to code, so pending events can be saved and found again by the owner's path.
//
// Contract: schedule() in the past is allowed and means "as soon as possible". Owners outlive
// their events or cancel them. Few events are pending at a time (devices and timers); a sorted
// vector serves.
#pragma once

#include <vector>

#include "base/component.h"
#include "base/types.h"

namespace orrery {

class EventQueue final : public Component {
 public:
  EventQueue(Component* parent, std::string name) : Component(parent, std::move(name)) {}

  void schedule(Component& owner, u32 kind, Tick when, u64 argument = 0);

  // Removes every pending event of that owner and kind.
  void cancel(const Component& owner, u32 kind);

  // Removes everything: for a machine whose devices do not run (checkpoint/follower.h).
  void clear() { events_.clear(); }

  // The tick of the first pending event, `never` without one.
  Tick next() const { return events_.empty() ? never : events_.back().when; }

  // Runs, in order, every event due at or before `now`, those scheduled meanwhile included.
  void run_until(Tick now);

  void state(Archive& a) override;

 private:
  struct Event {
    Tick when;
    u64 sequence;
    Component* owner;
    u32 kind;
    u64 argument;
  };

  void insert(const Event& event);

  std::vector<Event> events_;  // latest first
  u64 next_sequence_ = 0;
};

}  // namespace orrery
