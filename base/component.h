// The component tree: a machine is a tree of named parts.
//
// Three habits, one each for parameters (params.h), statistics (statistics.h) and state
// (archive.h): a component lists its members once, tools walk the lists. A component's path
// ("machine.hart0.l1d") is at once its JSON path, the prefix of its statistics and the name of its
// section in a checkpoint.
//
// Contract: a component is neither copied nor moved; its parent outlives it; names of siblings
// differ. The root's parent is null.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace orrery {

class Archive;
class Statistic;

class Component {
 public:
  Component(Component* parent, std::string name);
  virtual ~Component();
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;

  const std::string& name() const { return name_; }
  std::string path() const;
  Component* parent() const { return parent_; }
  const std::vector<Component*>& children() const { return children_; }
  const std::vector<Statistic*>& statistics() const { return statistics_; }

  // Lists what of this component (children excluded) a checkpoint holds. See archive.h.
  virtual void state(Archive&) {}

  // Rebuilds what derives from state; called on every component after all states were loaded.
  virtual void after_restore() {}

  // A pending event of this component has come due (event_queue.h); `kind` and `argument` are the
  // component's own.
  virtual void on_event(u32 kind, u64 argument, Tick now);
  // The kinds that on_event() knows; a checkpoint that holds another one is refused.
  virtual bool has_event(u32) const { return false; }

  // True for timing state (tags, predictors), which a checkpoint keeps in a set of its own and
  // which is left out when the restored hierarchy differs.
  virtual bool is_timing_state() const { return parent_ && parent_->is_timing_state(); }

  // The component at `path` relative to this one ("" is itself); null when there is none.
  Component* find(std::string_view relative_path);

  template <class Visit>
  void for_each(Visit&& visit) {
    visit(*this);
    for (Component* child : children_) child->for_each(visit);
  }
  template <class Visit>
  void for_each(Visit&& visit) const {
    visit(*this);
    for (const Component* child : children_) child->for_each(visit);
  }

 private:
  friend class Statistic;

  Component* parent_;
  std::string name_;
  std::vector<Component*> children_;
  std::vector<Statistic*> statistics_;
};

}  // namespace orrery
