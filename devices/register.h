// The register map is data: a device lists its registers in one table, and from it derive bus
// dispatch, width and alignment checks, write masks, reset, snapshot, the debugger's view, the
// counting of unmapped accesses and the generic tests.
//
//   std::span<const Register<Uart16550>> Uart16550::map() {
//     static const Register<Uart16550> rows[] = {
//       // offset name   cell              reset writable on_read  on_write
//       {0x1, "ier",     &Uart16550::ier_, 0x00, 0x0f,    nullptr, &Uart16550::write_ier},
//       {0x7, "scr",     &Uart16550::scr_, 0x00, 0xff},
//     };
//     return rows;
//   }
//
// A cell is a member of the device: an integer, or a vector of them whose size the constructor
// fixes, which makes the row an array. A row without a cell (Width{4}) has hooks only. A row at
// no_offset has no address: it is state that wants reset, snapshot and view all the same.
//
// Hooks. on_read answers for the whole register (the cell, if any, is not looked at). on_write is
// called after the writable bits of the cell were changed. An access to a part of a register reads
// or writes that part; a wider one (where `accesses` allows it) is one to the whole register.
#pragma once

#include <fmt/format.h>

#include <span>
#include <variant>
#include <vector>

#include "base/archive.h"
#include "base/bits.h"
#include "devices/device.h"

namespace orrery {

struct RegisterAccess {
  u32 index;  // element of an array
  u64 value;  // written: the bits as written, the others as they were (0 without a cell)
  u64 old;    // written: the cell before
  Tick now;
};

// Sizes of access in bytes that a device answers.
struct AccessSizes {
  unsigned smallest;
  unsigned largest;
};

struct Width {
  unsigned bytes;
};

// Where a register's value is kept: nowhere, in an integer, or in a vector of integers.
template <class T>
class Cell {
 public:
  template <class Member>
  constexpr Cell(Member T::* member) : place_(member) {}
  constexpr Cell(Width width) : place_(width) {}

  bool exists() const { return !std::holds_alternative<Width>(place_); }
  unsigned width() const {
    return std::visit([](auto place) { return width_of(place); }, place_);
  }

  // Calls `use` with the elements as a span; an integer is one of one element.
  template <class Use>
  void elements(T& device, Use&& use) const {
    std::visit([&](auto place) { use_elements(device, place, use); }, place_);
  }

 private:
  static constexpr unsigned width_of(Width width) { return width.bytes; }
  template <class Value>
  static constexpr unsigned width_of(Value T::*) { return sizeof(Value); }
  template <class Value>
  static constexpr unsigned width_of(std::vector<Value> T::*) { return sizeof(Value); }

  template <class Use>
  static void use_elements(T&, Width, Use&) {}
  template <class Value, class Use>
  static void use_elements(T& device, Value T::* place, Use& use) {
    use(std::span(&(device.*place), 1));
  }
  template <class Value, class Use>
  static void use_elements(T& device, std::vector<Value> T::* place, Use& use) {
    use(std::span(device.*place));
  }

  std::variant<Width, u8 T::*, u32 T::*, u64 T::*, std::vector<u32> T::*, std::vector<u64> T::*>
      place_;
};

template <class T>
struct Register {
  u64 offset;  // of the first element
  const char* name;
  Cell<T> cell;
  u64 reset = 0;
  u64 writable = 0;
  u64 (T::*on_read)(const RegisterAccess&) = nullptr;
  void (T::*on_write)(const RegisterAccess&) = nullptr;

  // Set by the functions below.
  u64 stride = 0;
  u32 group = 1;
  const u32 T::*count = nullptr;
  bool (T::*selected)() const = nullptr;

  // Groups of `group` adjacent elements, one group every `stride` bytes. Without: all adjacent.
  constexpr Register every(u64 stride_bytes, u32 group_elements = 1) const {
    Register row = *this;
    row.stride = stride_bytes;
    row.group = group_elements;
    return row;
  }
  // An array without cells of as many elements as `member` says.
  constexpr Register times(const u32 T::*member) const {
    Register row = *this;
    row.count = member;
    return row;
  }
  // Answers only while the device says so: banked registers share an offset.
  constexpr Register when(bool (T::*predicate)() const) const {
    Register row = *this;
    row.selected = predicate;
    return row;
  }
};

// A device with a table. T has `static std::span<const Register<T>> map()` and
// `static constexpr AccessSizes accesses`. What is no register (a queue) goes to extra_state().
template <class T>
class RegisterDevice : public Device {
 public:
  using Device::Device;

