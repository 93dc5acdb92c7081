// Draws machine descriptions from what parameters say of themselves, so that a new one is drawn without
// a line here: the schema says what there is, and what a value drawn blindly is refused with says
// what would have been allowed ("must be 1..512", "must be ways x line x a power of two"). Lists need one
// of their own.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/random.h"
#include "base/units.h"
#include "models/machine.h"

namespace orrery::random_programs {

class MachineDrawer {
 public:
  // `given` stands as it is, and so do parameters that `left_alone` names.
  MachineDrawer(u64 seed, Json given, std::set<std::string> left_alone)
      : random_(seed), description_{{"machine", std::move(given)}}, left_alone_(std::move(left_alone)) {
    for (const auto& [key, value] : description_["machine"].items()) left_alone_.insert(key);
    static constexpr unsigned shares[] = {5, 20, 50, 100};
    share_ = shares[random_.below(std::size(shares))];
  }

  // A description that can be built.
  Json draw() {
    do {
      while (!is_sound()) continue;
    } while (decide(schema_, pointer("")));
    return description_;
  }

 private:
  using Pointer = Json::json_pointer;
  static Pointer pointer(const std::string& text) { return Pointer(text); }
  bool one_in(u64 n) { return random_.below(n) == 0; }

  // Reads and builds what has been decided; amends what is refused.
  bool is_sound() {
    try {
      Params params(description_, "");
      MachineConfig config;
      params.child("machine", config, "the machine");
      params.finish();
      schema_ = params.schema();
      resolved_ = params.resolved();
      const Machine machine(config);
      return true;
    } catch (const ConfigError& error) {
      amend(error.what());
      return false;
    }
  }

  // Decides what nobody has decided in an object. True: something was.
  bool decide(const Json& schema, const Pointer& at) {
    bool decided = false;
    const Json& all = schema["properties"];
    // Another type has other parameters.
    if (all.contains("type") && !decided_.contains((at / "type").to_string())) return decide_leaf(all["type"], at / "type");
    for (const auto& [name, parameter] : all.items()) {
      if (left_alone_.contains(name)) continue;
      if (!parameter.contains("properties")) {
        decided |= decide_leaf(parameter, at / name);
        continue;
      }
      if (parameter["type"].is_array() && decided_.insert((at / name).to_string()).second) {
        decided = true;
        if (one_in(2)) description_[at / name] = one_in(2) ? Json() : Json::object();
      }
      if (!resolved_.contains(at / name) || resolved_[at / name].is_null()) continue;
      decided |= decide(parameter, at / name);
    }
    return decided;
  }

  bool decide_leaf(const Json& schema, const Pointer& at) {
    if (!decided_.insert(at.to_string()).second) return false;
    const bool chooses = schema.contains("enum") || schema["type"] == "boolean";
    if (random_.below(100) < (chooses ? 50 : share_)) {
      if (Json value = blind(schema, at.back()); !value.is_null()) description_[at] = std::move(value);
    }
    return true;
  }

  template <class Values>
  const auto& one_of(const Values& values) {
    return values[random_.below(std::size(values))];
  }

  // A value of the type, which may be refused; null: nothing is known of it.
  Json blind(const Json& schema, const std::string& name) {
    if (schema.contains("enum")) return one_of(schema["enum"]);
    if (schema["type"] == "boolean") return one_in(2);
    if (schema["type"] == "number") return one_in(2) ? 0.0 : 1.5;
    if (schema["type"].is_array()) {
      static constexpr u64 numbers[] = {0, 1, 2, 1'000'003, 1'000'003, 1'000'003};
      return one_of(numbers);
    }
    if (schema["type"] == "array") return list(name);
    const std::string usual = schema["default"], expected = schema.value("expected", "");
    static const std::vector<std::string> frequencies = {"1MHz", "700MHz", "1GHz", "1.7GHz", "3GHz", "100GHz"};
    static const std::vector<std::string> times = {"0ns", "1ps", "1ns", "33ns", "1us"};
    static const std::vector<std::string> dram_times = {"0nCK", "1nCK", "30nCK", "0ns", "40ns", "max(3nCK, 7.5ns)"};
    if (expected.find("size") != std::string::npos) return "3B";
    if (expected.find("frequency") != std::string::npos) return one_of(frequencies);
    if (expected.find("time") != std::string::npos) return one_of(times);
    if (usual.find("nCK") != std::string::npos || usual.ends_with("ns")) return one_of(dram_times);
    if (usual.find(':') != std::string::npos) return shuffled(usual);
    return {};
  }

