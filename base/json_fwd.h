// Forward declaration of Json for headers that only pass it on.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace orrery {
using Json = nlohmann::ordered_json;
}
