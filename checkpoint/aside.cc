#include "checkpoint/aside.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/error.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view partial_infix = ".partial-";
constexpr std::string_view replaced_infix = ".replaced-";

bool exists(const std::string& path) {
  struct stat facts {};
  return lstat(path.c_str(), &facts) == 0;
}

// The first name in the directory that no checkpoint has; "" when there is none, and when `error`
// says that the directory cannot be read.
std::string foreign_entry(const std::string& path, std::span<const std::string_view> known,
                          std::error_code& error) {
  error.clear();
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code vanished;  // somebody else may be removing it
    if (std::find(known.begin(), known.end(), name) == known.end() || at->is_directory(vanished))
      return name;
  }
  if (error == std::errc::no_such_file_or_directory) error.clear();
  return "";
}

// A name that we gave: `base` + `infix` + digits.
bool is_ours(std::string_view name, std::string_view base, std::string_view infix) {
  if (!name.starts_with(base) || !name.substr(base.size()).starts_with(infix)) return false;
  const std::string_view digits = name.substr(base.size() + infix.size());
  return !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
}

std::optional<Descriptor> try_lock(const std::string& path) {
  Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory || flock(directory.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  struct stat locked {}, named {};
  if (fstat(directory.get(), &locked) != 0 || lstat(path.c_str(), &named) != 0 ||
      locked.st_ino != named.st_ino || locked.st_dev != named.st_dev)
    return std::nullopt;
  return directory;
}

std::string plain_target(const std::string& target) {
  fs::path path = fs::path(target).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "name/"
  std::error_code error;
  if (fs::is_symlink(path, error) && fs::exists(path, error)) path = fs::canonical(path);
  if (path.filename().empty() || path.filename() == "." || path.filename() == "..")
    config_error("\"{}\": not a name for a checkpoint", target);
  return path.string();
}

std::string parent_of(const std::string& target) {
  const fs::path path(target);
  return path.has_parent_path() ? path.parent_path().string() : ".";
}

// True: there is one, and it may be replaced.
bool refuse_existing(const std::string& shown, const std::string& target, bool replace,
                     std::span<const std::string_view> known) {
  const std::string parent = parent_of(target);
  if (std::all_of(known.begin(), known.end(), [&](std::string_view name) {
        return exists(fmt::format("{}/{}", parent, name));
      }))
    config_error("{}: {} is a checkpoint itself, and holds nothing else", shown, parent);
  if (!exists(target)) return false;
  if (!replace) config_error("{}: exists already; --replace replaces it", shown);
  if (!fs::is_directory(target)) config_error("{}: is no checkpoint, and is not replaced", shown);
  std::error_code unreadable;
  const std::string foreign = foreign_entry(target, known, unreadable);
  if (unreadable)
    config_error("{}: cannot be looked into, and is not replaced: {}", shown, unreadable.message());
  if (!foreign.empty())
    config_error("{}: holds \"{}\", which is no part of a checkpoint, and is not replaced", shown,
                 foreign);
  return true;
}

}  // namespace

void require_replaceable(const std::string& shown, const std::string& target, bool replace,
                         std::span<const std::string_view> known) {
  refuse_existing(shown, plain_target(target), replace, known);
}

Aside::Aside(const std::string& target, bool replace, std::span<const std::string_view> known,
             bool can_exchange)
    : replace_(replace), can_exchange_(can_exchange), known_(known) {
  target_ = plain_target(target);
  parent_ = parent_of(target_);
  partial_ = fmt::format("{}{}{}", target_, partial_infix, getpid());
  clean_up();
  refuse_existing(target_, target_, replace_, known_);
  create();
}

Aside::~Aside() {
  if (lock_) remove(partial_, lock_);
}

std::string Aside::path_of(std::string_view name) const { return fmt::format("{}/{}", partial_, name); }

void Aside::create() {
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (mkdir(partial_.c_str(), 0777) == 0) {
      // Somebody who cleans up may have taken it for a leftover before it was locked.
      if (auto lock = try_lock(partial_)) {
        lock_ = std::move(*lock);
        return;
      }
    } else if (errno != EEXIST) {
      file_error(partial_, "create", errno);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // somebody is removing it
    remove_unless_locked(partial_);
  }
  config_error("{}: is being saved already, or {} cannot be removed", target_, partial_);
}

void Aside::clean_up() const {
  const std::string base = fs::path(target_).filename().string();
  std::error_code error;
  for (fs::directory_iterator at(parent_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const std::string path = at->path().string();
    const bool partial = is_ours(name, base, partial_infix);
    if (!partial && !is_ours(name, base, replaced_infix)) continue;
    const auto lock = try_lock(path);
    std::error_code unreadable;
    if (!lock || !foreign_entry(path, known_, unreadable).empty() || unreadable) continue;
    if (!partial && !exists(target_) && exists(fmt::format("{}/{}", path, known_.front()))) {
      if (std::rename(path.c_str(), target_.c_str()) == 0) continue;
    }
    remove(path, *lock);
  }
}

// The first of the known files goes first: without it, what is left is no checkpoint.
void Aside::remove(const std::string& path, const Descriptor& locked) const {
  for (const std::string_view name : known_) unlinkat(locked.get(), std::string(name).c_str(), 0);
  rmdir(path.c_str());
}

void Aside::remove_unless_locked(const std::string& path) const {
  if (const auto lock = try_lock(path)) remove(path, *lock);
}

// True when the old directory now stands where the new one was written.
bool Aside::exchange() {
  const auto rename_with = [this](unsigned flags) {
    return renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, target_.c_str(), flags) == 0;
  };
  for (int attempt = 0; attempt < 10; ++attempt) {
    const bool replacing = refuse_existing(target_, target_, replace_, known_);
    if (can_exchange_ && rename_with(replacing ? RENAME_EXCHANGE : RENAME_NOREPLACE))
      return replacing;
    if (!can_exchange_ || errno == EINVAL || errno == ENOSYS) {
      if (move_in_two_steps(replacing)) return false;
    } else if (errno != EEXIST && errno != ENOENT) {
      file_error(target_, "move into place", errno);
    }
    // It came or went meanwhile: look again.
  }
  config_error("{}: others keep creating and removing it", target_);
}

// False: somebody else was quicker, and nothing was moved.
bool Aside::move_in_two_steps(bool replacing) {
  const std::string replaced = fmt::format("{}{}{}", target_, replaced_infix, getpid());
  if (replacing && std::rename(target_.c_str(), replaced.c_str()) != 0) {
    if (errno == ENOENT || errno == EEXIST || errno == ENOTEMPTY) return false;
    file_error(target_, "move aside", errno);
  }
  if (std::rename(partial_.c_str(), target_.c_str()) != 0) {
    const int cause = errno;
    if (cause == EEXIST || cause == ENOTEMPTY) return false;
    if (replacing) std::rename(replaced.c_str(), target_.c_str());
    file_error(target_, "move into place", cause);
  }
  if (replacing) remove_unless_locked(replaced);
  return true;
}

void Aside::commit() {
  sync_directory(partial_);
  const bool old_remains = exchange();
  lock_.close();
  sync_directory(parent_);
  if (old_remains) remove_unless_locked(partial_);
}

}  // namespace orrery
