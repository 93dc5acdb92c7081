#include "memory/timing_tlb.h"

namespace orrery {

void TlbConfig::visit(Params& p) {
  p("entries", entries, "pages", "translations held");
  p("ways", ways, "ways", "associativity; as many as entries: fully associative");
  p("latency_cycles", latency_cycles, "cycles", "added by a hit of the second level");
  p.child("replacement", replacement, "which page makes room");
  p.require(ways >= 1 && ways <= 4096, "ways", "must be 1..4096");
  p.require(entries <= 1 << 20 && entries % ways == 0 && is_power_of_two(entries / ways), "entries",
            "must be ways x a power of two");
  p.require(latency_cycles <= 10'000, "latency_cycles", "must be 0..10000");
}

TimingTlb::TimingTlb(Component* parent, std::string name, const TlbConfig& config)
    : Component(parent, std::move(name)),
      latency_cycles(config.latency_cycles),
      tags_({config.entries / config.ways, config.ways}, config.replacement) {}

bool TimingTlb::search(u64 address, u32 context) {
  for (unsigned level = 0; level < levels; ++level) {
    if (!bit(present_, level)) continue;
    const std::size_t entry = tags_.find(key(address, context, level));
    if (entry == TagArray::none) continue;
    tags_.touch(entry);
    note(address, context, level);
    return true;
  }
  return false;
}

bool TimingTlb::is_present(u64 address, u32 context) const {
  for (unsigned level = 0; level < levels; ++level)
    if (bit(present_, level) && tags_.find(key(address, context, level)) != TagArray::none)
      return true;
  return false;
}

// The next lookup of this page needs no search, unless the policy wants to hear of it.
void TimingTlb::note(u64 address, u32 context, unsigned level) {
  const bool settled = tags_.find_recent(key(address, context, level)) != TagArray::none;
  recent_ = settled ? key(address, context, 0) : TagArray::no_key;
}

void TimingTlb::insert(u64 address, u32 context, unsigned level) {
  const u64 page = key(address, context, level);
  if (const std::size_t entry = tags_.find(page); entry != TagArray::none) {
    tags_.touch(entry);
  } else {
    tags_.put(tags_.room_for(page), page);
  }
  present_ |= static_cast<u8>(1u << level);
  note(address, context, level);
}

void TimingTlb::flush() {
  tags_.clear();
  present_ = 0;
  recent_ = TagArray::no_key;
}

void TimingTlb::state(Archive& a) {
  tags_.state(a);
  a("present", present_);
  if (a.is_loading()) recent_ = TagArray::no_key;
}

}  // namespace orrery
