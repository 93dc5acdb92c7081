// The in-order core model.
//
// Limits, beside those of every TimingModel: on a wrong path, branches go where their operands say
// rather than where they would be predicted, and a miss of the instruction TLB ends the path;
// instructions commit together whatever their classes.
#include "models/inorder/pipeline.h"
#include "models/timing/timing_model.h"

namespace orrery {
namespace {

const bool registered =
    CpuModels::add<TimingModel<Pipeline>>("inorder", "a scalar or dual-issue in-order pipeline");

}  // namespace
}  // namespace orrery
