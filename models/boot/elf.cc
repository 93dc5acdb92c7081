#include "models/boot/elf.h"

#include <algorithm>

#include "base/error.h"
#include "models/boot/bytes.h"

namespace orrery {
namespace {

// System V ABI, chapter 4 and 5; RISC-V ELF psABI.
constexpr u64 header_size = 64;
constexpr u64 program_header_size = 56;
constexpr u64 section_header_size = 64;
constexpr u64 symbol_size = 24;
constexpr u16 machine_riscv = 243;

std::string machine_name(u16 machine) {
  switch (machine) {
    case 3: return "i386";
    case 8: return "MIPS";
    case 21: return "PowerPC 64";
    case 22: return "S/390";
    case 40: return "ARM";
    case 62: return "x86-64";
    case 183: return "AArch64";
    case 258: return "LoongArch";
    default: return fmt::format("machine number {}", machine);
  }
}

void check_header(const std::string& name, std::span<const u8> bytes) {
  if (!is_elf(bytes)) config_error("{}: not an ELF file", name);
  if (bytes.size() < header_size) config_error("{}: the ELF header is truncated", name);
  if (bytes[5] == 2) config_error("{}: big-endian ELF, expected little-endian RISC-V", name);
  if (bytes[4] != 1 && bytes[4] != 2)
    config_error("{}: damaged ELF header (class {})", name, bytes[4]);
  if (bytes[5] != 1) config_error("{}: damaged ELF header (data encoding {})", name, bytes[5]);
  // The machine stands at the same place in both classes.
  const u16 machine = field<u16>(bytes, 18);
  if (machine != machine_riscv)
    config_error("{}: ELF for {}, expected RISC-V", name, machine_name(machine));
  if (bytes[4] == 1) config_error("{}: ELF for 32-bit RISC-V, expected 64-bit", name);
  switch (const u16 type = field<u16>(bytes, 16)) {
    case 1: config_error("{}: an object file that was not linked, expected a program", name);
    case 2:
    case 3: break;
    case 4: config_error("{}: a core dump, expected a program", name);
    default: config_error("{}: damaged ELF header (type {})", name, type);
  }
}

std::vector<ElfSegment> read_segments(const std::string& name, std::span<const u8> bytes) {
  const u64 table = field<u64>(bytes, 32);
  const u64 count = field<u16>(bytes, 56);
  if (count != 0 && field<u16>(bytes, 54) != program_header_size)
    config_error("{}: damaged ELF header (program headers of {} bytes)", name,
                 field<u16>(bytes, 54));
  if (count != 0 && !holds(bytes, table, count * program_header_size))
    config_error("{}: the table of program headers is truncated", name);

  std::vector<ElfSegment> segments;
  for (u64 i = 0; i < count; ++i) {
    const u64 at = table + i * program_header_size;
    const u32 type = field<u32>(bytes, at);
    constexpr u32 load = 1, interpreter = 3;
    if (type == interpreter)
      config_error("{}: a dynamically linked program of an operating system, not bare-metal", name);
    if (type != load) continue;
    ElfSegment segment;
    segment.executable = (field<u32>(bytes, at + 4) & 1) != 0;
    segment.offset = field<u64>(bytes, at + 8);
    segment.virtual_address = VirtAddr{field<u64>(bytes, at + 16)};
    segment.physical = PhysAddr{field<u64>(bytes, at + 24)};
    segment.file_size = field<u64>(bytes, at + 32);
    segment.memory_size = field<u64>(bytes, at + 40);
    if (segment.memory_size == 0 && segment.file_size == 0) continue;
    if (segment.file_size > segment.memory_size)
      config_error("{}: segment {} has more bytes in the file ({}) than in memory ({})", name, i,
                   segment.file_size, segment.memory_size);
    if (!holds(bytes, segment.offset, segment.file_size))
      config_error("{}: segment {} is truncated: it ends at byte {}, the file at {}", name, i,
                   static_cast<u128>(segment.offset) + segment.file_size, bytes.size());
    const u64 most = ~u64{0} - segment.memory_size;
    if (segment.physical.value() > most || segment.virtual_address.value() > most)
      config_error("{}: segment {} of {:#x} bytes reaches past the last address", name, i,
                   segment.memory_size);
    segments.push_back(segment);
  }
  if (segments.empty()) config_error("{}: an ELF file with nothing to load", name);
  return segments;
}

struct Section {
  u32 type;
  u64 flags, address, offset, size;
  u32 link;
  u64 entry_size;
};

std::vector<Section> read_sections(const std::string& name, std::span<const u8> bytes) {
  const u64 table = field<u64>(bytes, 40);
  const u64 count = table == 0 ? 0 : field<u16>(bytes, 60);
  if (count != 0 && field<u16>(bytes, 58) != section_header_size)
    config_error("{}: damaged ELF header (section headers of {} bytes)", name,
                 field<u16>(bytes, 58));
  if (count != 0 && !holds(bytes, table, count * section_header_size))
    config_error("{}: the table of section headers is truncated", name);
  std::vector<Section> sections;
  for (u64 i = 0; i < count; ++i) {
    const u64 at = table + i * section_header_size;
    sections.push_back({field<u32>(bytes, at + 4), field<u64>(bytes, at + 8),
                        field<u64>(bytes, at + 16), field<u64>(bytes, at + 24),
                        field<u64>(bytes, at + 32), field<u32>(bytes, at + 40),
                        field<u64>(bytes, at + 56)});
  }
  return sections;
}

// One entry of a symbol table; nothing for those that name no place of the program.
std::optional<Symbol> read_symbol(std::span<const u8> entry, std::string_view strings,
                                  const std::vector<Section>& sections) {
  const u64 name_at = field<u32>(entry, 0);
  const u8 info = entry[4];
  const u16 index = field<u16>(entry, 6);
  constexpr u16 absolute = 0xfff1;
  constexpr unsigned no_type = 0, object = 1, function = 2;
  const unsigned type = info & 15;
  if (index == 0 || (type != no_type && type != object && type != function)) return std::nullopt;
  if (index >= sections.size() && index != absolute) return std::nullopt;

  if (name_at >= strings.size()) return std::nullopt;
  const std::string_view text =
      strings.substr(name_at, strings.substr(name_at).find('\0'));
  // "$x" and "$d" mark code and data for disassemblers, ".L" is local to the assembler.
  if (text.empty() || text.starts_with("$") || text.starts_with(".L")) return std::nullopt;

  Symbol symbol{.name = std::string(text),
                .address = field<u64>(entry, 8),
                .size = field<u64>(entry, 16),
                .code = type == function,
                .global = (info >> 4) != 0};
  if (index == absolute) return symbol;
  const Section& section = sections[index];
  const u64 offset = symbol.address - section.address;
  constexpr u64 executable = 4;
  const bool inside = symbol.address >= section.address && offset < section.size;
  if (inside) symbol.reach = section.size - offset;
  symbol.code = inside && type != object && (section.flags & executable) != 0;
  return symbol;
}

SymbolTable read_symbols(const std::string& name, std::span<const u8> bytes) {
  const auto sections = read_sections(name, bytes);
  std::vector<Symbol> symbols;
  for (const Section& section : sections) {
    constexpr u32 symbol_table = 2;
    if (section.type != symbol_table) continue;
    if (section.entry_size != symbol_size || section.link >= sections.size())
      config_error("{}: damaged symbol table", name);
    const Section& names = sections[section.link];
    if (!holds(bytes, section.offset, section.size) || !holds(bytes, names.offset, names.size))
      config_error("{}: the symbol table is truncated", name);
    const auto string_bytes = bytes.subspan(names.offset, names.size);
    const std::string_view strings(reinterpret_cast<const char*>(string_bytes.data()),
                                   string_bytes.size());
    // Names may share their bytes, but not so that a small file fills the host's memory.
    const u64 most_name_bytes = (u64{64} << 20) + 4 * names.size;
    u64 name_bytes = 0;
    for (u64 at = 0; at + symbol_size <= section.size; at += symbol_size) {
      auto symbol = read_symbol(bytes.subspan(section.offset + at, symbol_size), strings, sections);
      if (!symbol) continue;
      name_bytes += symbol->name.size();
      if (name_bytes > most_name_bytes) config_error("{}: damaged symbol table", name);
      symbols.push_back(std::move(*symbol));
    }
    break;  // a program has one
  }
  return SymbolTable(std::move(symbols));
}

}  // namespace

std::optional<PhysAddr> ElfFile::physical(u64 address) const {
  for (const ElfSegment& segment : segments) {
    const PhysAddr same{address};
    if (same >= segment.physical && same - segment.physical < segment.memory_size) return same;
  }
  for (const ElfSegment& segment : segments) {
    const u64 offset = address - segment.virtual_address.value();
    if (VirtAddr{address} >= segment.virtual_address && offset < segment.memory_size)
      return segment.physical + offset;
  }
  return std::nullopt;
}

PhysAddr ElfFile::lowest() const {
  return std::min_element(segments.begin(), segments.end(),
                          [](const auto& a, const auto& b) { return a.physical < b.physical; })
      ->physical;
}

bool is_elf(std::span<const u8> bytes) { return matches(bytes, 0, "\x7f" "ELF"); }

ElfFile parse_elf(const std::string& name, std::span<const u8> bytes) {
  check_header(name, bytes);
  ElfFile file;
  file.entry = field<u64>(bytes, 24);
  file.segments = read_segments(name, bytes);
  file.symbols = read_symbols(name, bytes);
  return file;
}

}  // namespace orrery