  bool read(u64 offset, unsigned size, u64& value, Tick now) final {
    value = 0;
    if (!acceptable(offset, size)) return false;
    const Hit hit = find(offset);
    if (!hit.row) {
      ++unmapped_reads;
      return true;
    }
    const u64 whole = hit.row->on_read ? (self().*hit.row->on_read)({hit.index, 0, 0, now})
                                       : get(*hit.row, hit.index);
    value = bits(whole, 8 * hit.byte, 8 * size);
    return true;
  }

  bool write(u64 offset, unsigned size, u64 value, Tick now) final {
    if (!acceptable(offset, size)) return false;
    const Hit hit = find(offset);
    if (!hit.row) {
      ++unmapped_writes;
      return true;
    }
    const Register<T>& row = *hit.row;
    const u64 part = bits(bits(~u64{0}, 0, 8 * size) << (8 * hit.byte), 0, 8 * row.cell.width());
    const u64 old = get(row, hit.index);
    const u64 written = merge(old, value << (8 * hit.byte), part);
    set(row, hit.index, merge(old, written, row.writable));
    if (row.on_write) (self().*row.on_write)({hit.index, written, old, now});
    return true;
  }

  void reset() override {
    for (const Register<T>& row : T::map())
      row.cell.elements(self(), [&](auto elements) {
        for (auto& element : elements) store(element, row.reset);
      });
  }

  void state(Archive& a) final {
    for (const Register<T>& row : T::map())
      row.cell.elements(self(), [&](auto elements) {
        if (elements.size() == 1) {
          a(row.name, elements[0]);
        } else {
          a(row.name, elements);
        }
      });
    extra_state(a);
  }

  std::vector<RegisterView> registers() const final {
    std::vector<RegisterView> views;
    T& device = const_cast<T&>(static_cast<const T&>(*this));  // elements() serves both; only read
    for (const Register<T>& row : T::map())
      row.cell.elements(device, [&](auto elements) {
        const bool selected = !row.selected || (device.*row.selected)();
        for (std::size_t i = 0; i < elements.size(); ++i)
          views.push_back({elements.size() == 1 ? row.name : fmt::format("{}[{}]", row.name, i),
                           offset_of(row, i), row.cell.width(), elements[i], row.writable,
                           row.on_write != nullptr, selected});
      });
    return views;
  }

 protected:
  virtual void extra_state(Archive&) {}

 private:
  struct Hit {
    const Register<T>* row = nullptr;
    u32 index = 0;
    unsigned byte = 0;  // within the element
  };

  T& self() { return static_cast<T&>(*this); }

  template <class Value>
  static void store(Value& element, u64 value) {
    element = static_cast<Value>(value);
  }

  bool acceptable(u64 offset, unsigned size) {
    const bool good = size >= T::accesses.smallest && size <= T::accesses.largest &&
                      is_power_of_two(size) && offset % size == 0;
    if (!good) ++refused;
    return good;
  }

  u32 count_of(const Register<T>& row) {
    if (row.count) return self().*row.count;
    u32 count = row.cell.exists() ? 0 : 1;
    row.cell.elements(self(), [&](auto elements) { count = static_cast<u32>(elements.size()); });
    return count;
  }

  static u64 stride_of(const Register<T>& row) {
    return row.stride ? row.stride : u64{row.cell.width()} * row.group;
  }

  static u64 offset_of(const Register<T>& row, u64 index) {
    if (row.offset == no_offset) return no_offset;
    return row.offset + index / row.group * stride_of(row) + index % row.group * row.cell.width();
  }

  Hit find(u64 offset) {
    for (const Register<T>& row : T::map()) {
      if (row.offset == no_offset || offset < row.offset) continue;
      if (row.selected && !(self().*row.selected)()) continue;
      const unsigned width = row.cell.width();
      const u64 within = (offset - row.offset) % stride_of(row);
      if (within >= u64{width} * row.group) continue;
      const u64 index = (offset - row.offset) / stride_of(row) * row.group + within / width;
      if (index >= count_of(row)) continue;
      return {&row, static_cast<u32>(index), static_cast<unsigned>(within % width)};
    }
    return {};
  }

  u64 get(const Register<T>& row, u32 index) {
    u64 value = 0;
    row.cell.elements(self(), [&](auto elements) { value = elements[index]; });
    return value;
  }

  void set(const Register<T>& row, u32 index, u64 value) {
    row.cell.elements(self(), [&](auto elements) { store(elements[index], value); });
  }
};

}  // namespace orrery
