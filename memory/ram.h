// RAM holds the values; caches and DRAM models hold tags and time only.
//
// Host memory is reserved at once and committed on first touch, so a machine with 64 GiB of RAM
// costs what its guest uses. Pages carry marks: something has been derived from their contents
// (decoded code, a walked page table, a watched word), so a store to them must tell the watchers.
#pragma once

#include <memory>
#include <vector>

#include "base/component.h"
#include "base/types.h"

namespace orrery {

inline constexpr u64 page_size = 4096;
inline constexpr unsigned page_bits = 12;

enum PageMark : u8 {
  MarkCode = 1,       // decoded or translated instructions derive from it
  MarkPageTable = 2,  // cached translations derive from it
  MarkWatch = 4,      // a word the machine watches (tohost)
};

// Told of every store to a marked page.
class WriteWatcher {
 public:
  virtual ~WriteWatcher() = default;
  // `size` bytes at `address`, within one page, are about to change. `marks` are the page's.
  virtual void before_write(PhysAddr address, u64 size, u8 marks) = 0;
  // A page got its first mark: host pointers for storing to it are to be dropped.
  virtual void page_marked(PhysAddr page) = 0;
  // Whether something that this watcher keeps derives from the page, by that mark.
  virtual bool derives(PhysAddr, PageMark) const { return false; }
};

class Ram final : public Component {
 public:
  // `size` is a multiple of the page size.
  Ram(Component* parent, std::string name, PhysAddr base, u64 size);
  ~Ram() override;

  PhysAddr base() const { return base_; }
  u64 size() const { return size_; }
  bool contains(PhysAddr address, u64 bytes) const {
    const u64 offset = address.value() - base_.value();
    return offset < size_ && bytes <= size_ - offset;
  }

  // Host address of a byte of RAM. Writers through it must have called before_write().
  u8* host(PhysAddr address) { return host_ + (address - base_); }
  const u8* host(PhysAddr address) const { return host_ + (address - base_); }

  u8 marks(PhysAddr address) const { return marks_[(address - base_) >> page_bits]; }
  void mark(PhysAddr address, PageMark mark);
  void unmark(PhysAddr address, PageMark mark);
  // The same, unless something of some watcher still derives from the page.
  void release(PhysAddr address, PageMark mark);

  // Tells the watchers that the bytes are about to change, page by page where marked.
  void before_write(PhysAddr address, u64 size);

  void watch(WriteWatcher& watcher) { watchers_.push_back(&watcher); }
  void unwatch(WriteWatcher& watcher) { std::erase(watchers_, &watcher); }

  // Returns all RAM to zero and to the host.
  void clear();

 private:
  PhysAddr base_;
  u64 size_;
  u8* host_;
  u8* marks_;  // one byte a page
  std::vector<WriteWatcher*> watchers_;
};

}  // namespace orrery
