// The program's own version; file formats carry versions of their own.
#pragma once

namespace orrery {
extern const char* const version;  // as CMakeLists.txt names it: "0.1.0"
}
