// Integer names and the strong types that keep addresses, time and harts apart.
//
// A strong type is explicit in both directions: `PhysAddr{0x8000'0000}` and `.value()`. Adding an
// integer moves it, subtracting two of them gives the distance; mixing two kinds does not compile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace orrery {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
__extension__ using u128 = unsigned __int128;
__extension__ using i128 = __int128;

template <class Tag>
class Strong {
 public:
  constexpr Strong() = default;
  constexpr explicit Strong(u64 value) : value_(value) {}

  constexpr u64 value() const { return value_; }

  constexpr bool operator==(const Strong&) const = default;
  // One by one rather than by <=>, which GCC 12 compiles to branches even in std::max().
  constexpr bool operator<(Strong other) const { return value_ < other.value_; }
  constexpr bool operator>(Strong other) const { return value_ > other.value_; }
  constexpr bool operator<=(Strong other) const { return value_ <= other.value_; }
  constexpr bool operator>=(Strong other) const { return value_ >= other.value_; }
  constexpr Strong operator+(u64 offset) const { return Strong(value_ + offset); }
  constexpr Strong operator-(u64 offset) const { return Strong(value_ - offset); }
  constexpr u64 operator-(Strong other) const { return value_ - other.value_; }
  constexpr Strong& operator+=(u64 offset) {
    value_ += offset;
    return *this;
  }

 private:
  u64 value_ = 0;
};

using PhysAddr = Strong<struct PhysAddrTag>;
using VirtAddr = Strong<struct VirtAddrTag>;
using LineAddr = Strong<struct LineAddrTag>;  // physical address divided by the line size

// Simulated time: 1 tick is 1 ps, counted from the machine's power-on.
using Tick = Strong<struct TickTag>;
inline constexpr u64 ticks_per_second = 1'000'000'000'000;
inline constexpr Tick never{~u64{0}};

// A count of periods of one clock domain.
using Cycle = Strong<struct CycleTag>;

using HartId = u32;

}  // namespace orrery

template <class Tag>
struct std::hash<orrery::Strong<Tag>> {
  std::size_t operator()(orrery::Strong<Tag> s) const noexcept {
    return std::hash<orrery::u64>{}(s.value());
  }
};
