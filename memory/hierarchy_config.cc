#include "memory/hierarchy_config.h"

#include "base/error.h"

namespace orrery {
namespace {

constexpr u64 most_cache_bytes = u64{16} << 30;

}  // namespace

void LevelConfig::visit(Params& p) {
  CacheConfig::visit(p);
  p("harts", harts, "harts", "neighbouring harts that share one; 0: all of them");
  p.choice("inclusion", inclusion,
           {{"none", Inclusion::None},
            {"inclusive", Inclusion::Inclusive},
            {"exclusive", Inclusion::Exclusive}},
           "holds whatever the caches above hold (inclusive), what they gave up (exclusive), or neither");
}

HierarchyConfig::HierarchyConfig() {
  l1i.ways = 4;
  l1i.latency_cycles = 1;
  l1i.mshrs = 2;
  l2.emplace();
  l2->size = Bytes{512 << 10};
  l2->latency_cycles = 12;
  l2->mshrs = 16;
  l2tlb.emplace();
  l2tlb->entries = 512;
  l2tlb->ways = 4;
  l2tlb->latency_cycles = 4;
}

void HierarchyConfig::visit(Params& p, u32 harts) {
  p.child("l1i", l1i, "each hart's instruction cache");
  p.child("l1d", l1d, "each hart's data cache");
  p.child("l2", l2, "the second-level caches; null: none");
  p.child("l3", l3, "the third-level caches; null: none");
  p.child("l4", l4, "the fourth-level caches; null: none");
  p.child("coherence", coherence, "how the harts' caches agree");
  p.child("interconnect", interconnect, "between the harts' own caches and what all share");
  p.child("numa", numa, "nodes of memory and harts");
  p.child("dram", dram, "main memory, of each node");
  p.child("itlb", itlb, "each hart's instruction TLB");
  p.child("dtlb", dtlb, "each hart's data TLB");
  for (const auto& [name, tlb] : {std::pair{"itlb", &itlb}, {"dtlb", &dtlb}})
    p.require(tlb->latency_cycles == 0, name, "latency_cycles must be 0: its hits are part of the pipeline");
  p.child("l2tlb", l2tlb, "each hart's second-level TLB; null: none");
  p.child("walk_cache", walk_cache, "each hart's upper-level page-table entries; null: none");
  p("uncacheable", uncacheable, "address ranges that no cache keeps, as \"0x81000000+4KiB\"");
  uncacheable_ranges = {};
  for (const std::string& text : uncacheable)
    p.require(uncacheable_ranges.add(text), "uncacheable",
              "must be ranges BASE+SIZE such as \"0x81000000+4KiB\"");
  p("device_latency", device_latency, "time of a load or store of a device");
  check_lines(p);
  check_sharing(p, harts);
  check_inclusion(p);
  check_total(p, harts);
}

std::vector<HierarchyConfig::Level> HierarchyConfig::levels() const {
  std::vector<Level> present;
  if (l2) present.push_back({"l2", &*l2});
  if (l3) present.push_back({"l3", &*l3});
  if (l4) present.push_back({"l4", &*l4});
  return present;
}

void HierarchyConfig::check_lines(const Params& p) const {
  const auto all = levels();
  bool lines_must_match = false;
  for (const auto& [name, level] : all)
    if (level->harts != 0 || level->inclusion != Inclusion::None) lines_must_match = true;
  u64 longest = std::max(l1i.line.value, l1d.line.value);
  for (const auto& [name, level] : all) {
    if (level->line.value < longest)
      config_error("{}.{}.line: must be at least as long as the lines of the caches above, {}B, found {}B",
                   p.path(), name, longest, level->line.value);
    longest = level->line.value;
    if (lines_must_match && level->line.value != l1d.line.value)
      config_error("{}.{}.line: must be that of l1d, {}B, where a level is inclusive, exclusive or not "
                   "shared by all harts, found {}B",
                   p.path(), name, l1d.line.value, level->line.value);
  }
  if (coherence.instruction_caches == CoherenceConfig::InstructionCaches::Directory &&
      l1i.line.value != l1d.line.value)
    config_error("{}.l1i.line: must be that of l1d, {}B, where the directory keeps instruction caches "
                 "coherent, found {}B",
                 p.path(), l1d.line.value, l1i.line.value);
}

void HierarchyConfig::check_sharing(const Params& p, u32 harts) const {
  u32 above = 1;
  const char* above_name = "l1d";
  for (const auto& [name, level] : levels()) {
    const u32 count = level->harts ? level->harts : harts;
    if (harts && harts % count != 0)
      config_error("{}.{}.harts: must be 0 (all harts) or divide the machine's {}, found {}", p.path(),
                   name, harts, level->harts);
    if (count % above != 0 || (count == 0 && above == 0))
      config_error("{}.{}.harts: must be 0 (all harts) or a multiple of the {} that share {}, found {}",
                   p.path(), name, above, above_name, level->harts);
    above = count ? count : above;
    above_name = name;
  }
  if (harts && harts % numa.nodes != 0)
    config_error("{}.numa.nodes: must divide the machine's {} harts, found {}", p.path(), harts,
                 numa.nodes);
}

void HierarchyConfig::check_total(const Params& p, u32 harts) const {
  const u64 hart_count = std::max(harts, 1u);
  u64 total = hart_count * (l1i.size.value + l1d.size.value);
  for (const auto& [name, level] : levels())
    total += (level->harts ? hart_count / level->harts : 1) * level->size.value;
  if (total > most_cache_bytes)
    config_error("{}: the caches of all harts together must be at most {}GiB, which take about as much "
                 "of the host's memory, found {}GiB",
                 p.path(), most_cache_bytes >> 30, total >> 30);
}

void HierarchyConfig::check_inclusion(const Params& p) const {
  bool written_back = l1d.write == CacheConfig::Write::Back;
  for (const auto& [name, level] : levels()) {
    written_back = written_back && level->write == CacheConfig::Write::Back;
    if (level->inclusion == Inclusion::Exclusive && !written_back)
      config_error("{}.{}.inclusion: \"exclusive\" needs write-back caches, here and above", p.path(), name);
  }
}

}  // namespace orrery
