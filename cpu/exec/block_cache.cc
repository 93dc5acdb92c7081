#include "cpu/exec/block_cache.h"

#include <cstring>

#include "base/bits.h"

namespace orrery {

BlockCache::BlockCache(AddressSpace& memory, const std::vector<Hart*>& harts)
    : memory_(memory), decoder_(harts.at(0)->config.extensions), known_(harts.size()) {
  for (const auto& region : memory_.regions())
    if (region.ram) region.ram->watch(*this);
}

BlockCache::~BlockCache() {
  for (const auto& region : memory_.regions())
    if (region.ram) region.ram->unwatch(*this);
}

void BlockCache::append(Block& block, const Op& op, u64 offset) {
  block.ops.push_back({chained_handler(op.row), op, static_cast<u16>(offset), static_cast<u16>(block.count)});
  ++block.count;
}

void BlockCache::finish(Block& block, u64 end) {
  Op none;
  none.length = 0;
  block.ops.push_back({end_of_block_handler(), none, static_cast<u16>(end),
                       static_cast<u16>(block.count)});
}

std::unique_ptr<Block> BlockCache::build(const u8* host, u64 bytes_left) {
  auto block = std::make_unique<Block>();
  u64 offset = 0;
  while (block->count < most_ops && offset + 2 <= bytes_left) {
    u32 bits = 0;
    std::memcpy(&bits, host + offset, 2);
    if (!is_compressed(bits)) {
      if (offset + 4 > bytes_left) break;  // crosses the page: a block of its own, not cached
      std::memcpy(&bits, host + offset, 4);
    }
    const Op op = decoder_.decode(bits);
    append(*block, op, offset);
    offset += op.length;
    if (ends_block(row_info(op.row).op_class)) break;
  }
  finish(*block, offset);
  block->ops.shrink_to_fit();
  return block;
}

// An instruction outside RAM (a boot ROM), or one that crosses a page: no mark would tell of every
// change, so it is fetched each time.
const Block* BlockCache::find_single(Hart& hart, u64 pc) {
  u32 bits = 0;
  PhysAddr physical;
  if (hart.mmu.fetch(pc, bits) != MemoryStatus::Ok ||
      hart.mmu.translate_fetch(pc, physical) != MemoryStatus::Ok)
    return nullptr;
  ++epoch_;  // who found it before looks again
  if (singles_.size() >= most_singles) {
    for (auto& [address, single] : singles_) dropped_.push_back(std::move(single.block));
    singles_.clear();
  }
  Single& single = singles_[physical.value()];
  if (single.block && single.bits == bits) return single.block.get();
  if (single.block) dropped_.push_back(std::move(single.block));
  single = {bits, std::make_unique<Block>()};
  const Op op = decoder_.decode(bits);
  append(*single.block, op, 0);
  finish(*single.block, op.length);
  single.block->physical = physical;
  return single.block.get();
}

// Decodes the block at `physical` of the page; null when its first instruction crosses the page.
const Block* BlockCache::keep(CodePage& page, PhysAddr physical, Ram& ram) {
  const u64 offset = physical.value() & (page_size - 1);
  auto block = build(ram.host(physical), page_size - offset);
  if (block->count == 0) return nullptr;
  const u64 last = offset + block->ops.back().offset - 1;
  for (u64 line = offset / line_size; line <= last / line_size; ++line) page.lines.set(line);
  ram.mark(physical, MarkCode);
  block->physical = physical;
  block->page = &page;
  decoded_ops_ += block->ops.size();
  page.empty = false;
  return (page.at[CodePage::index(offset)] = std::move(block)).get();
}

const Block* BlockCache::at(PhysAddr physical) {
  const auto page = pages_.find(physical.value() >> page_bits);
  Ram* ram = memory_.ram_at(physical, 2);
  if (page == pages_.end() || page->second->empty || !ram) return nullptr;
  const Block* block = page->second->at[CodePage::index(physical.value())].get();
  return block ? block : keep(*page->second, physical, *ram);
}

const Block* BlockCache::find_slow(Hart& hart, u64 pc) {
  PhysAddr physical;
  if (hart.mmu.translate_fetch(pc, physical) != MemoryStatus::Ok) return nullptr;
  Ram* ram = memory_.ram_at(physical, 2);
  // Blocks run to the end of the page, so all of it must be open to fetches, which PMP may forbid.
  if (!ram || !hart.mmu.fetchable_page(pc)) return find_single(hart, pc);
  const u64 offset = physical.value() & (page_size - 1);
  const u64 number = physical.value() >> page_bits;
  if (offset == page_size - 2 && !is_compressed(*ram->host(physical))) return find_single(hart, pc);
  std::unique_ptr<CodePage>& page = pages_[number];
  if (!page) page = std::make_unique<CodePage>();
  const Block* block = page->at[CodePage::index(offset)].get();
  if (!block) block = keep(*page, physical, *ram);
  if (!block) return find_single(hart, pc);
  if (decoded_ops_ > most_decoded_ops || pages_.size() > most_pages) {
    drop_all();
    return find_single(hart, pc);
  }
  known_[hart.id][pc >> page_bits & (known_size - 1)] = {pc >> page_bits, hart.mmu.fetch_space(), page.get()};
  return block;
}

void BlockCache::drop_blocks(u64 number, CodePage& page) {
  for (auto& block : page.at) {
    if (!block) continue;
    decoded_ops_ -= block->ops.size();
    if (watcher_) watcher_->dropped(*block);
    block->page = nullptr;
    dropped_.push_back(std::move(block));
  }
  page.code.fill(nullptr);
  page.lines.reset();
  page.empty = true;
  const PhysAddr address{number << page_bits};
  if (Ram* ram = memory_.ram_at(address, page_size)) ram->unmark(address, MarkCode);
  ++epoch_;
}

// The page stays, and what knows it: its next blocks will be there.
void BlockCache::drop_page(u64 number) {
  const auto found = pages_.find(number);
  if (found != pages_.end() && !found->second->empty) drop_blocks(number, *found->second);
}

void BlockCache::drop_all() {
  for (auto& [number, page] : pages_) drop_blocks(number, *page);
  pages_.clear();
  for (auto& table : known_) table.fill(Known{});
  if (watcher_) watcher_->pages_dropped();
}

void BlockCache::drop_range(PhysAddr begin, u64 size) {
  if (size == 0) return drop_all();
  const u64 last = (begin.value() + size - 1) >> page_bits;
  for (u64 number = begin.value() >> page_bits; number <= last; ++number) drop_page(number);
}

void BlockCache::before_write(PhysAddr address, u64 size, u8 marks) {
  if (!(marks & MarkCode)) return;
  const u64 number = address.value() >> page_bits;
  const auto found = pages_.find(number);
  if (found == pages_.end()) return;
  const u64 offset = address.value() & (page_size - 1);
  for (u64 line = offset / line_size; line <= (offset + size - 1) / line_size; ++line) {
    if (!found->second->lines.test(line)) continue;
    drop_page(number);
    return;
  }
}

}  // namespace orrery
