// A random bare-metal program as an image of RAM from 0x80000000 on, and as an ELF file.
#pragma once

#include <cstring>
#include <string>

#include "tests/lockstep/random/support_code.h"

namespace orrery::random_programs {

// What an implementation does differently from the manual or, where that leaves a choice, from
// Orrery, so that programs leave it out. All false: nothing is left out.
struct ReferenceGaps {
  bool no_mprv = false;               // MPRV and MPP change under cached translations
  bool no_reserved_pte_bits = false;  // bits 54 to 60, reserved PBMT: not looked at; NAPOT: too late
  bool no_distant_table = false;      // a table beyond RAM is a page fault, not an access fault
  bool amo_loads = false;  // AMOs report the faults of loads: delegate load and store faults alike
  bool no_odd_epc = false;            // mepc and sepc keep bit 0
  bool values_write = false;          // csrrs with rs1 != x0 writes only if the value is not 0
  bool no_distant_block = false;      // cbo.* beyond RAM do not fault
  bool partial_stores = false;  // the first page keeps its part of a store that faults in the second
  bool no_ctzw = false;  // ctzw of a value whose low half is 0 counts on in the high half
};

// QEMU 7.2.
inline constexpr ReferenceGaps qemu_gaps{true, true, true, true, true, true, true, false, true};

struct ProgramOptions {
  u64 seed = 1;
  unsigned items = 1500;      // random pieces, of one to a dozen instructions
  u64 passes = 2;             // times that they are run
  ProgramMode mode = ProgramMode::Machine;
  unsigned levels = 0;        // page-table levels: 0 (not translated), 3, 4, 5
  bool pmp = false;           // random protection of parts of the data
  bool cache_blocks = false;  // Zicboz and Zicbom
  bool adue = true;           // A and D bits are updated by hardware
  ReferenceGaps gaps{};
};

struct Program {
  std::vector<u8> image;  // from layout::boot on
};

// 64-bit little-endian RISC-V executable with one segment and the symbols of tohost (System V ABI, 4).
inline std::vector<u8> elf_file(const Program& program) {
  std::vector<u8> file;
  const auto put = [&file](u64 value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) file.push_back(static_cast<u8>(value >> (8 * i)));
  };
  const std::string strings("\0tohost\0fromhost\0.symtab\0.strtab\0", 33);
  constexpr u64 header = 64, program_header = 56, section_header = 64, symbol = 24;
  const u64 sections_at = header + program_header;
  const u64 symbols_at = sections_at + 3 * section_header;
  const u64 strings_at = symbols_at + 3 * symbol;
  const u64 image_at = align_up(strings_at + strings.size(), 4096);

  put(0x00010102464c457f, 8);  // magic, 64 bits, little-endian, version 1
  put(0, 8);
  put(2, 2), put(243, 2), put(1, 4);  // EXEC, RISC-V
  put(layout::boot, 8), put(header, 8), put(sections_at, 8);
  put(0, 4), put(header, 2), put(program_header, 2), put(1, 2), put(section_header, 2), put(3, 2), put(2, 2);
  put(1, 4), put(7, 4), put(image_at, 8), put(layout::boot, 8), put(layout::boot, 8);  // LOAD, rwx
  put(program.image.size(), 8), put(program.image.size(), 8), put(4096, 8);
  for (u64 i = 0; i < section_header; ++i) put(0, 1);
  const auto section = [&](u64 name, u64 type, u64 at, u64 size, u64 link, u64 info, u64 entry) {
    put(name, 4), put(type, 4), put(0, 8), put(0, 8), put(at, 8), put(size, 8);
    put(link, 4), put(info, 4), put(8, 8), put(entry, 8);
  };
  section(17, 2, symbols_at, 3 * symbol, 2, 1, symbol);
  section(25, 3, strings_at, strings.size(), 0, 0, 0);
  for (u64 i = 0; i < symbol; ++i) put(0, 1);
  put(1, 4), put(0x11, 1), put(0, 1), put(0xfff1, 2), put(layout::tohost, 8), put(8, 8);
  put(8, 4), put(0x11, 1), put(0, 1), put(0xfff1, 2), put(layout::fromhost, 8), put(8, 8);
  file.insert(file.end(), strings.begin(), strings.end());
  file.resize(image_at);
  file.insert(file.end(), program.image.begin(), program.image.end());
  return file;
}

// The name of a line of the report.
inline std::string report_line_name(std::size_t line) {
  if (line < 31) return "x" + std::to_string(line + 1);
  line -= 31;
  if (line < 32) return "f" + std::to_string(line);
  line -= 32;
  if (line < reported_csrs.size()) return reported_csrs[line].name;
  line -= reported_csrs.size();
  if (line < 2) return line == 0 ? "page tables (hash)" : "data (hash)";
  line -= 2;
  static constexpr const char* parts[] = {"cause", "epc", "tval"};
  return "trap " + std::to_string(line / 3) + " " + parts[line % 3];
}

}  // namespace orrery::random_programs
