// Configuration files: JSON that builds on other JSON, and settings of the command line over it.
//
//   {"base": "linux.json", "machine": {"harts": 4, "boot": {"append": "console=ttyS0 quiet"}}}
//
// "base" names a file, or a list of files from the most general to the most special, relative to
// the file that names them. What stands beside it goes over them: objects merge, everything else
// replaces. An object that names another "type" than the one below it replaces it as a whole, since
// the parameters of one type mean nothing to the other.
//
// Names of files inside a description are relative to the file they stand in; on the command line,
// to the current directory. ${ORRERY_CACHE} stands for the folder that holds fetched and built
// guests.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace orrery {

// The whole description that `file` stands for.
Json read_description(const std::string& file);

// Sets the value at a path such as "machine.boot.kernel"; objects on the way are made.
void set_value(Json& description, std::string_view path, Json value);

// The same for "path=value" as people write it (--set): the value is JSON when it parses as such,
// otherwise a text.
void set_value(Json& description, std::string_view assignment);

// ${ORRERY_CACHE}: of the environment, else ${XDG_CACHE_HOME:-$HOME/.cache}/orrery.
std::string cache_directory();

}  // namespace orrery
