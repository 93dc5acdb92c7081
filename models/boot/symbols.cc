#include "models/boot/symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace orrery {

SymbolTable::SymbolTable(std::vector<Symbol> symbols) : symbols_(std::move(symbols)) { sort(); }

void SymbolTable::move_by(u64 distance) {
  if (distance == 0) return;
  for (Symbol& symbol : symbols_) symbol.address += distance;
  sort();  // addresses may have wrapped
}

void SymbolTable::sort() {
  by_address_.clear();
  std::sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) {
    return std::tuple(std::string_view(a.name), !a.global, a.address) <
           std::tuple(std::string_view(b.name), !b.global, b.address);
  });
  for (std::size_t i = 0; i < symbols_.size(); ++i)
    if (symbols_[i].code) by_address_.push_back(i);
  // Of several names of one address, the global one with a size tells most.
  std::sort(by_address_.begin(), by_address_.end(), [this](std::size_t a, std::size_t b) {
    const Symbol& x = symbols_[a];
    const Symbol& y = symbols_[b];
    return std::tuple(x.address, x.size == 0, !x.global, a) <
           std::tuple(y.address, y.size == 0, !y.global, b);
  });
  by_address_.erase(std::unique(by_address_.begin(), by_address_.end(),
                                [this](std::size_t a, std::size_t b) {
                                  return symbols_[a].address == symbols_[b].address;
                                }),
                    by_address_.end());
}

std::optional<SymbolTable::Place> SymbolTable::lookup(u64 address) const {
  const auto after = std::upper_bound(
      by_address_.begin(), by_address_.end(), address,
      [this](u64 wanted, std::size_t index) { return wanted < symbols_[index].address; });
  if (after == by_address_.begin()) return std::nullopt;
  const Symbol& symbol = symbols_[*(after - 1)];
  const u64 offset = address - symbol.address;
  const u64 reach = symbol.size != 0 ? symbol.size : symbol.reach;
  if (offset >= reach) return std::nullopt;
  return Place{symbol.name, offset};
}

std::string SymbolTable::describe(u64 address) const {
  const auto place = lookup(address);
  if (!place) return {};
  return place->offset ? fmt::format("{}+{:#x}", place->name, place->offset)
                       : std::string(place->name);
}

std::optional<u64> SymbolTable::find(std::string_view name) const {
  const auto at = std::lower_bound(symbols_.begin(), symbols_.end(), name,
                                   [](const Symbol& s, std::string_view n) { return s.name < n; });
  if (at == symbols_.end() || at->name != name) return std::nullopt;
  return at->address;
}

}  // namespace orrery
