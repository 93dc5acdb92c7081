// Text as people write it.
#pragma once

#include <string_view>

namespace orrery {

bool is_utf8(std::string_view text);

// UTF-8 whose control characters are those of lines and pages alone.
bool is_plain_text(std::string_view text);

}  // namespace orrery
