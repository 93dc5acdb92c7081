// Tag array: sets x ways of keys under a replacement policy, the common part of caches and timing
// TLBs. An entry is named by its index, set * ways + way; owners keep what belongs to an entry in
// arrays of their own under the same index.
#pragma once

#include <memory>
#include <vector>

#include "base/archive.h"
#include "memory/replacement.h"

namespace orrery {

class TagArray {
 public:
  static constexpr u64 no_key = ~u64{0};
  static constexpr std::size_t none = ~std::size_t{0};
  static constexpr u64 nowhere = no_key - 1;  // a key that no entry has

  // `sets` is a power of two; the low bits of a key choose its set.
  TagArray(const CacheGeometry& geometry, const ReplacementPolicies::Choice& replacement)
      : geometry_(geometry),
        keys_(std::size_t{geometry.sets} * geometry.ways + 1, no_key),
        recent_(geometry.sets, size()),
        policy_(replacement.create(geometry)) {}

  std::size_t size() const { return keys_.size() - 1; }
  u32 sets() const { return geometry_.sets; }
  u64 key(std::size_t entry) const { return keys_[entry]; }

  // The entry used last in the key's set, `none` when it holds another key or its policy wants to
  // hear of its next hit. Such a hit needs no touch().
  std::size_t find_recent(u64 key) const {
    const std::size_t entry = recent_[set(key)];
    return keys_[entry] == key ? entry : none;
  }

  std::size_t find(u64 key) const {
    const std::size_t first = std::size_t{set(key)} * geometry_.ways;
    for (std::size_t entry = first; entry < first + geometry_.ways; ++entry)
      if (keys_[entry] == key) return entry;
    return none;
  }

  // A hit.
  void touch(std::size_t entry, const Use& use = {}) {
    const u32 in_set = set_of(entry);
    recent_[in_set] = policy_->hit(in_set, way_of(entry), use) ? entry : size();
  }

  // The entry that makes room for `key`: an unused one, else the policy's victim, or the way next to it
  // if that holds `keep`. put() follows.
  std::size_t room_for(u64 key, u64 keep = nowhere) {
    const std::size_t first = std::size_t{set(key)} * geometry_.ways;
    for (std::size_t entry = first; entry < first + geometry_.ways; ++entry)
      if (keys_[entry] == no_key) return entry;
    const u32 way = policy_->victim(set(key));
    return first + (keys_[first + way] == keep ? (way + 1) % geometry_.ways : way);
  }
  // `keep` has the only way that `key` can have.
  bool needs_room_of(u64 key, u64 keep) const { return geometry_.ways == 1 && keys_[set(key)] == keep; }

  // Whether every way of the key's set is in use, and one of them is such.
  template <class Such>
  bool full_with(u64 key, Such&& such) const {
    const std::size_t first = std::size_t{set(key)} * geometry_.ways;
    bool found = false;
    for (std::size_t entry = first; entry < first + geometry_.ways; ++entry) {
      if (keys_[entry] == no_key) return false;
      found = found || such(entry);
    }
    return found;
  }

  void put(std::size_t entry, u64 key, const Use& use = {}) {
    keys_[entry] = key;
    const u32 in_set = set_of(entry);
    recent_[in_set] = policy_->fill(in_set, way_of(entry), use) ? entry : size();
  }
  // The owner wants to hear of the next hit in the key's set, whatever the policy says.
  void unsettle(u64 key) { recent_[set(key)] = size(); }
  void remove(std::size_t entry) { keys_[entry] = no_key; }
  void clear() { keys_.assign(keys_.size(), no_key); }

  void state(Archive& a) {
    a("tags", std::span<u64>(keys_).first(size()));
    a.group("replacement", [this](Archive& nested) { policy_->state(nested); });
    if (a.is_loading()) recent_.assign(recent_.size(), size());
  }

 private:
  u32 set(u64 key) const { return static_cast<u32>(key) & (geometry_.sets - 1); }
  u32 set_of(std::size_t entry) const { return static_cast<u32>(entry / geometry_.ways); }
  u32 way_of(std::size_t entry) const { return static_cast<u32>(entry % geometry_.ways); }

  CacheGeometry geometry_;
  std::vector<u64> keys_;  // and one that is always empty
  // Of each set, the entry used last, if it is settled; else the empty one. Derived: it only saves
  // searches, and touches that would change nothing.
  std::vector<std::size_t> recent_;
  std::unique_ptr<ReplacementPolicy> policy_;
};

}  // namespace orrery
