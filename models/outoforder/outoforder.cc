// The out-of-order core model. Behind a mispredicted branch the wrong path is fetched and executed on
// a copy (cpu/exec/speculative.h).
//
// Limits, beside those of every TimingModel: an interrupt is taken between two fetches, when all
// before has committed; what is behind an instruction that traps is not fetched.
#include "models/outoforder/core.h"
#include "models/timing/timing_model.h"

namespace orrery {
namespace {

const bool registered =
    CpuModels::add<TimingModel<ooo::Core>>("outoforder", "a superscalar out-of-order core");

}  // namespace
}  // namespace orrery
