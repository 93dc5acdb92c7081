// Looks through every cache and directory of a hierarchy: at most one owner of a line, Shared nowhere
// beside it (but for the Owner of MOESI), directories that know exactly who holds what, inclusive
// levels that hold what is above them and exclusive ones that do not. A broken rule is a sentence.
#pragma once

#include <fmt/format.h>

#include <set>
#include <string>

#include "memory/hierarchy.h"

namespace orrery {

class HierarchyChecker {
 public:
  explicit HierarchyChecker(const Hierarchy& hierarchy) : hierarchy_(hierarchy) {}

  // Empty: all is well with the line.
  std::string check(PhysAddr line) {
    found_.clear();
    Seen seen = see(hierarchy_.meeting_point(), line);
    for (const Cache* cache : hierarchy_.shared_caches()) seen = add(seen, *cache, line, false);
    return found_;
  }

  // A cache has the line dirty.
  bool is_dirty(PhysAddr line) {
    bool dirty = hierarchy_.meeting_point().holds_dirty(line);
    for (const Cache* cache : hierarchy_.shared_caches()) dirty |= orrery::is_dirty(cache->find(line));
    return dirty;
  }

  // The same of every line that is anywhere.
  std::string check_all() {
    std::set<u64> lines;
    collect(hierarchy_.meeting_point(), lines);
    for (const Cache* cache : hierarchy_.shared_caches()) collect(*cache, lines);
    for (const u64 line : lines)
      if (const std::string found = check(PhysAddr{line}); !found.empty()) return found;
    return "";
  }

 private:
  // What there is of a line in some caches and everything above them.
  struct Seen {
    bool any = false;     // a copy that directories know of
    bool alone = false;   // a copy that may be written without asking: nobody else has one
    bool dirty = false;
  };

  Seen see(const Holder& holder, PhysAddr line) {
    if (const auto* directory = dynamic_cast<const Coherence*>(&holder)) return see_all(*directory, line);
    const auto& cache = dynamic_cast<const Cache&>(holder);
    return add(cache.above() ? see(*cache.above(), line) : Seen{}, cache, line, true);
  }

  Seen add(const Seen& above, const Cache& cache, PhysAddr line, bool may_be_shared) {
    const LineState state = cache.find(line);
    if (cache.inclusion() == Inclusion::Inclusive && above.any && state == LineState::Invalid)
      broken(cache, line, "is inclusive and lacks what is above");
    if (cache.inclusion() == Inclusion::Exclusive && above.any && state != LineState::Invalid)
      broken(cache, line, "is exclusive and holds what is above");
    if (above.alone && is_shared(state)) broken(cache, line, "is shared below an owner");
    if (!may_be_shared && is_shared(state)) broken(cache, line, "is shared where nobody else is");
    if (state == LineState::Invalid) return above;
    return {true, above.alone || !is_shared(state), above.dirty || orrery::is_dirty(state)};
  }

  Seen see_all(const Coherence& directory, PhysAddr line) {
    const Coherence::Entry nothing;
    const Coherence::Entry* found = directory.find(line);
    const Coherence::Entry& entry = found ? *found : nothing;
    if (found && (entry.data | entry.code) == 0) broken(directory, line, "has an empty entry");
    Seen all;
    unsigned holders = 0, alone = 0, dirty = 0, index = 0;
    bool owner_is_dirty = false;
    const auto look = [&](const Holder& child, bool is_known, bool is_owner) {
      const Seen seen = see(child, line);
      if (is_owner) owner_is_dirty = seen.dirty;
      if (seen.any != is_known)
        broken(directory, line, seen.any ? "misses a holder" : "knows a holder that is none");
      if (seen.any != child.holds(line) || seen.dirty != child.holds_dirty(line))
        broken(directory, line, "is told other things by its child");
      if ((seen.alone || seen.dirty) && !is_owner) broken(directory, line, "does not know the owner");
      holders += seen.any;
      alone += seen.alone;
      dirty += seen.dirty;
      all.any |= seen.any;
    };
    for (const Holder* child : directory.data_children()) {
      look(*child, (entry.data >> index & 1) != 0, entry.owner == index);
      ++index;
    }
    index = 0;
    for (const Holder* child : directory.code_children()) {
      if (directory.tracks_code()) look(*child, (entry.code >> index & 1) != 0, false);
      ++index;
    }
    // It may write the line, or has it dirty.
    const bool owner_may_write = holders == 1 && entry.alone;
    if (entry.owner != Coherence::no_owner && !owner_is_dirty && !owner_may_write)
      broken(directory, line, "knows an owner that is none");
    if (alone > 1) broken(directory, line, "has two owners");
    if (dirty > 1) broken(directory, line, "has two dirty copies");
    if (alone == 1 && holders > 1) broken(directory, line, "has copies beside an owner");
    if (alone == 1 && !entry.alone) broken(directory, line, "has an owner and may have copies elsewhere");
    all.alone = alone != 0 || (found && entry.alone);
    all.dirty = dirty != 0;
    return all;
  }

  void collect(const Holder& holder, std::set<u64>& lines) {
    if (const auto* directory = dynamic_cast<const Coherence*>(&holder)) {
      directory->for_each_line([&](PhysAddr line, const auto&) { lines.insert(line.value()); });
      for (const Holder* child : directory->data_children()) collect(*child, lines);
      if (directory->tracks_code())
        for (const Holder* child : directory->code_children()) collect(*child, lines);
      return;
    }
    const auto& cache = dynamic_cast<const Cache&>(holder);
    cache.for_each_line([&](PhysAddr line, LineState) { lines.insert(line.value()); });
    if (cache.above()) collect(*cache.above(), lines);
  }

  template <class Part>
  void broken(const Part& part, PhysAddr line, const char* rule) {
    if (found_.empty()) found_ = fmt::format("{} {} (line {:#x})", part.path(), rule, line.value());
  }

  const Hierarchy& hierarchy_;
  std::string found_;
};

}  // namespace orrery
