// What a hart's timing TLBs do together, whoever asks: a core, or what keeps them warm.
#pragma once

#include "memory/hierarchy.h"

namespace orrery {

// The first-level `tlb` missed: fills it. True: the second level had it. Otherwise `walk` (addresses of
// page-table entries root first, their `count`, the `level` found) becomes what read_tables() gives,
// less what the walk cache has at hand: the reads of a walk.
template <class Walk, class ReadTables>
bool fill_tlb(const Hierarchy::Ports& ports, TimingTlb& tlb, u64 address, u32 context, Walk& walk,
              ReadTables&& read_tables) {
  if (ports.l2tlb && ports.l2tlb->lookup(address, context)) {
    tlb.insert(address, context, 0);
    return true;
  }
  walk = read_tables();
  if (ports.walk_cache) ports.walk_cache->shorten(address, context, walk);
  if (ports.l2tlb) ports.l2tlb->insert(address, context, walk.level);
  tlb.insert(address, context, walk.level);
  return false;
}

// sfence.vma, whatever its operands.
inline void flush_tlbs(const Hierarchy::Ports& ports) {
  ports.itlb.flush();
  ports.dtlb.flush();
  if (ports.l2tlb) ports.l2tlb->flush();
  if (ports.walk_cache) ports.walk_cache->flush();
}

}  // namespace orrery
