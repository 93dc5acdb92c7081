#include "models/htif.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/bits.h"
#include "devices/char_sink.h"
#include "memory/address_space.h"

namespace orrery {
namespace {

constexpr u64 to_system = 0, print_character = 0x101;  // device and command
constexpr u64 system_write = 64, system_exit = 93;
constexpr u64 not_implemented = ~u64{38} + 1;  // -ENOSYS
constexpr u64 most_printed = 64 << 10;         // by one request; write may take less than it is given

// Of RAM only: no device is asked for what the host wants.
std::array<u64, 4> read_call(AddressSpace& memory, PhysAddr at) {
  std::array<u64, 4> words{};
  memory.read_bytes(at, std::span(reinterpret_cast<u8*>(words.data()), sizeof words));
  return words;
}

u64 print(AddressSpace& memory, PhysAddr from, u64 bytes, CharSink* console) {
  bytes = std::min(bytes, most_printed);
  for (u64 i = 0; i < bytes; ++i) {
    u8 byte = 0;
    if (!memory.read_bytes(from + i, {&byte, 1})) return i;
    if (console) console->put(byte);
  }
  return bytes;
}

}  // namespace

std::optional<u32> serve_htif(AddressSpace& memory, PhysAddr tohost, std::optional<PhysAddr> fromhost,
                              CharSink* console) {
  u64 request = 0;
  memory.read(tohost, 8, request, Tick{});
  if (request == 0) return {};
  const u64 what = request >> 48;
  const auto exit_code = [](u64 value) { return static_cast<u32>(std::min<u64>(value, ~u32{0})); };
  if ((request & 1) && (what == to_system || what == 0xffff)) return exit_code(request >> 1);

  u64 answer = 1;
  if (what == to_system) {
    const PhysAddr at{request};
    const auto [number, file, buffer, bytes] = read_call(memory, at);
    if (number == system_exit) return exit_code(file);
    const bool prints = number == system_write && (file == 1 || file == 2);
    const u64 result = prints ? print(memory, PhysAddr{buffer}, bytes, console) : not_implemented;
    memory.write_bytes(at, std::span(reinterpret_cast<const u8*>(&result), sizeof result));
  } else if (what == print_character) {
    if (console) console->put(static_cast<u8>(request));
    answer = what << 48 | 0x100 | bits(request, 0, 8);
  }
  memory.write(tohost, 8, 0, Tick{});
  if (fromhost) memory.write(*fromhost, 8, answer, Tick{});
  return {};
}

}  // namespace orrery
