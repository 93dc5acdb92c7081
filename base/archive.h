// State: each component lists what a checkpoint holds of it, once, for saving, loading, comparing
// and listing.
//
//   void Hart::state(Archive& a) {
//     a.version(2);
//     a("pc", pc);
//     a("x", x);
//     if (a.has_version(2)) a("wait", wait); else wait = false;
//   }
//
// A section is a tree of named fields (CBOR on disk, integers as numbers, large arrays as
// little-endian bytes). Loading is strict: a missing, extra, wrong-size or out-of-range field is a
// ConfigError with its full path. Only at a drained point: harts between instructions.
//
// Derived state (software TLBs, decoded blocks, host pointers) is not listed; after_restore()
// rebuilds it. Configuration is not state.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/component.h"
#include "base/json_fwd.h"
#include "base/types.h"

namespace orrery {

class Archive {
 public:
  // An archive that saves into an empty section, or loads from `section`.
  static Archive saving(std::string path);
  static Archive loading(std::string path, const Json& section);
  Archive(Archive&&) noexcept;
  ~Archive();

  bool is_loading() const;

  // Version of this section's (or group's) layout, called before its fields; 1 when never called.
  // Loading a newer one is an error.
  void version(u32 current);
  bool has_version(u32 at_least) const;

  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void operator()(const char* name, T& value) {
    u64 wide = static_cast<u64>(value);
    if constexpr (sizeof(T) < 8) wide &= (u64{1} << (8 * sizeof(T))) - 1;  // signed ones
    scalar(name, wide, sizeof(T));
    if constexpr (std::is_same_v<T, bool>) require(wide <= 1, name, "neither 0 nor 1");
    value = static_cast<T>(wide);
  }
  template <class Tag>
  void operator()(const char* name, Strong<Tag>& value) {
    u64 raw = value.value();
    scalar(name, raw, 8);
    value = Strong<Tag>{raw};
  }
  void operator()(const char* name, std::string& text);

  // Arrays of fixed length: the length in the file must be the same.
  template <class T, std::size_t N>
  void operator()(const char* name, std::array<T, N>& values) {
    elements(name, values.data(), N);
  }
  template <class T, std::size_t N>
  void operator()(const char* name, T (&values)[N]) {
    elements(name, values, N);
  }
  template <class T>
  void operator()(const char* name, std::span<T> values) {
    elements(name, values.data(), values.size());
  }
  // A vector that may have any length up to `most` elements (a queue).
  template <class T>
  void resizable(const char* name, std::vector<T>& values, std::size_t most) {
    values.resize(length(name, values.size(), most));
    elements(name, values.data(), values.size());
  }

  // A nested group of fields.
  template <class Fill>
  void group(const char* name, Fill&& fill) {
    enter(name);
    fill(*this);
    leave();
  }

  // A rule over a field already read, for values that would be dangerous to run with (an enum
  // without such a word, an index beyond its table): refuses a loaded section that breaks it.
  void require(bool condition, const char* name, std::string_view rule) const {
    if (is_loading() && !condition) [[unlikely]] wrong(name, rule);
  }

  // After loading: refuses fields that nobody asked for.
  void finish();
  Json take();  // after saving

 private:
  explicit Archive(std::string path);
  void scalar(const char* name, u64& value, std::size_t width);
  template <class T>
  void elements(const char* name, T* values, std::size_t count) {
    // Padding or pointers would make two equal machines differ.
    static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>);
    static_assert(std::is_arithmetic_v<T> || std::has_unique_object_representations_v<T>);
    array(name, values, count, sizeof(T), std::is_same_v<T, bool> ? 1 : ~u64{0});
  }
  // Elements are trivially copyable of `width` 1, 2, 4 or 8 bytes, or plain structs (as bytes).
  // No element of a loaded array may be above `largest` (which is ~0 or applies to single bytes).
  void array(const char* name, void* data, std::size_t count, std::size_t width, u64 largest);
  std::size_t length(const char* name, std::size_t current, std::size_t most);
  void enter(const char* name);
  void leave();
  const Json& field(const char* name);
  void save(const char* name, Json value);
  [[noreturn]] void wrong(const char* name, std::string_view what) const;

  struct Frame;
  std::string path_;
  bool loading_ = false;
  std::vector<std::unique_ptr<Frame>> frames_;
};

// Saves, or loads, every component below `root` into one object: path -> section. `timing` selects
// the set (Component::is_timing_state). Components without state have no section.
Json save_tree(const Component& root, bool timing);
// After a ConfigError the tree holds a mixture and can only be loaded again or thrown away.
void load_tree(Component& root, const Json& sections, bool timing);

// The paths at which two saved trees differ, with both values; empty when equal. At most `most`.
std::vector<std::string> differences(const Json& a, const Json& b, std::size_t most);

}  // namespace orrery
