// Parameters: what a component reads from its description.
//
// A component declares its parameters once, in `Config::visit`, and everything else derives from
// that line: reading JSON, defaults, range checks, the resolved description, the JSON Schema, help.
//
//   struct Srrip::Config {
//     u32 bits = 2;
//     void visit(Params& p) {
//       p("bits", bits, "bits", "width of the re-reference counter");
//       p.require(bits >= 1 && bits <= 8, "bits", "must be 1..8");
//     }
//   };
//
// Contract: visit() names every member exactly once and has no other effect. A member keeps its
// initial value where the description is silent. After visit(), a key nobody asked for is an error
// that names the nearest known key. `path` is the full path of the object ("machine.l2").
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json_fwd.h"
#include "base/types.h"
#include "base/units.h"

namespace orrery {

class Params {
 public:
  // Reads `source`, an object of the description. `source` must outlive this.
  Params(const Json& source, std::string path);
  ~Params();
  Params(const Params&) = delete;
  Params& operator=(const Params&) = delete;

  // One parameter each. `unit` says what a plain number counts ("instructions", "ways").
  Params& operator()(const char* name, bool& value, const char* text);
  Params& operator()(const char* name, u32& value, const char* unit, const char* text);
  Params& operator()(const char* name, u64& value, const char* unit, const char* text);
  Params& operator()(const char* name, double& value, const char* unit, const char* text);
  Params& operator()(const char* name, Bytes& value, const char* text);
  Params& operator()(const char* name, Duration& value, const char* text);
  Params& operator()(const char* name, Frequency& value, const char* text);
  // A frequency whose period is rounded to whole ticks: `value` and the resolved description hold
  // what that comes to.
  Params& clock(const char* name, Frequency& value, const char* text);
  Params& operator()(const char* name, PhysAddr& value, const char* text);  // "0x80000000"
  Params& operator()(const char* name, std::string& value, const char* text);
  Params& operator()(const char* name, std::vector<std::string>& value, const char* text);

  // One of a few words. `values` lists every word with the value it stands for.
  template <class E>
  Params& choice(const char* name, E& value,
                 std::initializer_list<std::pair<const char*, E>> values, const char* text) {
    std::vector<std::string_view> words;
    std::size_t index = 0;
    for (const auto& [word, meaning] : values) {
      if (meaning == value) index = words.size();
      words.emplace_back(word);
    }
    index = choose(name, words, index, text);
    value = (values.begin() + index)->second;
    return *this;
  }

  // A nested object with a visit() of its own.
  template <class Child>
  Params& child(const char* name, Child& value, const char* text) {
    const auto nested = open(name, text, Presence::Required);
    value.visit(*nested);
    close(name, *nested);
    return *this;
  }

  // A nested object that may be absent: null (or no key, when `value` is empty) leaves it out.
  template <class Child>
  Params& child(const char* name, std::optional<Child>& value, const char* text) {
    const bool present = decide_presence(name, value.has_value());
    // An absent one is visited too, for the schema: a description may name it another time.
    Child described = value ? *value : Child();
    const auto nested = open(name, text, present ? Presence::Optional : Presence::Absent);
    described.visit(*nested);
    close(name, *nested);
    if (present) {
      value = std::move(described);
    } else {
      value.reset();
    }
    return *this;
  }

  // The parameter named last must be the same when a checkpoint of this machine is restored.
  // Of an optional child: its presence and everything in it.
  Params& fixed_at_restore();

  // A rule over parameters already read: reports `path.name: rule` with the value found.
  void require(bool condition, const char* name, std::string_view rule);

  // For registries: the word under "type"; must be one of `known`.
  std::string type(std::string_view default_type, const std::vector<std::string>& known,
                   const std::vector<std::string>& texts);

  // Refuses keys that nobody asked for. Called by whoever made this object, after visit().
  void finish();

  const std::string& path() const { return path_; }
  const Json& resolved() const;  // every parameter with its value, units included
  const Json& schema() const;    // JSON Schema of this object
  const std::vector<std::string>& fixed() const { return fixed_; }  // full paths

 private:
  std::size_t choose(const char* name, const std::vector<std::string_view>& words,
                     std::size_t fallback, const char* text);
  enum class Presence { Required, Optional, Absent };
  std::unique_ptr<Params> open(const char* name, const char* text, Presence presence);
  void close(const char* name, Params& nested);
  bool decide_presence(const char* name, bool present_by_default) const;
  const Json* take(const char* name);
  Params& quantity(const char* name, u64& value, Unit unit, const char* text);
  Params& integer(const char* name, u64& value, u64 limit, const char* unit, const char* text);
  // `fallback` is the value of a silent description.
  void note(const char* name, Json resolved, Json fallback, Json schema, const char* text);
  [[noreturn]] void unknown_word(const char* name, const Json& found,
                                 const std::vector<std::string>& known) const;
  [[noreturn]] void wrong(const char* name, const Json& found, std::string_view expected) const;
  std::string path_of(std::string_view name) const;

  struct Documents;
  std::unique_ptr<Documents> documents_;
  std::string path_;
  std::string last_;
  std::vector<std::string> known_;
  std::vector<std::string> fixed_;
  std::string text_;
  Presence presence_ = Presence::Required;
};

// The word of `known` nearest to `word` in edit distance, if any is near enough to be meant.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace orrery
