// Reading JSON and CBOR that somebody else wrote, and showing a value in a message.
//
// Both readers are bounded (nesting, number of values), so that no bytes, however hostile, can
// exhaust the stack or the host; what they return is safe for every recursive walk.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json_fwd.h"
#include "base/types.h"

namespace orrery {

// `origin` stands first in the ConfigError ("machine.json"). An object that names a key twice is
// an error too.
Json parse_json(std::string_view text, std::string_view origin);
Json parse_cbor(std::span<const u8> bytes, std::string_view origin);

// One line for a message, never throws: long or deeply nested values are cut short.
std::string show(const Json& value);

// The value of a whole number from 0 to 2^64-1, however it is stored.
std::optional<u64> whole_number(const Json& value);

}  // namespace orrery
