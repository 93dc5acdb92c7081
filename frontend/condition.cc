#include "frontend/condition.h"

#include <optional>
#include <vector>

#include "base/error.h"
#include "base/params.h"
#include "base/units.h"

namespace orrery {
namespace {

constexpr u64 last_marker = 2047;  // the largest positive immediate of slti

constexpr const char* expected = "insts=100M, time=2s, console=\"text\", marker=3 or poweroff";

// The text between quotes, with its escapes resolved; what has no quotes is taken as it stands.
std::optional<std::string> unquote(const std::string& text) {
  if (text.empty() || text.front() != '"') return text;
  if (text.size() < 2 || text.back() != '"') return std::nullopt;
  std::string result;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '"') return std::nullopt;
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    if (++i + 1 >= text.size()) return std::nullopt;
    switch (text[i]) {
      case 'n': result += '\n'; break;
      case 'r': result += '\r'; break;
      case 't': result += '\t'; break;
      case '"':
      case '\\': result += text[i]; break;
      default: return std::nullopt;
    }
  }
  return result;
}

u64 number(const std::string& value, Unit unit, const std::string& path, const char* example) {
  const auto parsed = parse_quantity(value, unit);
  if (!parsed) config_error("{}: expected {}, found \"{}\"", path, example, value);
  return *parsed;
}

}  // namespace

Condition parse_condition(const std::string& text, const std::string& path) {
  const std::size_t equals = text.find('=');
  const std::string word = text.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
  Condition result;
  result.written = text;
  if (word == "poweroff") {
    if (equals != std::string::npos)
      config_error("{}: poweroff takes no value, found \"{}\"", path, text);
    result.kind = Condition::Kind::Poweroff;
  } else if (word == "insts") {
    result.kind = Condition::Kind::Instructions;
    result.number = number(value, Unit::None, path, "a number of instructions such as insts=100M");
  } else if (word == "time") {
    result.kind = Condition::Kind::Time;
    result.number = number(value, Unit::Duration, path, "a time such as time=2s");
  } else if (word == "marker") {
    result.kind = Condition::Kind::Marker;
    result.number = number(value, Unit::None, path, "a marker from 1 to 2047 such as marker=3");
    if (result.number < 1 || result.number > last_marker)
      config_error("{}: expected a marker from 1 to {}, found {}", path, last_marker, result.number);
  } else if (word == "console") {
    result.kind = Condition::Kind::Console;
    const auto unquoted = unquote(value);
    if (!unquoted || unquoted->empty())
      config_error("{}: expected a text such as console=\"login:\", found {}", path,
                   value.empty() ? "nothing" : value);
    result.text = *unquoted;
  } else {
    const auto meant = nearest(word, {"insts", "time", "console", "marker", "poweroff"});
    config_error("{}: expected {}, found \"{}\"{}", path, expected, text,
                 meant ? " (did you mean \"" + *meant + "\"?)" : "");
  }
  return result;
}

Condition parse_interval(const std::string& text, const std::string& path) {
  const Condition result = parse_condition(text, path);
  if (!result.is_limit() || result.number == 0)
    config_error("{}: expected insts=1M or time=1ms, found \"{}\"", path, text);
  return result;
}

}  // namespace orrery