  // The words between colons in another order, the last one left where it is.
  std::string shuffled(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t from = 0, to; from <= text.size(); from = to + 1) {
      to = std::min(text.find(':', from), text.size());
      words.push_back(text.substr(from, to - from));
    }
    for (std::size_t i = words.size() - 1; i > 1; --i) std::swap(words[i - 1], words[random_.below(i)]);
    std::string result = words[0];
    for (std::size_t i = 1; i < words.size(); ++i) result += ":" + words[i];
    return result;
  }

  Json list(const std::string& name) {
    if (name == "uncacheable") return {one_in(2) ? "0x80020000+4KiB" : "0x80025040+200B"};
    if (name == "commit_first") return {one_in(2) ? "store" : "load|fp_*"};
    if (name == "commit_alone") return {one_in(2) ? "csr" : "atomic|system"};
    if (name == "not_paired") return {one_in(2) ? "*+load" : "int_alu+int_alu"};
    return {};
  }

  // `message`: the path of what is wrong, then the rule that it breaks.
  void amend(const std::string& message) {
    const auto end = message.find(": ");
    const std::string path = message.substr(0, end);
    if (!path.starts_with("machine.") || end == std::string::npos) throw ConfigError(message + " (while drawing)");
    const std::string rule = message.substr(end, message.find(", found ") - end);
    std::string text = "/" + path;
    std::replace(text.begin(), text.end(), '.', '/');
    Pointer at(text);
    const unsigned refusals = ++refused_[path];
    const Json schema = schema_of(at);
    if (refusals <= 6 && schema.is_object()) {
      if (schema.contains("properties") ? forget_named(rule, at) : draw_allowed(schema, rule, at)) return;
    }
    // As it was; then the other parameters of that name too, and in the end everything.
    while (!description_.contains(at) && at.to_string() != "/machine") at = at.parent_pointer();
    if (refusals <= 8 && at.to_string() != "/machine") {
      description_[at.parent_pointer()].erase(at.back());
    } else if (refusals <= 9) {
      forget(description_["machine"], path.substr(path.rfind('.') + 1));
    } else {
      const Json drawn = description_["machine"];
      for (const auto& [key, value] : drawn.items())
        if (!left_alone_.contains(key)) description_["machine"].erase(key);
    }
  }

  static void forget(Json& object, const std::string& name) {
    object.erase(name);
    for (auto& [key, value] : object.items())
      if (value.is_object()) forget(value, name);
  }

  // A rule about an object may name what in it is wrong.
  bool forget_named(const std::string& rule, const Pointer& at) {
    bool forgot = false;
    if (!description_.contains(at) || !description_[at].is_object()) return false;
    for (const std::string& word : words_of(rule)) forgot |= description_[at].erase(word) != 0;
    return forgot;
  }

  bool draw_allowed(const Json& schema, const std::string& rule, const Pointer& at) {
    Json value = allowed(schema, rule, at);
    if (value.is_null()) return false;
    description_[at] = std::move(value);
    return true;
  }

  Json schema_of(const Pointer& at) const {
    Pointer result;
    std::string text = at.to_string();
    for (std::size_t from = 1, to; from < text.size(); from = to + 1) {
      to = std::min(text.find('/', from), text.size());
      result = result / "properties" / text.substr(from, to - from);
    }
    return schema_.contains(result) ? schema_[result] : Json();
  }

