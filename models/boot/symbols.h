// The names of a guest program: which function an address lies in, and where a name stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace orrery {

struct Symbol {
  std::string name;
  u64 address = 0;  // as the program sees it (virtual)
  u64 size = 0;     // 0: unknown, as with labels of assembly
  u64 reach = 0;    // with unknown size: bytes to the end of the section
  bool code = false;
  bool global = false;
};

class SymbolTable {
 public:
  struct Place {
    std::string_view name;
    u64 offset;
  };

  SymbolTable() = default;
  explicit SymbolTable(std::vector<Symbol> symbols);

  // The function that holds `address`. One without a size reaches to the next function.
  std::optional<Place> lookup(u64 address) const;

  // "name+0x12", "name" at its first byte, "" when no function holds the address.
  std::string describe(u64 address) const;

  // The address of a symbol of any kind; a global one is preferred to a local one.
  std::optional<u64> find(std::string_view name) const;

  // Adds `distance` (modulo 2^64) to every address: the program was loaded elsewhere.
  void move_by(u64 distance);

  bool empty() const { return symbols_.empty(); }
  const std::vector<Symbol>& all() const { return symbols_; }  // by name

 private:
  void sort();

  std::vector<Symbol> symbols_;
  std::vector<std::size_t> by_address_;  // indices of functions, one an address
};

}  // namespace orrery
