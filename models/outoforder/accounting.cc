#include "models/outoforder/accounting.h"

namespace orrery::ooo {
namespace {
constexpr const char* unit = "cycles";
}

Accounting::Accounting(Component* owner)
    : cycles(owner, "cycles", unit, "all cycles; the sum of those below"),
      by_cause{{{owner, "base_cycles", unit, "instructions committed"},
                {owner, "fetch_bandwidth_cycles", unit, "the front end brings no more a cycle"},
                {owner, "fetch_miss_cycles", unit, "the instruction cache missed"},
                {owner, "itlb_cycles", unit, "the instruction TLB missed"},
                {owner, "taken_branch_cycles", unit, "a predicted branch turned the front end round"},
                {owner, "mispredict_cycles", unit, "a branch was mispredicted"},
                {owner, "execute_cycles", unit, "the oldest instruction was not done"},
                {owner, "load_hit_cycles", unit, "the oldest is a load that hits"},
                {owner, "load_miss_cycles", unit, "the oldest is a load that missed"},
                {owner, "dtlb_cycles", unit, "the oldest's translation missed"},
                {owner, "store_forward_cycles", unit, "the oldest is a load that waits for a store"},
                {owner, "violation_cycles", unit, "a load went ahead of a store and was done again"},
                {owner, "write_buffer_cycles", unit, "the oldest waits for stores on their way"},
                {owner, "issue_cycles", unit, "the oldest was ready, units were busy"},
                {owner, "serialise_cycles", unit, "the pipeline emptied for an instruction, trap or interrupt"},
                {owner, "idle_cycles", unit, "wfi"}}} {}

}  // namespace orrery::ooo