  // Words, numbers with their units, and "..".
  static std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words(1);
    for (const char c : text) {
      if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
        words.back() += c;
        continue;
      }
      if (!words.back().empty()) words.emplace_back();
      if (c == '.' && (words.size() < 2 || words[words.size() - 2] != "..")) words.insert(words.end() - 1, "..");
    }
    return words;
  }

  // The numbers of a rule, and those of parameters beside this one that stand for a number in it.
  std::vector<u64> numbers_of(const std::string& rule, const Pointer& at) const {
    std::vector<u64> numbers;
    const std::vector<std::string> words = words_of(rule);
    const auto is = [&](std::size_t i, std::initializer_list<const char*> any) {
      return i < words.size() && std::any_of(any.begin(), any.end(), [&](const char* one) { return words[i] == one; });
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::optional<u64> value;
      if (!words[i].empty() && std::isdigit(static_cast<unsigned char>(words[i][0]))) {
        value = parse_quantity(words[i], words[i].ends_with("B") ? Unit::Bytes : Unit::None);
      } else if (is(i + 1, {"..", "x"}) || is(i - 1, {"..", "x", "below", "the"})) {
        value = parameter(at.parent_pointer() / words[i]);
      }
      if (value) numbers.push_back(*value);
    }
    return numbers;
  }

  std::optional<u64> parameter(const Pointer& at) const {
    const Json& all = description_.contains(at) ? description_ : resolved_;
    if (!all.contains(at)) return {};
    const Json& value = all[at];
    if (value.is_number_unsigned()) return value.get<u64>();
    return value.is_string() ? parse_quantity(value.get<std::string>(), Unit::Bytes) : std::nullopt;
  }

  // What the rule allows; null: it is not understood.
  Json allowed(const Json& schema, const std::string& rule, const Pointer& at) {
    const auto says = [&](const char* text) { return rule.find(text) != std::string::npos; };
    const bool is_size = schema.value("expected", "").find("size") != std::string::npos;
    if (!schema.contains("type") || schema["type"] == "array" || (schema["type"] == "string" && !is_size)) return {};
    const auto as = [&](u64 value) { return is_size ? Json(fmt::format("{}B", value)) : Json(value); };
    std::vector<u64> numbers = numbers_of(rule, at);
    const bool powers = says("power of two");
    if (says(" x ")) {
      u64 product = u64{1} << random_.below(7);
      for (const u64 factor : numbers) product *= factor;
      return as(product);
    }
    if (numbers.empty()) return powers ? as(u64{1} << random_.below(8)) : Json();
    if (says("at least") && !says("..")) return as(numbers.back() << random_.below(2));
    if (says("below")) return as(within(0, std::max<u64>(numbers.back(), 1) - 1, powers));
    if (!says("..") && !says("from ") && !says("up to") && !says("at most")) return as(one_of(numbers));
    if (numbers.size() == 1) numbers.insert(numbers.begin(), powers);
    if (numbers.size() > 2 && says(" or ")) {  // "0, or 1..64"
      if (one_in(3)) return as(numbers.front());
      numbers.erase(numbers.begin());
    }
    const u64 low = numbers.front();
    // No host takes long over many cycles; tables of millions of entries are something else.
    const bool is_time = schema.value("unit", "") == "cycles";
    const u64 most = is_time ? ~u64{0} : is_size ? u64{1} << 18 : u64{2048};
    return as(within(low, std::max(low, std::min(most, *std::min_element(numbers.begin() + 1, numbers.end()))), powers));
  }

  u64 within(u64 low, u64 high, bool powers) {
    u64 value = low;
    switch (random_.below(8)) {
      case 0: case 1: case 2: break;
      case 3: value = low + 1; break;
      case 4: value = high; break;
      default: value = low + (random_.next() & ((u64{1} << random_.below(11)) - 1)); break;
    }
    value = std::min(value, high);
    return powers ? std::bit_floor(std::max<u64>(value, 1)) : value;
  }

  Random random_;
  Json description_;
  std::set<std::string> left_alone_;
  unsigned share_;  // of the parameters that are drawn, in percent
  std::set<std::string> decided_;
  std::map<std::string, unsigned> refused_;  // how often, by path
  Json schema_, resolved_;
};

}  // namespace orrery::random_programs
