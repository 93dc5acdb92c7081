#include "memory/walk_cache.h"

namespace orrery {

void WalkCacheConfig::visit(Params& p) {
  p("entries", entries, "entries", "upper-level page-table entries held");
  p("ways", ways, "ways", "associativity; as many as entries: fully associative");
  p.child("replacement", replacement, "which entry makes room");
  p.require(ways >= 1 && ways <= 4096, "ways", "must be 1..4096");
  p.require(entries <= 1 << 20 && entries % ways == 0 && is_power_of_two(entries / ways), "entries",
            "must be ways x a power of two");
}

WalkCache::WalkCache(Component* parent, std::string name, const WalkCacheConfig& config)
    : Component(parent, std::move(name)),
      tags_({config.entries / config.ways, config.ways}, config.replacement) {}

unsigned WalkCache::begin(u64 address, u32 context, unsigned count, unsigned level) {
  if (count < 2) return 0;  // nothing above the page's own entry
  // Entry i of the walk is of this level, 1 or higher for those that point to tables.
  const auto level_of = [&](unsigned i) { return level + (count - 1 - i); };
  unsigned known = count - 1;
  for (; known != 0; --known) {
    const std::size_t entry = tags_.find(key(address, context, level_of(known - 1)));
    if (entry == TagArray::none) continue;
    tags_.touch(entry);
    break;
  }
  for (unsigned i = known; i + 1 < count; ++i) {
    const u64 missing = key(address, context, level_of(i));
    tags_.put(tags_.room_for(missing), missing);
  }
  ++(known != 0 ? hits : misses);
  skipped += known;
  return known;
}

}  // namespace orrery
