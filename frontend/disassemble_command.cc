// orrery disassemble FILE: the instructions of a program, with its names.
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <span>

#include "base/error.h"
#include "cpu/arch/hart_config.h"
#include "cpu/isa/disassemble.h"
#include "frontend/files.h"
#include "frontend/options.h"
#include "frontend/output.h"
#include "frontend/subcommand.h"
#include "models/boot/elf.h"

namespace orrery {
namespace {

struct Code {
  u64 address;
  std::span<const u8> bytes;
};

u32 half(std::span<const u8> bytes, std::size_t at) {
  return static_cast<u32>(bytes[at] | bytes[at + 1] << 8);
}

void print_code(const Code& code, const SymbolTable& symbols, const ExtensionSet& extensions) {
  for (std::size_t at = 0; at + 2 <= code.bytes.size();) {
    const u64 pc = code.address + at;
    u32 bits = half(code.bytes, at);
    const bool compressed = (bits & 3) != 3;  // (I, 27)
    const bool whole = compressed || at + 4 <= code.bytes.size();
    const std::size_t size = compressed || !whole ? 2 : 4;
    if (size == 4) bits |= half(code.bytes, at + 2) << 16;
    const auto place = symbols.lookup(pc);
    if (place && place->offset == 0) print(fmt::format("\n{:016x} <{}>:\n", pc, place->name));
    print(fmt::format("{:>16x}:  {:0{}x}{}  {}\n", pc, bits, 2 * size, size == 2 ? "    " : "",
                      whole ? disassemble(bits, pc, extensions) : fmt::format(".half {:#06x}", bits)));
    at += size;
  }
  if (code.bytes.size() % 2 != 0)
    print(fmt::format("{:>16x}:  {:02x}        .byte {:#04x}\n", code.address + code.bytes.size() - 1,
                      code.bytes.back(), code.bytes.back()));
}

u64 parse_address(const std::string& text) {
  std::string_view digits = text;
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  u64 value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size() || value % 2 != 0)
    config_error("--address: expected an even hexadecimal address such as 0x80000000, found \"{}\"",
                 text);
  return value;
}

ExtensionSet extensions_of(const std::optional<std::string>& isa) {
  ExtensionSet result;
  const std::string problem = ExtensionSet::parse(isa.value_or(HartConfig().isa), result);
  if (!problem.empty()) config_error("--isa: {}, found \"{}\"", problem, *isa);
  return result;
}

}  // namespace

int disassemble_command(const Arguments& args) {
  std::vector<std::string> files;
  std::optional<std::string> address, isa;
  Options options("disassemble FILE [flags]",
                  "Prints the instructions of an ELF file, or of plain bytes with --address.");
  options.value("address", "ADDRESS", address, "FILE holds plain bytes that stand at this address")
      .value("isa", "ISA", isa, "extensions to know, such as rv64gc")
      .arguments("FILE", files, 1, 1);
  if (!options.parse(args)) return 0;
  const ExtensionSet extensions = extensions_of(isa);
  const std::string text = read_text_file(files[0]);
  const std::span bytes(reinterpret_cast<const u8*>(text.data()), text.size());
  if (address) {
    print_code({parse_address(*address), bytes}, {}, extensions);
    return 0;
  }
  if (!is_elf(bytes))
    config_error("{}: is no ELF file; plain bytes need --address", files[0]);
  const ElfFile elf = parse_elf(files[0], bytes);
  for (const ElfSegment& segment : elf.segments)
    if (segment.executable)
      print_code({segment.virtual_address.value(), bytes.subspan(segment.offset, segment.file_size)},
                 elf.symbols, extensions);
  return 0;
}

}  // namespace orrery
