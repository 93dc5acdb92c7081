// Decoded blocks, found by virtual pc or physical address.
//
// A block ends at a jump, at an instruction that leaves anyway, at the end of its page, or at
// most_ops; a conditional branch not taken runs on inside it. Blocks are keyed by physical address,
// so that address spaces share them; a direct-mapped table by (virtual page, address-space context)
// finds a page's blocks without translating. Never stale: pages that hold decoded bytes are marked,
// and a store to a 64-byte line that does drops the page's blocks.
//
// Contract: a block stays valid memory until the next collect(), so the running one may drop itself.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cpu/exec/frame.h"
#include "cpu/isa/op.h"
#include "memory/address_space.h"

namespace orrery {

struct CodePage;

struct Block {
  u64 count = 0;             // instructions
  PhysAddr physical;         // of the first one
  std::vector<BlockOp> ops;  // count + 1: the last one ends the block

  // Where the block is kept until a write to its page; null: it is fetched and compared each time.
  CodePage* page = nullptr;

  // A translator's: how often the block was interpreted, and what it has made of it.
  mutable u32 runs = 0;
  const u8*& code() const;  // of a block that is kept
};

// What is kept of a page of RAM. Its place is the page's own until BlockWatcher::pages_dropped().
struct CodePage {
  std::array<std::unique_ptr<Block>, page_size / 2> at;  // by half of the page offset
  std::array<const u8*, page_size / 2> code{};           // what the translator has made of each
  std::bitset<page_size / 64> lines;                     // of 64 bytes, that hold decoded bytes
  bool empty = true;

  // A translator's, to tell pages that are rewritten all the time.
  u32 wasted = 0;           // times in a row that what it had made was dropped soon
  bool was_dropped = false;  // since it made something last, ...
  u64 translated_at = 0;     // ... at these hart.steps

  static u64 index(u64 address) { return (address & (page_size - 1)) / 2; }
};

inline const u8*& Block::code() const { return page->code[CodePage::index(physical.value())]; }

// Hears of each block that is dropped, while it is still valid memory.
class BlockWatcher {
 public:
  virtual ~BlockWatcher() = default;
  virtual void dropped(const Block& block) = 0;
  // All blocks have been dropped, and the pages that they were in with them.
  virtual void pages_dropped() = 0;
};

class BlockCache final : public WriteWatcher {
 public:
  static constexpr unsigned most_ops = 64;  // of a block

  // The harts that use one cache have the same extensions. RAM is in `memory` already.
  BlockCache(AddressSpace& memory, const std::vector<Hart*>& harts);
  ~BlockCache() override;

  // The block at `pc` of the hart; null when fetching traps (hart.mmu.trap()).
  const Block* find(Hart& hart, u64 pc) {
    const Known& known = known_[hart.id][pc >> page_bits & (known_size - 1)];
    if (known.number == pc >> page_bits && known.space == hart.mmu.fetch_space()) [[likely]]
      if (const Block* block = known.page->at[CodePage::index(pc)].get()) [[likely]] return block;
    return find_slow(hart, pc);
  }

  // The block of RAM at `physical`, in a page that may be fetched from as a whole and holds decoded
  // blocks already. Null when its first instruction crosses the page.
  const Block* at(PhysAddr physical);

  // Counts drops and collections: a Block found under an older epoch is dropped or gone.
  u64 epoch() const { return epoch_; }

  // Frees blocks that were dropped, among them those that are not kept at all. Nobody may hold a
  // Block across this, whichever hart it was found for.
  void collect() {
    if (dropped_.empty()) return;
    dropped_.clear();
    ++epoch_;
  }

  void watch(BlockWatcher* watcher) { watcher_ = watcher; }
  // Every block that is kept.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [number, page] : pages_)
      for (u64 i = 0; !page->empty && i < page->at.size(); ++i)
        if (page->at[i]) visit(*page->at[i]);
  }

  void drop_all();
  void drop_range(PhysAddr begin, u64 size);

  void before_write(PhysAddr address, u64 size, u8 marks) override;
  void page_marked(PhysAddr) override {}

 private:
  static constexpr u64 known_size = 1024;
  static constexpr u64 line_size = 64;
  // About 100 MB each; then all are dropped.
  static constexpr u64 most_decoded_ops = u64{4} << 20;
  static constexpr u64 most_pages = 3'000;

  struct Known {
    u64 number = ~u64{0};  // of the virtual page; this is none
    u64 space = 0;
    CodePage* page = nullptr;
  };

  const Block* find_slow(Hart& hart, u64 pc);
  const Block* find_single(Hart& hart, u64 pc);
  const Block* keep(CodePage& page, PhysAddr physical, Ram& ram);
  std::unique_ptr<Block> build(const u8* host, u64 bytes_left);
  void append(Block& block, const Op& op, u64 offset);
  void finish(Block& block, u64 end);
  void drop_page(u64 page);
  void drop_blocks(u64 number, CodePage& page);

  AddressSpace& memory_;
  BlockWatcher* watcher_ = nullptr;
  Decoder decoder_;
  std::vector<std::array<Known, known_size>> known_;          // by hart
  std::unordered_map<u64, std::unique_ptr<CodePage>> pages_;  // by page number
  // Single instructions by the physical address of their first byte, as they were when fetched last.
  struct Single {
    u32 bits = 0;
    std::unique_ptr<Block> block;
  };
  static constexpr u64 most_singles = 4096;
  std::unordered_map<u64, Single> singles_;
  std::vector<std::unique_ptr<Block>> dropped_;
  u64 decoded_ops_ = 0;
  u64 epoch_ = 0;
};

}  // namespace orrery
