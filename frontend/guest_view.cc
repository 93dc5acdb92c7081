#include "frontend/guest_view.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <span>
#include <string_view>

#include "base/error.h"
#include "cpu/isa/disassemble.h"
#include "frontend/files.h"
#include "memory/address_space.h"
#include "models/boot/elf.h"

namespace orrery {

const char* privilege_name(Privilege privilege) {
  switch (privilege) {
    case Privilege::User: return "U";
    case Privilege::Supervisor: return "S";
    case Privilege::Machine: return "M";
  }
  return "?";
}

std::optional<u64> word_at(const Hart& hart, u64 address) {
  if (address % 8 != 0) return std::nullopt;
  const auto physical = hart.mmu.peek(address, AccessKind::Load);
  std::array<u8, 8> bytes;
  if (!physical || !hart.memory.read_bytes(*physical, bytes)) return std::nullopt;
  u64 value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= u64{bytes[i]} << (8 * i);
  return value;
}

std::string describe_address(const SymbolTable& symbols, u64 address) {
  const std::string name = symbols.describe(address);
  return fmt::format("{:016x}{}{}", address, name.empty() ? "" : " ", name);
}

std::optional<GuestInstruction> instruction_at(const Hart& hart, u64 pc) {
  const auto bits = hart.mmu.peek_fetch(pc);
  if (!bits) return std::nullopt;
  const bool compressed = (*bits & 3) != 3;  // (I, 27)
  const u32 own = compressed ? *bits & 0xffff : *bits;
  return GuestInstruction{own, compressed ? 2u : 4u, disassemble(own, pc, hart.config.extensions)};
}

namespace {

SymbolTable parse_system_map(const std::string& file, std::string_view text) {
  std::vector<Symbol> symbols;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    Symbol symbol;
    const auto [after, error] =
        std::from_chars(line.data(), line.data() + line.size(), symbol.address, 16);
    const std::string_view rest = line.substr(static_cast<std::size_t>(after - line.data()));
    if (error != std::errc() || rest.size() < 4 || rest[0] != ' ' || rest[2] != ' ')
      config_error("--symbols: {}:{}: expected an ELF file or lines \"address letter name\"", file,
                   line_number);
    // Upper case is global, and t is text (nm(1)).
    const char letter = rest[1];
    symbol.global = letter >= 'A' && letter <= 'Z';
    symbol.code = letter == 't' || letter == 'T' || letter == 'w' || letter == 'W';
    symbol.reach = u64{1} << 20;  // unknown; a function this long is a gap
    symbol.name = rest.substr(3);
    symbols.push_back(std::move(symbol));
  }
  if (symbols.empty()) config_error("--symbols: {}: has no symbols", file);
  return SymbolTable(std::move(symbols));
}

}  // namespace

SymbolTable read_symbols(const std::string& file) {
  const std::string text = read_text_file(file);
  const std::span bytes(reinterpret_cast<const u8*>(text.data()), text.size());
  if (is_elf(bytes)) return parse_elf("--symbols: " + file, bytes).symbols;
  return parse_system_map(file, text);
}

SymbolTable symbols_if_readable(const std::string& file) {
  try {
    return read_symbols(file);
  } catch (const ConfigError&) {
    return {};  // names are a convenience here; their absence is no mistake of the user
  }
}

}  // namespace orrery
