#include "base/json_io.h"

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

// Reads without building anything, and refuses what would be dangerous to build.
class Scan final : public nlohmann::json_sax<Json> {
 public:
  std::string problem;

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

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: ..."
    const std::string_view text = error.what();
    const std::size_t end_of_tag = text.find("] ");
    return refuse(std::string(end_of_tag == text.npos ? text : text.substr(end_of_tag + 2)));
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

template <class Bytes>
Json parse(const Bytes& bytes, std::string_view origin, nlohmann::detail::input_format_t format) {
  try {
    Scan scan;
    if (!Json::sax_parse(bytes.begin(), bytes.end(), &scan, format))
      config_error("{}: {}", origin, scan.problem.empty() ? "cannot be read" : scan.problem);
    return format == Json::input_format_t::json ? Json::parse(bytes.begin(), bytes.end())
                                                : Json::from_cbor(bytes.begin(), bytes.end());
  } catch (const Json::exception& error) {
    config_error("{}: {}", origin, error.what());
  }
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
  return parse(text, origin, Json::input_format_t::json);
}

Json parse_cbor(std::span<const u8> bytes, std::string_view origin) {
  return parse(bytes, origin, Json::input_format_t::cbor);
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
