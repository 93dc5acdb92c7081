#include "base/json_io.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace orrery {
namespace {

constexpr std::size_t most_nesting = 64;
constexpr std::size_t most_values = 16'000'000;
constexpr std::size_t most_keys = 100'000;  // of one object: a look-up by key is linear
constexpr std::size_t longest_shown = 200;

// "expected ',' or '}', found string literal", from the parser's own words:
// "[...] parse error at line 2, column 9: syntax error while parsing object - unexpected string
// literal; last read: '...'; expected '}'".
std::string explain(std::string text) {
  const auto cut_through = [&text](std::string_view mark) {
    const auto at = text.find(mark);
    if (at != std::string::npos) text.erase(0, at + mark.size());
    return at != std::string::npos;
  };
  cut_through("] ");
  std::string expected;
  if (const auto at = text.rfind("; expected "); at != std::string::npos) {
    expected = text.substr(at + 11);
    text.erase(at);
  }
  if (!expected.empty() && text.find("while parsing object -") != std::string::npos)
    expected = "',' or " + expected;
  if (!expected.empty() && text.find("while parsing array -") != std::string::npos)
    expected = "',' or " + expected;
  if (!cut_through(" - ")) cut_through(": ");
  if (const auto at = text.find("; last read: "); at != std::string::npos) text.erase(at);
  if (text.starts_with("unexpected ")) text.erase(0, 11);
  if (expected.empty()) return text;
  return fmt::format("expected {}, found {}", expected, text);
}

// "2:9": line and column of a byte, counted from 1.
std::string place(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte > 0 ? byte - 1 : 0);
  const auto line_begin = before.rfind('\n');
  const auto column = before.size() - (line_begin == before.npos ? 0 : line_begin + 1) + 1;
  return fmt::format("{}:{}", std::count(before.begin(), before.end(), '\n') + 1, column);
}

// Reads without building anything, and refuses what would be dangerous to build.
class Scan final : public nlohmann::json_sax<Json> {
 public:
  std::string problem;
  std::size_t byte = 0;  // where the text cannot be parsed, counted from 1; 0: nowhere

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }

  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    auto& keys = keys_.back();
    if (keys.size() >= most_keys) return refuse("an object has too many keys");
    if (!keys.insert(name).second)
      return refuse(fmt::format("the key {} stands twice in one object", show(Json(name))));
    return true;
  }

  bool parse_error(std::size_t at, const std::string&, const Json::exception& error) override {
    byte = at;
    return refuse(explain(error.what()));
  }

 private:
  bool refuse(std::string what) {
    problem = std::move(what);
    return false;
  }
  bool value() { return ++values_ <= most_values || refuse("more values than can be meant"); }
  bool open() {
    if (keys_.size() >= most_nesting) return refuse("nested too deeply");
    keys_.emplace_back();
    return value();
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  std::size_t values_ = 0;
  std::vector<std::set<std::string>> keys_;  // of the objects (and, empty, lists) that are open
};

// Throws a ConfigError when the bytes are not fit to be built from.
template <class Bytes>
void check(const Bytes& bytes, std::string_view origin, nlohmann::detail::input_format_t format) {
  Scan scan;
  if (Json::sax_parse(bytes.begin(), bytes.end(), &scan, format)) return;
  const std::string problem = scan.problem.empty() ? "cannot be read" : scan.problem;
  if constexpr (std::is_same_v<Bytes, std::string_view>) {
    if (scan.byte != 0) config_error("{}:{}: {}", origin, place(bytes, scan.byte), problem);
  }
  config_error("{}: {}", origin, problem);
}

bool nested_deeper(const Json& value, std::size_t levels) {
  if (!value.is_structured()) return false;
  if (levels == 0) return true;
  for (const Json& element : value)
    if (nested_deeper(element, levels - 1)) return true;
  return false;
}

}  // namespace

Json parse_json(std::string_view text, std::string_view origin) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) config_error("{}: empty", origin);
  try {
    check(text, origin, Json::input_format_t::json);
    return Json::parse(text);
  } catch (const Json::exception& error) {
    config_error("{}: {}", origin, explain(error.what()));
  }
}

Json parse_cbor(std::span<const u8> bytes, std::string_view origin) {
  try {
    check(bytes, origin, Json::input_format_t::cbor);
    return Json::from_cbor(bytes.begin(), bytes.end());
  } catch (const Json::exception& error) {
    config_error("{}: {}", origin, explain(error.what()));
  }
}

std::string show(const Json& value) {
  if (nested_deeper(value, most_nesting)) return "a deeply nested value";
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= longest_shown) return text;
  std::size_t end = longest_shown;
  while (end > 0 && (static_cast<u8>(text[end]) & 0xc0) == 0x80) --end;  // not inside a character
  return text.substr(0, end) + "...";
}

std::optional<u64> whole_number(const Json& value) {
  if (value.is_number_unsigned()) return value.get<u64>();
  if (value.is_number_integer() && value.get<i64>() >= 0) return static_cast<u64>(value.get<i64>());
  return std::nullopt;
}

}  // namespace orrery
