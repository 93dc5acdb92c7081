#include "checkpoint/touched_pages.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "memory/ram.h"

namespace orrery {

TouchedPages::TouchedPages(const u8* begin)
    : begin_(reinterpret_cast<u64>(begin)),
      pagemap_(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}

// proc(5): 64 bits a page of the host, bit 63 present, bit 62 swapped.
void TouchedPages::read(u64 first, std::span<u8> touched) const {
  std::fill(touched.begin(), touched.end(), u8{1});
  if (!pagemap_ || sysconf(_SC_PAGESIZE) != static_cast<long>(page_size)) return;
  std::vector<u64> entries(touched.size());
  const std::size_t bytes = entries.size() * sizeof(u64);
  const u64 offset = (begin_ / page_size + first) * sizeof(u64);
  if (pread(pagemap_.get(), entries.data(), bytes, static_cast<off_t>(offset)) !=
      static_cast<ssize_t>(bytes))
    return;
  for (std::size_t i = 0; i < entries.size(); ++i) touched[i] = (entries[i] >> 62) != 0;
}

}  // namespace orrery
