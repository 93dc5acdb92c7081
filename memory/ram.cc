#include "memory/ram.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/bits.h"
#include "base/error.h"
#include "base/units.h"

namespace orrery {
namespace {

u8* reserve(u64 bytes, const std::string& path) {
  void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1, 0);
  if (p == MAP_FAILED)
    config_error("{}.size: the host cannot reserve {} ({})", path,
                 format_quantity(bytes, Unit::Bytes), std::strerror(errno));
  return static_cast<u8*>(p);
}

}  // namespace

Ram::Ram(Component* parent, std::string name, PhysAddr base, u64 size)
    : Component(parent, std::move(name)),
      base_(base),
      size_(size),
      host_(reserve(size, path())),
      marks_(reserve(align_up(size / page_size, page_size), path())) {}

Ram::~Ram() {
  munmap(host_, size_);
  munmap(marks_, align_up(size_ / page_size, page_size));
}

void Ram::mark(PhysAddr address, PageMark mark) {
  u8& marks = marks_[(address - base_) >> page_bits];
  const bool first = marks == 0;
  marks = static_cast<u8>(marks | mark);
  if (!first) return;
  const PhysAddr page{align_down(address.value(), page_size)};
  for (WriteWatcher* watcher : watchers_) watcher->page_marked(page);
}

void Ram::unmark(PhysAddr address, PageMark mark) {
  u8& marks = marks_[(address - base_) >> page_bits];
  marks = static_cast<u8>(marks & ~mark);
}

void Ram::release(PhysAddr address, PageMark mark) {
  const PhysAddr page{align_down(address.value(), page_size)};
  for (const WriteWatcher* watcher : watchers_)
    if (watcher->derives(page, mark)) return;
  unmark(page, mark);
}

void Ram::before_write(PhysAddr address, u64 size) {
  while (size != 0) {
    const u64 in_page = std::min(size, page_size - (address.value() & (page_size - 1)));
    if (const u8 page_marks = marks(address)) {
      for (WriteWatcher* watcher : watchers_) watcher->before_write(address, in_page, page_marks);
    }
    address += in_page;
    size -= in_page;
  }
}

void Ram::clear() {
  before_write(base_, size_);
  madvise(host_, size_, MADV_DONTNEED);
}

}  // namespace orrery
