#include "frontend/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/json.h"

namespace orrery {
namespace {

std::filesystem::path directory_of(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const auto directory = std::filesystem::path(path).parent_path();
  return directory.empty() ? std::filesystem::path(".") : directory;
}

// Longer than any kernel with its symbols; /dev/zero has no end.
constexpr std::size_t longest_file = std::size_t{4} << 30;

}  // namespace

std::string read_text_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    config_error("{}: is a directory, expected a file", path);
  std::ifstream in(path, std::ios::binary);
  if (!in) config_error("{}: cannot be read: {}", path, std::strerror(errno));
  std::string text;
  std::array<char, 65'536> part;
  do {
    in.read(part.data(), part.size());
    text.append(part.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > longest_file) config_error("{}: has no end within {} GiB", path, longest_file >> 30);
  } while (in);
  if (in.bad()) config_error("{}: cannot be read: {}", path, std::strerror(errno));
  return text;
}

void write_text_file(const std::string& path, std::string_view text) {
  std::error_code error;
  // A device or pipe (/dev/null) is written to, not replaced.
  const bool special = std::filesystem::is_other(path, error);
  const std::string aside = special ? path : path + ".part";
  std::ofstream out(aside, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) {
    const int cause = errno;
    if (!special) ::unlink(aside.c_str());
    config_error("{}: cannot be written: {}", path, std::strerror(cause));
  }
  if (special) return;
  std::filesystem::rename(aside, path, error);
  if (error) config_error("{}: cannot be written: {}", path, error.message());
}

void write_json_file(const std::string& path, const Json& json) {
  write_text_file(path, json.dump(2) + "\n");
}

void require_writable_directory(const std::string& option, const std::string& path) {
  std::error_code error;
  const auto directory = directory_of(path);
  if (!std::filesystem::is_directory(directory, error))
    config_error("{}: {}: there is no directory {}", option, path, directory.string());
  if (::access(directory.c_str(), W_OK) != 0)
    config_error("{}: {}: directory {} cannot be written to", option, path, directory.string());
}

void require_writable(const std::string& option, const std::string& path) {
  std::error_code error;
  if (path.empty()) config_error("{}: expected the name of a file, found nothing", option);
  if (std::filesystem::is_directory(path, error))
    config_error("{}: {} is a directory, expected a file", option, path);
  require_writable_directory(option, path);
}

}  // namespace orrery
