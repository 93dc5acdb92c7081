// A directory that appears whole or not at all.
//
//   NAME.partial-PID   being written (locked), or left by a killed save (not locked)
//   NAME               the checkpoint: moved into place by one rename, or exchanged with the old one
//   NAME.replaced-PID  the old one, for a moment, on file systems that cannot exchange
//
// Whoever removes or moves one of the two latter holds its lock; a lock is good only while the name
// still leads to what was locked.
//
// Killed at any moment, NAME is the old directory or the new one. Only where the file system cannot
// exchange, NAME may be missing for a moment; the next save puts the old one back.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "checkpoint/files.h"

namespace orrery {

// Refuses what an Aside with these arguments would refuse, when there is time to choose another
// name. ConfigErrors begin with `shown`.
void require_replaceable(const std::string& shown, const std::string& target, bool replace,
                         std::span<const std::string_view> known);

class Aside {
 public:
  // Prepares to write `target`. An existing one is a ConfigError unless `replace`, and even then if
  // it holds anything but files named in `known`. What killed saves left beside it is removed.
  // The first of `known` is what makes the directory a checkpoint. `can_exchange` is false in tests
  // only, to stand for a file system without that.
  Aside(const std::string& target, bool replace, std::span<const std::string_view> known,
        bool can_exchange = true);
  // Removes what was written, unless commit() has moved it into place.
  ~Aside();
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  const std::string& target() const { return target_; }
  std::string path_of(std::string_view name) const;  // where to write the file `name`

  // Every file is finished: moves the directory into place.
  void commit();

 private:
  void create();
  void clean_up() const;
  bool exchange();
  bool move_in_two_steps(bool replacing);
  void remove(const std::string& path, const Descriptor& locked) const;
  void remove_unless_locked(const std::string& path) const;

  std::string target_;
  std::string parent_;
  std::string partial_;
  bool replace_;
  bool can_exchange_;
  std::span<const std::string_view> known_;
  Descriptor lock_;
};

}  // namespace orrery
