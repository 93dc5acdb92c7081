// Which pages of an anonymous mapping have ever been touched: the others are zero, and reading them
// would only cost memory. Swapped pages count as touched (mincore() does not say so).
#pragma once

#include <span>

#include "base/types.h"
#include "checkpoint/files.h"

namespace orrery {

class TouchedPages {
 public:
  explicit TouchedPages(const u8* begin);
  // touched[i] is 0 when page first + i holds zeros for certain.
  void read(u64 first, std::span<u8> touched) const;

 private:
  u64 begin_;
  Descriptor pagemap_;
};

}  // namespace orrery
