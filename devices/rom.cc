#include "devices/rom.h"

#include "base/archive.h"
#include "base/error.h"

namespace orrery {

Rom::Rom(Component* parent, std::string name, u64 size)
    : Component(parent, std::move(name)), size_(size) {}

void Rom::program(std::span<const u8> contents) {
  ORRERY_CHECK(contents.size() <= size_, "{}: {} bytes do not fit in {}", path(), contents.size(),
               size_);
  contents_.assign(contents.begin(), contents.end());
}

bool Rom::read(u64 offset, unsigned size, u64& value, Tick) {
  value = 0;
  for (unsigned i = 0; i < size && offset + i < contents_.size(); ++i)
    value |= u64{contents_[offset + i]} << (8 * i);
  return true;
}

bool Rom::write(u64, unsigned, u64, Tick) { return true; }

void Rom::state(Archive& a) { a.resizable("contents", contents_, size_); }

}  // namespace orrery
