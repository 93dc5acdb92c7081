#include "frontend/result_names.h"

#include <algorithm>

#include "base/error.h"
#include "frontend/files.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

fs::path plain(const std::string& name) {
  std::error_code error;
  const fs::path absolute = fs::absolute(name, error);
  const fs::path path = fs::weakly_canonical(absolute, error);
  const fs::path found = error ? absolute.lexically_normal() : path;
  return found.has_filename() ? found : found.parent_path();  // "name/"
}

bool lies_in(const fs::path& path, const fs::path& directory) {
  const auto [end, rest] = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return end == directory.end() && rest != path.end();
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return a == b || fs::equivalent(a, b, error);  // hard links
}

}  // namespace

void ResultNames::reads(const std::string& file) {
  if (!file.empty()) read_.push_back(plain(file));
}

void ResultNames::writes(const std::string& option, const std::string& file) {
  require_writable(option, file);
  std::error_code error;
  if (!fs::is_other(file, error)) add(option, file, false);  // /dev/null takes everything
}

void ResultNames::writes_directory(const std::string& option, const std::string& directory) {
  require_writable_directory(option, directory);
  add(option, directory, true);
}

void ResultNames::add(const std::string& option, const std::string& name, bool directory) {
  const Name added{option, plain(name), directory};
  for (const fs::path& input : read_)
    if (same_file(added.path, input))
      config_error("{}: {}: is a file that this run reads", option, name);
  for (const Name& other : written_) {
    // The same checkpoint may be saved again and again: whether it may is the saving's to say.
    const bool same = same_file(added.path, other.path) && !(directory && other.directory);
    if (same) config_error("{}: {}: is written by {} too", option, name, other.option);
    if ((other.directory && lies_in(added.path, other.path)) ||
        (directory && lies_in(other.path, added.path)))
      config_error("{}: {}: results cannot lie in a checkpoint that is saved ({})", option, name,
                   other.option);
  }
  written_.push_back(added);
}

}  // namespace orrery
