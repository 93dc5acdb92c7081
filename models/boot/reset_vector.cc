#include "models/boot/reset_vector.h"

#include "models/boot/bytes.h"

namespace orrery {
namespace {

enum Register : u32 { zero = 0, t0 = 5, a0 = 10, a1 = 11, a2 = 12 };

constexpr u32 auipc(Register rd, u32 high) { return high << 12 | rd << 7 | 0x17; }

constexpr u32 i_type(u32 opcode, u32 funct3, Register rd, Register rs1, u32 immediate) {
  return immediate << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr u32 addi(Register rd, Register rs1, u32 immediate) {
  return i_type(0x13, 0, rd, rs1, immediate);
}
constexpr u32 ld(Register rd, Register rs1, u32 offset) {
  return i_type(0x03, 3, rd, rs1, offset);
}
constexpr u32 jr(Register rs1) { return i_type(0x67, 0, zero, rs1, 0); }
constexpr u32 csrr(Register rd, u32 csr) { return i_type(0x73, 2, rd, zero, csr); }

constexpr u32 mhartid = 0xf14;
constexpr u32 instructions = 6;
constexpr u32 firmware_at = 4 * instructions;  // offsets from the ROM's base
constexpr u32 device_tree_at = firmware_at + 8;
constexpr u32 info_at = device_tree_at + 8;

}  // namespace

std::vector<u8> make_reset_rom(const ResetVector& vector) {
  std::vector<u8> rom;
  constexpr u32 code[instructions] = {
      auipc(t0, 0),
      addi(a2, t0, info_at),
      csrr(a0, mhartid),
      ld(a1, t0, device_tree_at),
      ld(t0, t0, firmware_at),
      jr(t0),
  };
  for (const u32 word : code) append_field(rom, word);
  append_field(rom, vector.firmware.value());
  append_field(rom, vector.device_tree.value());

  constexpr u64 magic = 0x4942534f;  // "OSBI"
  constexpr u64 version = 2, supervisor = 1, options = 0, boot_hart = 0;
  for (const u64 word : {magic, version, vector.next.value(), supervisor, options, boot_hart})
    append_field(rom, word);
  return rom;
}

}  // namespace orrery
