#include "frontend/description.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "base/error.h"
#include "base/json_io.h"
#include "frontend/files.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bases = 16;  // of files above one another

// Parameters that name files of the host. The last one is a list of "FILE:/path".
constexpr std::string_view file_parameters[] = {
    "/machine/boot/firmware", "/machine/boot/kernel", "/machine/boot/initramfs",
    "/machine/boot/add"};

// --- Merging -------------------------------------------------------------------------------------

bool changes_type(const Json& below, const Json& above) {
  const auto old_type = below.find("type");
  const auto new_type = above.find("type");
  return old_type != below.end() && new_type != above.end() && *old_type != *new_type;
}

void merge(Json& below, Json above) {
  if (!below.is_object() || !above.is_object() || changes_type(below, above)) {
    below = std::move(above);
    return;
  }
  for (auto& [key, value] : above.items()) {
    const auto found = below.find(key);
    if (found == below.end()) {
      below[key] = std::move(value);
    } else {
      merge(*found, std::move(value));
    }
  }
}

// --- Names of files ------------------------------------------------------------------------------

std::string expand(const std::string& where, std::string text) {
  for (auto begin = text.find("${"); begin != text.npos; begin = text.find("${", begin)) {
    const auto end = text.find('}', begin);
    const std::string name = text.substr(begin + 2, end == text.npos ? end : end - begin - 2);
    if (end == text.npos || name != "ORRERY_CACHE")
      config_error("{}: unknown variable \"${{{}}}\" in \"{}\"; known: ${{ORRERY_CACHE}}", where,
                   name, text);
    const std::string value = cache_directory();
    text.replace(begin, end + 1 - begin, value);
    begin += value.size();
  }
  return text;
}

std::string resolve(const std::string& where, const fs::path& directory, const std::string& text) {
  if (text.empty()) return text;
  const fs::path path = expand(where, text);
  return path.is_absolute() ? path.string() : (directory / path).lexically_normal().string();
}

// Makes the names of files in `description` independent of the directory they are relative to.
void resolve_files(Json& description, const std::string& where, const fs::path& directory) {
  for (const std::string_view parameter : file_parameters) {
    const Json::json_pointer pointer{std::string(parameter)};
    if (!description.contains(pointer)) continue;
    Json& value = description[pointer];
    if (value.is_string()) value = resolve(where, directory, value.get<std::string>());
    if (!value.is_array()) continue;
    for (Json& element : value)
      if (element.is_string()) element = resolve(where, directory, element.get<std::string>());
  }
}

// --- Files that build on each other --------------------------------------------------------------

Json read_with_bases(const std::string& file, std::vector<fs::path>& above);

Json read_bases(const std::string& file, const Json& base, std::vector<fs::path>& above) {
  Json result = Json::object();
  const Json list = base.is_array() ? base : Json::array({base});
  for (const Json& name : list) {
    if (!name.is_string() || name.get<std::string>().empty())
      config_error("{}: base: expected the name of a file, found {}", file, name.dump());
    merge(result, read_with_bases(resolve(file, fs::path(file).parent_path(), name), above));
  }
  return result;
}

Json read_with_bases(const std::string& file, std::vector<fs::path>& above) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(file, error);
  if (std::find(above.begin(), above.end(), canonical) != above.end())
    config_error("{}: builds on itself: its \"base\" leads back to {}", above.front().string(),
                 file);
  if (above.size() >= most_bases)
    config_error("{}: more than {} files build on each other", file, most_bases);
  above.push_back(canonical);

  Json description = parse_json(read_text_file(file), file);
  if (!description.is_object())
    config_error("{}: expected an object {{...}}, found {}", file, description.type_name());
  resolve_files(description, file, fs::path(file).parent_path());
  if (const auto base = description.find("base"); base != description.end()) {
    Json below = read_bases(file, *base, above);
    description.erase("base");
    merge(below, std::move(description));
    description = std::move(below);
  }
  above.pop_back();
  return description;
}

// --- Settings ------------------------------------------------------------------------------------

// Messages begin with `origin`.
void set(Json& description, std::string_view path, Json value, const std::string& origin) {
  Json patch = std::move(value);
  std::string_view rest = path;
  // The path's last key is the innermost.
  for (bool first = false; !first;) {
    const auto dot = rest.rfind('.');
    first = dot == rest.npos;
    const std::string_view key = first ? rest : rest.substr(dot + 1);
    if (key.empty()) config_error("{}: an empty name in the path", origin);
    Json outer = Json::object();
    outer[std::string(key)] = std::move(patch);
    patch = std::move(outer);
    if (!first) rest = rest.substr(0, dot);
  }

  const Json* at = &description;
  for (std::size_t begin = 0;;) {
    if (!at->is_object() && !at->is_null())
      config_error("{}: {} is {}, not an object with parameters", origin,
                   path.substr(0, begin == 0 ? 0 : begin - 1), at->dump());
    const auto end = path.find('.', begin);
    if (end == path.npos || at->is_null()) break;
    const auto found = at->find(path.substr(begin, end - begin));
    if (found == at->end()) break;
    at = &*found;
    begin = end + 1;
  }
  // Json takes any bytes, but writes only UTF-8: found here rather than when results are written.
  if (patch.dump(-1, ' ', false, Json::error_handler_t::ignore) !=
      patch.dump(-1, ' ', false, Json::error_handler_t::replace))
    config_error("--set: a path or value that is not UTF-8 text");
  resolve_files(patch, origin, {});
  merge(description, std::move(patch));
}

}  // namespace

Json read_description(const std::string& file) {
  std::vector<fs::path> above;
  Json description = read_with_bases(file, above);
  // Flags would replace null, and stumble over anything else.
  const auto machine = description.find("machine");
  if (machine != description.end() && !machine->is_object())
    config_error("{}: machine: expected an object {{...}}, found {}", file, show(*machine));
  return description;
}

void set_value(Json& description, std::string_view path, Json value) {
  set(description, path, std::move(value), std::string(path));
}

void set_value(Json& description, std::string_view assignment) {
  const auto equals = assignment.find('=');
  if (equals == assignment.npos || equals == 0)
    config_error("--set {}: expected path.to.key=value", assignment);
  const std::string_view path = assignment.substr(0, equals);
  const std::string_view text = assignment.substr(equals + 1);
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) value = std::string(text);
  set(description, path, std::move(value), fmt::format("--set {}", path));
}

std::string cache_directory() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (const auto own = variable("ORRERY_CACHE"); !own.empty()) return own;
  if (const auto caches = variable("XDG_CACHE_HOME"); !caches.empty()) return caches + "/orrery";
  if (const auto home = variable("HOME"); !home.empty()) return home + "/.cache/orrery";
  config_error("${{ORRERY_CACHE}}: set ORRERY_CACHE or HOME, neither is in the environment");
}

}  // namespace orrery
