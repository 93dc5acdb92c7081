#include "cpu/isa/extensions.h"

#include <fmt/format.h>

namespace orrery {
namespace {

struct Row {
  Extension extension;
  std::string_view name;
  char letter;
};

constexpr Row rows[] = {
#define EXT(name, text, letter) {Extension::name, text, letter},
#include "cpu/isa/extensions.def"
#undef EXT
};

bool add_by_name(std::string_view name, ExtensionSet& set) {
  for (const Row& row : rows) {
    if (row.name != name) continue;
    set.add(row.extension);
    return true;
  }
  return false;
}

}  // namespace

std::string ExtensionSet::parse(std::string_view isa, ExtensionSet& result) {
  result = {};
  if (!isa.starts_with("rv64")) return fmt::format("\"{}\" does not begin with rv64", isa);
  std::string_view rest = isa.substr(4);
  std::string_view letters = rest.substr(0, rest.find('_'));
  rest.remove_prefix(letters.size());
  for (const char letter : letters) {
    if (letter == 'g') {
      for (const char* name : {"i", "m", "a", "f", "d", "zicsr", "zifencei"})
        add_by_name(name, result);
    } else if (!add_by_name(std::string_view(&letter, 1), result)) {
      return fmt::format("unknown extension \"{}\"", letter);
    }
  }
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view name = rest.substr(0, rest.find('_'));
    rest.remove_prefix(name.size());
    if (!add_by_name(name, result)) return fmt::format("unknown extension \"{}\"", name);
  }
  using enum Extension;
  if (!result.has(I)) return "the base \"i\" is missing";
  if (result.has(D) && !result.has(F)) return "\"d\" needs \"f\"";
  if (result.has(F) && !result.has(Zicsr)) return "\"f\" needs \"zicsr\"";
  if (result.has(S) && !result.has(U)) return "\"s\" needs \"u\"";
  for (const Extension e : {Sstc, Svinval, Svnapot, Svpbmt, Svadu, Svade, Sscofpmf})
    if (result.has(e) && !result.has(S))
      return fmt::format("\"{}\" needs \"s\"", rows[static_cast<unsigned>(e)].name);
  return "";
}

std::string ExtensionSet::isa_string() const {
  std::string text = "rv64";
  for (const Row& row : rows) {
    if (!has(row.extension) || row.extension == Extension::S || row.extension == Extension::U)
      continue;
    if (!row.letter) text += '_';
    text += row.name;
  }
  return text;
}

std::vector<std::string> ExtensionSet::names() const {
  std::vector<std::string> result;
  for (const Row& row : rows)
    if (has(row.extension) && row.extension != Extension::S && row.extension != Extension::U)
      result.emplace_back(row.name);
  return result;
}

u64 ExtensionSet::misa() const {
  u64 value = u64{2} << 62;
  for (const Row& row : rows)
    if (row.letter && has(row.extension)) value |= u64{1} << (row.letter - 'a');
  return value;
}

}  // namespace orrery
