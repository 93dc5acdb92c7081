// The one JSON type of the project. Object keys keep the order in which they were written, so that
// files and reports read as their authors laid them out.
#pragma once

#include <nlohmann/json.hpp>

namespace orrery {
using Json = nlohmann::ordered_json;
}
