// Names of the control and status registers, by number.
#pragma once

#include <string_view>

#include "base/types.h"

namespace orrery {

// "mstatus"; empty when there is no such register. Array members by the name of their array.
std::string_view csr_name(u32 number);

}  // namespace orrery
