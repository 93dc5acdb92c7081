#include "models/outoforder/accounting.h"

namespace orrery::ooo {

Accounting::Accounting(Component* owner)
    : CycleAccounting(owner, {{{"base_cycles", "instructions committed"},
                             {"fetch_bandwidth_cycles", "the front end brings no more a cycle"},
                             {"fetch_miss_cycles", "the instruction cache missed"},
                             {"itlb_cycles", "the instruction TLB missed"},
                             {"taken_branch_cycles", "a predicted branch turned the front end round"},
                             {"mispredict_cycles", "a branch was mispredicted"},
                             {"execute_cycles", "the oldest instruction was not done"},
                             {"load_hit_cycles", "the oldest is a load that hits"},
                             {"load_miss_cycles", "the oldest is a load that missed"},
                             {"dtlb_cycles", "the oldest's translation missed"},
                             {"store_forward_cycles", "the oldest is a load that waits for a store or an acquire"},
                             {"violation_cycles", "a load went ahead of a store and was done again"},
                             {"write_buffer_cycles", "the oldest waits for stores on their way"},
                             {"issue_cycles", "the oldest was ready, units were busy"},
                             {"serialise_cycles", "the pipeline emptied for an instruction, trap or interrupt"},
                             {"idle_cycles", "wfi"}}}) {}

}  // namespace orrery::ooo
