// A short list of physical address ranges, as a description writes them: "0x81000000+0x1000".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/types.h"

namespace orrery {

class AddressRanges {
 public:
  void add(PhysAddr base, u64 size) { ranges_.push_back({base, size}); }
  // False when the text is no range.
  bool add(const std::string& text);

  bool contains(PhysAddr address) const {
    for (const Range& range : ranges_)
      if (address.value() - range.base.value() < range.size) return true;
    return false;
  }

 private:
  struct Range {
    PhysAddr base;
    u64 size;
  };
  std::vector<Range> ranges_;
};

}  // namespace orrery
