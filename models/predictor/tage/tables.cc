#include "models/predictor/tage/tables.h"

#include <algorithm>
#include <bit>

#include "base/bits.h"
#include "models/predictor/direction.h"

namespace orrery::tage {

void TablesConfig::visit(Params& p) {
  p("base_entries", base_entries, "counters", "two-bit counters of the plain table");
  p("tables", tables, "tables", "that are tagged");
  p("entries", entries, "entries", "of each of them");
  p("tag_bits", tag_bits, "bits", "width of a tag");
  p("shortest", shortest, "branches", "on the path of the first of them");
  p("longest", longest, "branches", "on the path of the last; between them it grows by a factor");
  p("counter_bits", counter_bits, "bits", "width of their counters");
  p("useful_bits", useful_bits, "bits", "that say how useful an entry has been");
  p("age_after", age_after, "entries", "wanted in vain before all become less useful");
  p.require(is_power_of_two(base_entries) && base_entries <= 1 << 24, "base_entries",
            "must be a power of two up to 16777216");
  p.require(tables >= 1 && tables <= Tables::most_tables, "tables", "must be 1..16");
  p.require(is_power_of_two(entries) && entries >= 2 && entries <= 1 << 20, "entries",
            "must be a power of two from 2 to 1048576");
  p.require(tag_bits >= 4 && tag_bits <= 16, "tag_bits", "must be 4..16");
  p.require(shortest >= 1 && shortest <= 1000, "shortest", "must be 1..1000");
  p.require(longest <= 4096 && longest >= shortest + tables - 1, "longest",
            "must be up to 4096, and leave each table a longer path than the one before");
  p.require(counter_bits >= 2 && counter_bits <= 7, "counter_bits", "must be 2..7");
  p.require(useful_bits >= 1 && useful_bits <= 7, "useful_bits", "must be 1..7");
  p.require(age_after >= 1 && age_after <= 1 << 20, "age_after", "must be 1..1048576");
}

Tables::Tables(const TablesConfig& config)
    : tables_(config.tables),
      entries_(config.entries),
      entry_shift_(64 - static_cast<u32>(std::countr_zero(config.entries))),
      tag_mask_((1u << config.tag_bits) - 1),
      age_after_(config.age_after),
      most_(static_cast<i8>((1 << (config.counter_bits - 1)) - 1)),
      most_useful_(static_cast<u8>((1 << config.useful_bits) - 1)),
      path_(geometric_lengths(config.shortest, config.longest, config.tables)),
      base_(config.base_entries, weakly_not_taken),
      tags_(std::size_t{config.tables} * config.entries),
      counters_(tags_.size()),
      useful_(tags_.size()) {}

bool Tables::says(const Lookup& lookup, int table) const {
  return table == base ? orrery::says_taken(base_[lookup.base_entry])
                       : counters_[entry(lookup, table)] >= 0;
}

Confidence Tables::confidence(const Lookup& lookup, int table) const {
  if (table == base) {
    const u8 counter = base_[lookup.base_entry];
    return counter == 0 || counter == 3 ? Confidence::High : Confidence::Low;
  }
  const int counter = counters_[entry(lookup, table)];
  const int strength = counter >= 0 ? counter : -counter - 1;
  return strength >= most_ ? Confidence::High : strength > 0 ? Confidence::Medium : Confidence::Low;
}

void Tables::look_up(u64 pc, Lookup& lookup) const {
  lookup.base_entry = static_cast<u32>(pc >> 1 & (base_.size() - 1));
  const u64 address = pc * mixer;
  const u32 entries = entries_, shift = entry_shift_, tag_mask = tag_mask_;
  const u16* tags = tags_.data();
  u64* mixed = lookup.mixed.data();
  u32 matches = 0;  // the longest path is the lowest bit
  path_.each_hash([&, entries, shift, tag_mask](u64 hash) {
    *mixed = (hash ^ address) * mixer;
    matches = matches << 1 | u32{tags[*mixed >> shift] == (*mixed >> tag_shift & tag_mask)};
    ++mixed;
    tags += entries;
  });
  const auto longest = [&] {
    return matches == 0 ? base : static_cast<int>(tables_) - 1 - std::countr_zero(matches);
  };
  lookup.provider = longest();
  matches &= matches - 1;
  lookup.alternate = longest();
  lookup.provider_says = says(lookup, lookup.provider);
  lookup.alternate_says = says(lookup, lookup.alternate);
  lookup.taken = lookup.provider_says;
  lookup.confidence = confidence(lookup, lookup.provider);
  lookup.is_new = false;
  if (lookup.provider == base || lookup.confidence != Confidence::Low) return;
  lookup.is_new = useful_[entry(lookup, lookup.provider)] == 0;
  const Confidence other = confidence(lookup, lookup.alternate);
  lookup.trust = static_cast<u8>((lookup.alternate != base ? 2 : 0) + (other != Confidence::Low ? 1 : 0));
  if (!lookup.is_new || trust_[lookup.trust] < 0) return;
  lookup.taken = lookup.alternate_says;
  lookup.confidence = other;
}

void Tables::train(const Lookup& lookup, int table, bool taken) {
  if (table == base) {
    u8& counter = base_[lookup.base_entry];
    counter = trained(counter, taken);
    return;
  }
  i8& counter = counters_[entry(lookup, table)];
  if (taken ? counter < most_ : counter > -most_ - 1) counter = static_cast<i8>(taken ? counter + 1 : counter - 1);
}

void Tables::update(const Lookup& lookup, bool taken, bool was_right, ShiftRegister& random) {
  bool wants_entry = lookup.taken != taken;
  if (lookup.is_new) {
    if (lookup.provider_says == taken) wants_entry = false;  // it only has to prove itself
    if (i8& trust = trust_[lookup.trust]; lookup.provider_says != lookup.alternate_says)
      trust = static_cast<i8>(std::clamp(trust + (lookup.alternate_says == taken ? 1 : -1), -8, 7));
    train(lookup, lookup.alternate, taken);
  }
  // Where another part was right in the end, an entry is rarely worth its place.
  if (wants_entry && (!was_right || random.next() % 32 == 0)) allocate(lookup, taken, random);

  train(lookup, lookup.provider, taken);
  if (lookup.provider == base || lookup.provider_says == lookup.alternate_says) return;
  u8& useful = useful_[entry(lookup, lookup.provider)];
  if (lookup.provider_says == taken) {
    if (useful < most_useful_) ++useful;
  } else if (useful > 0) {
    --useful;
  }
}

void Tables::allocate(const Lookup& lookup, bool taken, ShiftRegister& random) {
  // Up to two entries, not in neighbouring tables; the first is most often in the next longer one.
  int t = lookup.provider + 1;
  const u32 coin = random.next();
  if ((coin & 3) == 0) t += 1 + (bit(coin, 2) ? 1 : 0);
  u32 found = 0, in_vain = 0;
  while (t < static_cast<int>(tables_) && found < 2) {
    const u32 place = entry(lookup, t);
    if (useful_[place] == 0) {
      tags_[place] = tag(lookup.mixed[static_cast<u32>(t)]);
      counters_[place] = taken ? 0 : -1;
      ++found;
      t += 2;
    } else {
      ++in_vain;
      ++t;
    }
  }
  age_ += in_vain;
  age_ -= std::min(age_, found);
  if (age_ < age_after_) return;
  age_ = 0;
  for (u8& useful : useful_) useful = static_cast<u8>(useful >> 1);
}

void Tables::state(Archive& a) {
  a.group("path", [this](Archive& nested) { path_.state(nested); });
  a("base", std::span<u8>(base_));
  a("tags", std::span<u16>(tags_));
  a("counters", std::span<i8>(counters_));
  a("useful", std::span<u8>(useful_));
  a("trust", trust_);
  a("age", age_);
}

}  // namespace orrery::tage
