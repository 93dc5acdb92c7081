// The guest's first file system: the user's archive, and behind it a second one with the files
// that the user adds. Linux unpacks both, later entries over earlier ones (Linux,
// Documentation/driver-api/early-userspace/buffer-format.rst).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace orrery {

struct InitramfsFile {
  std::string path;  // absolute, in the guest
  std::vector<u8> bytes;
  bool executable = false;
};

// Splits "FILE:/path" at its last ":/". A path that ends in '/' is a directory: the file keeps its
// name. ConfigError, beginning with `parameter`, for anything else.
struct AddedFile {
  std::string file;
  std::string path;
};
AddedFile parse_added_file(const std::string& parameter, std::string_view text);

// A cpio archive ("newc") of the files and their parent directories. Contains no times, owners or
// numbers of the host: the same files give the same bytes.
std::vector<u8> make_cpio(const std::vector<InitramfsFile>& files);

// Refuses what Linux would not unpack, and what is cut off: the kernel would go on with the files
// that are left. Looks into gzip and zstd, of which at most `limit` bytes may come.
void check_initramfs(const std::string& name, const std::vector<u8>& archive, u64 limit);

// `archive` (may be empty) with `second` behind it, so that Linux finds both.
std::vector<u8> join_archives(std::vector<u8> archive, const std::vector<u8>& second);

}  // namespace orrery
