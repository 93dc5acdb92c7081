// Little-endian fields of foreign formats, whatever the host's byte order.
#pragma once

#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/types.h"

namespace orrery {

// True when `size` bytes at `offset` lie within `bytes`; no sum overflows.
inline bool holds(std::span<const u8> bytes, u64 offset, u64 size) {
  return offset <= bytes.size() && size <= bytes.size() - offset;
}

// The field at `offset`. The caller has made sure of holds().
template <class T>
T field(std::span<const u8> bytes, u64 offset) {
  ORRERY_CHECK(holds(bytes, offset, sizeof(T)), "offset {} of {}", offset, bytes.size());
  u64 value = 0;
  for (unsigned i = 0; i < sizeof(T); ++i) value |= u64{bytes[offset + i]} << (8 * i);
  return static_cast<T>(value);
}

template <class T>
void append_field(std::vector<u8>& bytes, T value) {
  for (unsigned i = 0; i < sizeof(T); ++i)
    bytes.push_back(static_cast<u8>(static_cast<u64>(value) >> (8 * i)));
}

// True when the bytes at `offset` are `text`.
inline bool matches(std::span<const u8> bytes, u64 offset, std::string_view text) {
  return holds(bytes, offset, text.size()) &&
         std::memcmp(bytes.data() + offset, text.data(), text.size()) == 0;
}

}  // namespace orrery
