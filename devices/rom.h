// Boot ROM: bytes that the machine's maker put there. Writes of the guest do nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/component.h"
#include "memory/bus.h"

namespace orrery {

class Rom final : public Component, public BusTarget {
 public:
  Rom(Component* parent, std::string name, u64 size);

  u64 size() const { return size_; }

  // New contents from offset 0, zeros behind; no more than size() bytes.
  void program(std::span<const u8> contents);

  bool read(u64 offset, unsigned size, u64& value, Tick now) override;
  bool write(u64 offset, unsigned size, u64 value, Tick now) override;
  bool executable() const override { return true; }

  void state(Archive& a) override;

 private:
  u64 size_;
  std::vector<u8> contents_;  // without the zeros behind
};

}  // namespace orrery
