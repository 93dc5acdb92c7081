// The simulator and the guest programs mean the same by a marker.
#include "frontend/guest_markers.h"

#include "tests/guest/orrery.h"

static_assert(orrery::marker_command_ok == ORRERY_COMMAND_OK);
static_assert(orrery::marker_command_failed == ORRERY_COMMAND_FAILED);
