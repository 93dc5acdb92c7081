#include "frontend/version.h"

namespace orrery {
const char* const version = ORRERY_VERSION;
}
