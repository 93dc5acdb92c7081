// The program's own version; file formats carry versions of their own.
#pragma once

namespace orrery {
inline constexpr const char* version = "0.1.0";
}
