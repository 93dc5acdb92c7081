// Files of the host that people name on the command line. Errors are ConfigErrors that begin with
// the file's name.
#pragma once

#include <string>
#include <string_view>

#include "base/json_fwd.h"

namespace orrery {

std::string read_text_file(const std::string& path);

// Written aside and renamed into place, so that a reader never sees half of it.
void write_text_file(const std::string& path, std::string_view text);
void write_json_file(const std::string& path, const Json& json);

// Refuses a file that could not be written later, before hours of simulation are spent on it.
// `option` is what named it ("--stats").
void require_writable(const std::string& option, const std::string& path);
// The same for something that is or becomes a directory.
void require_writable_directory(const std::string& option, const std::string& path);

}  // namespace orrery
