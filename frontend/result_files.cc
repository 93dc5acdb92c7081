#include "frontend/result_files.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/json_io.h"
#include "frontend/files.h"

namespace orrery {
namespace {

constexpr const char* description_suffix = ".description.json";
constexpr const char* host_suffix = ".host.json";

Json read_json(const std::string& file) { return parse_json(read_text_file(file), file); }

// The object under `key`; the tools that read results rely on its being one.
Json part(const std::string& file, const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  if (!json.is_object() || found == json.end() || !found->is_object())
    config_error("{}: is no statistics file: it has no object \"{}\"", file, key);
  return *found;
}

}  // namespace

std::vector<std::string> names_of_result(const std::string& file) {
  std::error_code error;
  if (std::filesystem::is_other(file, error)) return {file};  // /dev/null has no files beside it
  return {file, file + description_suffix, file + host_suffix};
}

std::optional<std::string> result_beside(const std::string& file) {
  for (const std::string_view suffix : {description_suffix, host_suffix}) {
    if (!file.ends_with(suffix)) continue;
    const std::string result = file.substr(0, file.size() - suffix.size());
    if (std::filesystem::is_regular_file(result)) return result;
  }
  return std::nullopt;
}

void write_result(const std::string& file, const PhaseResult& result) {
  if (names_of_result(file).size() > 1) {
    write_json_file(file + host_suffix, result.host);
    write_json_file(file + description_suffix, result.description);
  }
  write_json_file(file, {{"phase", result.phase},
                         {"statistics", result.statistics},
                         {"schema", result.schema}});
}

PhaseResult read_result(const std::string& file) {
  const Json json = read_json(file);
  PhaseResult result;
  result.phase = part(file, json, "phase");
  result.statistics = part(file, json, "statistics");
  result.schema = part(file, json, "schema");
  if (std::filesystem::exists(file + description_suffix))
    result.description = read_json(file + description_suffix);
  if (std::filesystem::exists(file + host_suffix)) result.host = read_json(file + host_suffix);
  return result;
}

std::vector<std::string> result_files(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().string();
    if (name.ends_with(".json") && !name.ends_with(description_suffix) &&
        !name.ends_with(host_suffix) && std::filesystem::exists(name + host_suffix))
      files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace orrery
