#include "memory/miss_classes.h"

#include <algorithm>

namespace orrery {

MissClasses::MissClasses(Component* owner, u64 lines)
    : compulsory(owner, "compulsory_misses", "accesses", "misses of lines that had never been here"),
      capacity(owner, "capacity_misses", "accesses",
               "misses that a fully associative cache of this size would have had too"),
      conflict(owner, "conflict_misses", "accesses", "misses that it would not have had"),
      coherence(owner, "coherence_misses", "accesses",
                "misses of lines that another cache, or fence.i, took from here"),
      lines_(lines) {}

void MissClasses::miss(u64 line, bool counts, bool allocates) {
  const auto seen = seen_.find(line);
  if (counts) {
    if (seen == seen_.end()) {
      ++compulsory;
    } else if (seen->second) {
      ++coherence;
    } else if (place_.contains(line)) {
      ++conflict;
    } else {
      ++capacity;
    }
  }
  if (allocates) seen_[line] = false;
  touch(line, allocates);
}

void MissClasses::taken(u64 line) {
  seen_[line] = true;
  const auto found = place_.find(line);
  if (found == place_.end()) return;
  recent_.erase(found->second);
  place_.erase(found);
}

void MissClasses::touch(u64 line, bool enters) {
  if (const auto found = place_.find(line); found != place_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return;
  }
  if (!enters) return;
  recent_.push_front(line);
  place_[line] = recent_.begin();
  if (recent_.size() <= lines_) return;
  place_.erase(recent_.back());
  recent_.pop_back();
}

void MissClasses::state(Archive& a) {
  constexpr std::size_t most_seen = std::size_t{1} << 38;  // lines of any RAM
  std::vector<u64> here, taken_lines, recent(recent_.begin(), recent_.end());
  for (const auto& [line, was_taken] : seen_) (was_taken ? taken_lines : here).push_back(line);
  std::sort(here.begin(), here.end());
  std::sort(taken_lines.begin(), taken_lines.end());
  a.resizable("seen", here, most_seen);
  a.resizable("taken", taken_lines, most_seen);
  a.resizable("recent", recent, static_cast<std::size_t>(lines_));
  if (!a.is_loading()) return;
  seen_.clear();
  for (const u64 line : here) seen_[line] = false;
  for (const u64 line : taken_lines) seen_[line] = true;
  recent_.clear();
  place_.clear();
  for (const u64 line : recent) {
    a.require(!place_.contains(line), "recent", "a line that stands there twice");
    place_[line] = recent_.insert(recent_.end(), line);
  }
}

}  // namespace orrery
