// The files that a run is going to write, checked before hours of simulation are spent on it: each
// can be written, and none takes the place of another or of a file that the run reads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace orrery {

class ResultNames {
 public:
  // A file that the run reads; what does not exist (and is a mistake that others tell) is ignored.
  void reads(const std::string& file);

  // A file, or a checkpoint's directory, that `option` has it write. ConfigErrors begin with it.
  void writes(const std::string& option, const std::string& file);
  void writes_directory(const std::string& option, const std::string& directory);

 private:
  struct Name {
    std::string option;
    std::filesystem::path path;  // without links and dots
    bool directory;
  };
  void add(const std::string& option, const std::string& name, bool directory);

  std::vector<std::filesystem::path> read_;
  std::vector<Name> written_;
};

}  // namespace orrery
