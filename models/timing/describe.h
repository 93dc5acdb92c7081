// From what cpu/exec executed to what a timing model's core is told.
#pragma once

#include "cpu/exec/step.h"
#include "models/timing/record.h"

namespace orrery {

// What must be known of an instruction before it executes.
struct Preview {
  bool alone = false;     // enters an empty pipeline only (models/cpu_model.h)
  bool restarts = false;  // ... and fetching starts anew behind it
  bool exact = false;     // a square root without remainder
  std::optional<PhysAddr> physical;  // of its access, where that is at hand
};

Preview preview(const Hart& hart, const Op* op);

void describe(const Hart& hart, const Executed& executed, const Preview& preview, Record& record);
// The same for an instruction of a wrong path: it never traps and never runs alone, and accesses one
// page.
void describe_wrong_path(const Executed& executed, Record& record);

// How the hart's accesses are translated now (II, 3.1.6.3, 12.1.11).
SpaceId space_of(const Hart& hart);

// What was stored ends the reservations of other harts (I, 13.2).
void end_reservations(Hart& hart, const Executed& executed);

}  // namespace orrery
