#include "base/event_queue.h"

#include <algorithm>

#include "base/archive.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_io.h"

namespace orrery {
namespace {

constexpr u64 most_pending = 10'000;  // far more than devices and timers need

// The component of `tree` whose full path is `path`; null when there is none.
Component* find_by_path(Component& tree, std::string_view path) {
  Component* root = &tree;
  while (root->parent()) root = root->parent();
  if (path == root->name()) return root;
  const std::string prefix = root->name() + ".";
  return path.size() > prefix.size() && path.starts_with(prefix)
             ? root->find(path.substr(prefix.size()))
             : nullptr;
}

}  // namespace

void EventQueue::insert(const Event& event) {
  const auto at = std::lower_bound(events_.begin(), events_.end(), event,
                                   [](const Event& a, const Event& b) {
                                     return a.when != b.when ? a.when > b.when
                                                             : a.sequence > b.sequence;
                                   });
  events_.insert(at, event);
}

void EventQueue::schedule(Component& owner, u32 kind, Tick when, u64 argument) {
  if (when == never) return;
  insert({when, next_sequence_++, &owner, kind, argument});
}

void EventQueue::cancel(const Component& owner, u32 kind) {
  std::erase_if(events_, [&](const Event& e) { return e.owner == &owner && e.kind == kind; });
}

void EventQueue::run_until(Tick now) {
  while (!events_.empty() && events_.back().when <= now) {
    const Event event = events_.back();
    events_.pop_back();
    event.owner->on_event(event.kind, event.argument, event.when);
  }
}

void EventQueue::state(Archive& a) {
  a("next_sequence", next_sequence_);
  u64 count = events_.size();
  a("count", count);
  if (a.is_loading()) {
    events_.clear();
    a.require(count <= most_pending, "count", "too many pending events");
  }
  for (u64 i = 0; i < count; ++i) {
    Event event = a.is_loading() ? Event{} : events_[i];
    std::string owner = event.owner ? event.owner->path() : "";
    a.group(std::to_string(i).c_str(), [&](Archive& g) {
      g("when", event.when);
      g("sequence", event.sequence);
      g("owner", owner);
      g("kind", event.kind);
      g("argument", event.argument);
      if (!g.is_loading()) return;
      g.require(event.when != never, "when", "an event that never happens");
      g.require(event.sequence < next_sequence_, "sequence", "not below next_sequence");
      event.owner = find_by_path(*this, owner);
      g.require(event.owner != nullptr, "owner", fmt::format("this machine has no {}", show(owner)));
      g.require(event.owner->has_event(event.kind), "kind",
                fmt::format("{} has no event of kind {}", owner, event.kind));
    });
    if (a.is_loading()) insert(event);
  }
}

}  // namespace orrery
