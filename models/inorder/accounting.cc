#include "models/inorder/accounting.h"

namespace orrery {
namespace {
constexpr const char* unit = "cycles";
}

Accounting::Accounting(Component* owner)
    : cycles(owner, "cycles", unit, "all cycles; the sum of those below"),
      by_cause{{{owner, "base_cycles", unit, "an instruction issued"},
                {owner, "fetch_bandwidth_cycles", unit, "the front end brings no more a cycle"},
                {owner, "fetch_miss_cycles", unit, "the instruction cache missed"},
                {owner, "itlb_cycles", unit, "the instruction TLB missed"},
                {owner, "taken_branch_cycles", unit, "a predicted branch turned the front end round"},
                {owner, "mispredict_cycles", unit, "a branch was mispredicted"},
                {owner, "data_hazard_cycles", unit, "a result was not ready"},
                {owner, "load_use_cycles", unit, "a load that hit was not ready"},
                {owner, "load_miss_cycles", unit, "a load that missed was not ready"},
                {owner, "dtlb_cycles", unit, "the data TLB missed"},
                {owner, "structural_cycles", unit, "a unit or all MSHRs were busy"},
                {owner, "store_buffer_cycles", unit, "a store was in the way: buffer full, or a load behind it"},
                {owner, "serialise_cycles", unit, "the pipeline emptied for an instruction, trap or interrupt"},
                {owner, "idle_cycles", unit, "wfi"}}} {}

}  // namespace orrery
