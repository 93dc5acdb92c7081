#include "base/params.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/json_io.h"

namespace orrery {
namespace {

std::optional<u64> parse_address(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  u64 value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, hexadecimal ? 16 : 10);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

struct Params::Documents {
  const Json& source;
  Json resolved = Json::object();
  Json properties = Json::object();
  Json schema;
};

Params::Params(const Json& source, std::string path)
    : documents_(new Documents{source, Json::object(), Json::object(), {}}), path_(std::move(path)) {
  if (!source.is_object())
    config_error("{}: expected an object {{...}}, found {}", path_, show(source));
}

Params::~Params() = default;

std::string Params::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

const Json* Params::take(const char* name) {
  last_ = name;
  ORRERY_CHECK(std::find(known_.begin(), known_.end(), name) == known_.end(),
               "{}: parameter declared twice", path_of(name));
  known_.emplace_back(name);
  const auto found = documents_->source.find(name);
  return found == documents_->source.end() ? nullptr : &*found;
}

void Params::wrong(const char* name, const Json& found, std::string_view expected) const {
  config_error("{}: expected {}, found {}", path_of(name), expected, show(found));
}

void Params::unknown_word(const char* name, const Json& found,
                          const std::vector<std::string>& known) const {
  const auto meant = found.is_string() ? nearest(found.get<std::string>(), known) : std::nullopt;
  config_error("{}: unknown {}{}; known: {}", path_of(name), show(found),
               meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "",
               fmt::join(known, " "));
}

void Params::note(const char* name, Json resolved, Json fallback, Json schema, const char* text) {
  schema["description"] = text;
  schema["default"] = std::move(fallback);
  documents_->properties[name] = std::move(schema);
  documents_->resolved[name] = std::move(resolved);
}

Params& Params::operator()(const char* name, bool& value, const char* text) {
  const bool fallback = value;
  if (const Json* found = take(name)) {
    if (!found->is_boolean()) wrong(name, *found, "true or false");
    value = found->get<bool>();
  }
  note(name, value, fallback, {{"type", "boolean"}}, text);
  return *this;
}

Params& Params::integer(const char* name, u64& value, u64 limit, const char* unit,
                        const char* text) {
  const u64 fallback = value;
  if (const Json* found = take(name)) {
    std::optional<u64> number = whole_number(*found);
    // As a text only with its factor, "100M": a plain number is written as one.
    const std::string text_found = found->is_string() ? found->get<std::string>() : "";
    if (text_found.find_first_of("kKMG") != std::string::npos)
      number = parse_quantity(text_found, Unit::None);
    if (!number) wrong(name, *found, fmt::format("a whole number of {}", unit));
    if (*number > limit)
      wrong(name, *found, fmt::format("a whole number of {} of at most {}", unit, limit));
    value = *number;
  }
  note(name, value, fallback, {{"type", {"integer", "string"}}, {"minimum", 0}, {"unit", unit}}, text);
  return *this;
}

Params& Params::operator()(const char* name, u64& value, const char* unit, const char* text) {
  return integer(name, value, ~u64{0}, unit, text);
}

Params& Params::operator()(const char* name, u32& value, const char* unit, const char* text) {
  u64 wide = value;
  integer(name, wide, ~u32{0}, unit, text);
  value = static_cast<u32>(wide);
  return *this;
}

Params& Params::operator()(const char* name, double& value, const char* unit, const char* text) {
  const double fallback = value;
  if (const Json* found = take(name)) {
    if (!found->is_number() || !std::isfinite(found->get<double>()))
      wrong(name, *found, fmt::format("a number of {}", unit));
    value = found->get<double>();
  }
  note(name, value, fallback, {{"type", "number"}, {"unit", unit}}, text);
  return *this;
}

Params& Params::quantity(const char* name, u64& value, Unit unit, const char* text) {
  static constexpr const char* examples[] = {"", "a size such as \"32KiB\"",
                                             "a time such as \"4ns\"",
                                             "a frequency such as \"1.5GHz\""};
  const char* example = examples[static_cast<int>(unit)];
  const u64 fallback = value;
  if (const Json* found = take(name)) {
    std::optional<u64> parsed;
    if (found->is_string()) parsed = parse_quantity(found->get<std::string>(), unit);
    if (!parsed) wrong(name, *found, example);
    value = *parsed;
  }
  note(name, format_quantity(value, unit), format_quantity(fallback, unit),
       {{"type", "string"}, {"expected", example}}, text);
  return *this;
}

Params& Params::operator()(const char* name, Bytes& value, const char* text) {
  return quantity(name, value.value, Unit::Bytes, text);
}

Params& Params::operator()(const char* name, Duration& value, const char* text) {
  return quantity(name, value.ticks, Unit::Duration, text);
}

Params& Params::operator()(const char* name, Frequency& value, const char* text) {
  quantity(name, value.hertz, Unit::Frequency, text);
  require(value.hertz >= 1 && value.hertz <= ticks_per_second, name, "must be 1Hz to 1000GHz");
  return *this;
}

Params& Params::clock(const char* name, Frequency& value, const char* text) {
  (*this)(name, value, text);
  value = value.effective();
  documents_->resolved[name] = format_quantity(value.hertz, Unit::Frequency);
  return *this;
}

Params& Params::operator()(const char* name, PhysAddr& value, const char* text) {
  const auto text_of = [](PhysAddr address) { return fmt::format("{:#x}", address.value()); };
  const PhysAddr fallback = value;
  if (const Json* found = take(name)) {
    std::optional<u64> address = whole_number(*found);
    if (found->is_string()) address = parse_address(found->get<std::string>());
    if (!address) wrong(name, *found, "an address such as \"0x80000000\"");
    value = PhysAddr{*address};
  }
  note(name, text_of(value), text_of(fallback), {{"type", {"string", "integer"}}}, text);
  return *this;
}

Params& Params::operator()(const char* name, std::string& value, const char* text) {
  const std::string fallback = value;
  if (const Json* found = take(name)) {
    if (!found->is_string()) wrong(name, *found, "a text in quotes");
    value = found->get<std::string>();
  }
  note(name, value, fallback, {{"type", "string"}}, text);
  return *this;
}

Params& Params::operator()(const char* name, std::vector<std::string>& value, const char* text) {
  const std::vector<std::string> fallback = value;
  if (const Json* found = take(name)) {
    const bool good = found->is_array() && std::all_of(found->begin(), found->end(), [](auto& e) {
                        return e.is_string();
                      });
    if (!good) wrong(name, *found, "a list of texts");
    value = found->get<std::vector<std::string>>();
  }
  note(name, value, fallback, {{"type", "array"}, {"items", {{"type", "string"}}}}, text);
  return *this;
}

std::size_t Params::choose(const char* name, const std::vector<std::string_view>& words,
                           std::size_t fallback, const char* text) {
  std::size_t index = fallback;
  if (const Json* found = take(name)) {
    const auto at = found->is_string()
                        ? std::find(words.begin(), words.end(), found->get<std::string>())
                        : words.end();
    if (at == words.end()) unknown_word(name, *found, {words.begin(), words.end()});
    index = static_cast<std::size_t>(at - words.begin());
  }
  note(name, words[index], words[fallback], {{"enum", words}}, text);
  return index;
}

std::unique_ptr<Params> Params::open(const char* name, const char* text, Presence presence) {
  static const Json empty = Json::object();
  const Json* found = take(name);
  const bool described = found && presence != Presence::Absent && presence_ != Presence::Absent;
  auto nested = std::make_unique<Params>(described ? *found : empty, path_of(name));
  nested->text_ = text;
  // Below something absent nothing is present, and no rule is broken.
  nested->presence_ = presence_ == Presence::Absent ? presence_ : presence;
  return nested;
}

void Params::close(const char* name, Params& nested) {
  nested.finish();
  const bool absent = nested.presence_ == Presence::Absent;
  documents_->resolved[name] = absent ? Json() : nested.resolved();
  documents_->properties[name] = nested.schema();
  if (!absent) fixed_.insert(fixed_.end(), nested.fixed_.begin(), nested.fixed_.end());
  last_ = name;
}

bool Params::decide_presence(const char* name, bool present_by_default) const {
  const auto found = documents_->source.find(name);
  return found == documents_->source.end() ? present_by_default : !found->is_null();
}

Params& Params::fixed_at_restore() {
  fixed_.push_back(path_of(last_));
  return *this;
}

void Params::require(bool condition, const char* name, std::string_view rule) {
  if (condition || presence_ == Presence::Absent) return;
  const auto found = documents_->resolved.find(name);
  config_error("{}: {}, found {}", path_of(name), rule,
               found == documents_->resolved.end() ? "nothing" : show(*found));
}

std::string Params::type(std::string_view default_type, const std::vector<std::string>& known,
                         const std::vector<std::string>& texts) {
  std::string word(default_type);
  const Json* found = take("type");
  if (found && found->is_string()) word = found->get<std::string>();
  if ((found && !found->is_string()) || std::find(known.begin(), known.end(), word) == known.end())
    unknown_word("type", found ? *found : Json(word), known);
  std::string text;
  for (std::size_t i = 0; i < known.size(); ++i)
    text += fmt::format("{}{}: {}", i ? "; " : "", known[i], texts[i]);
  note("type", word, default_type, {{"enum", known}}, text.c_str());
  return word;
}

void Params::finish() {
  for (const auto& [key, value] : documents_->source.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    if (key.starts_with("//")) continue;  // a remark, since JSON has no comments
    const auto meant = nearest(key, known_);
    config_error("{}: unknown parameter{}; known: {}", path_of(key),
                 meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "",
                 fmt::join(known_, " "));
  }
  Json& schema = documents_->schema;
  schema = Json::object();
  if (presence_ == Presence::Required) {
    schema["type"] = "object";
  } else {
    schema["type"] = {"object", "null"};
  }
  if (!text_.empty()) schema["description"] = text_;
  schema["properties"] = documents_->properties;
  schema["patternProperties"] = {{"^//", Json::object()}};
  schema["additionalProperties"] = false;
}

const Json& Params::resolved() const { return documents_->resolved; }
const Json& Params::schema() const { return documents_->schema; }

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > 100) return std::nullopt;  // no slip of a finger
  std::optional<std::string> best;
  // A word of one or two letters is no other word with all letters changed.
  const std::size_t most = word.size() <= 2 ? 1 : std::max<std::size_t>(2, word.size() / 3);
  std::size_t best_distance = most + 1;
  for (const std::string& candidate : known) {
    // Optimal string alignment distance: a swap of neighbours counts as one slip.
    std::vector<std::vector<std::size_t>> d(word.size() + 1,
                                            std::vector<std::size_t>(candidate.size() + 1));
    for (std::size_t i = 0; i <= word.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= candidate.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const bool same = word[i - 1] == candidate[j - 1];
        d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + !same});
        if (i > 1 && j > 1 && word[i - 1] == candidate[j - 2] && word[i - 2] == candidate[j - 1])
          d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
    // Of two that are equally near, the one whose end was left out.
    const std::size_t distance = d[word.size()][candidate.size()];
    const bool begins = best && candidate.starts_with(word) && !best->starts_with(word);
    if (distance < best_distance || (distance == best_distance && begins)) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace orrery
