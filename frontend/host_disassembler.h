// Host code as text.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/types.h"

namespace orrery {

struct HostInstruction {
  u64 offset = 0;  // from the first byte
  u64 size = 0;    // bytes
  std::string text;
};

class HostDisassembler {
 public:
  HostDisassembler();
  ~HostDisassembler();
  HostDisassembler(const HostDisassembler&) = delete;
  HostDisassembler& operator=(const HostDisassembler&) = delete;

  // Every byte of `code`, in order and without gaps; what is no instruction as ".byte". `name` gives
  // the text of a jump's or call's target, "" for its plain address.
  using NameTarget = std::function<std::string(u64 address)>;
  std::vector<HostInstruction> disassemble(std::span<const u8> code, const NameTarget& name) const;

 private:
  std::size_t handle_ = 0;  // Capstone's
};

}  // namespace orrery
