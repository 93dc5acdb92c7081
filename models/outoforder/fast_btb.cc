#include "models/outoforder/fast_btb.h"

namespace orrery::ooo {

void FastBtbConfig::visit(Params& p) {
  p("entries", entries, "groups", "fetch groups that end in a taken branch; 0: none");
  p("mistaken_bubbles", mistaken_bubbles, "cycles", "lost by a group that goes elsewhere than its entry says");
  p.require(entries <= 256, "entries", "must be 0..256");
  p.require(mistaken_bubbles <= 100, "mistaken_bubbles", "must be 0..100");
}

FastBtb::Entry* FastBtb::search(u64 pc) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].pc != pc) continue;
    place_[bucket(pc)] = static_cast<u8>(i);
    return &entries_[i];
  }
  return nullptr;
}

void FastBtb::drop(Entry& entry) {
  --known_[bucket(entry.pc)];
  entry = Entry();
}

void FastBtb::put() {
  if (!entries_.empty() && !find(made_.pc)) {
    Entry& entry = entries_[next_];
    next_ = next_ + 1 == entries_.size() ? 0 : next_ + 1;
    if (entry.pc != no_group) --known_[bucket(entry.pc)];
    entry = made_;
    ++known_[bucket(entry.pc)];
  }
  made_ = Entry();
}

u32 FastBtb::mistaken() {
  Entry* entry = find(group_);
  if (!entry || !entry->counts) return 0;
  drop(*entry);
  return config_.mistaken_bubbles;
}

void FastBtb::state(Archive& a) {
  std::vector<u64> pcs, targets;
  std::vector<u8> counts;
  for (const Entry& entry : entries_) {
    pcs.push_back(entry.pc);
    targets.push_back(entry.target);
    counts.push_back(entry.counts);
  }
  a("groups", std::span<u64>(pcs));
  a("targets", std::span<u64>(targets));
  a("counts", std::span<u8>(counts));
  a("next", next_);
  a("group", group_);
  a("waits", waits_);
  a("made_group", made_.pc);
  a("made_target", made_.target);
  a("made_counts", made_.counts);
  if (!a.is_loading()) return;
  if (next_ >= entries_.size()) next_ = 0;
  std::fill(std::begin(known_), std::end(known_), u16{0});
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    entries_[i] = {pcs[i], targets[i], counts[i] != 0};
    if (pcs[i] != no_group) ++known_[bucket(pcs[i])];
  }
}

}  // namespace orrery::ooo
