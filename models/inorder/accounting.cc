#include "models/inorder/accounting.h"

namespace orrery {

Accounting::Accounting(Component* owner)
    : CycleAccounting(owner, {{{"base_cycles", "an instruction issued"},
                             {"fetch_bandwidth_cycles", "the front end brings no more a cycle"},
                             {"fetch_miss_cycles", "the instruction cache missed"},
                             {"itlb_cycles", "the instruction TLB missed"},
                             {"taken_branch_cycles", "a predicted branch turned the front end round"},
                             {"mispredict_cycles", "a branch was mispredicted"},
                             {"data_hazard_cycles", "a result was not ready"},
                             {"load_use_cycles", "a load that hit was not ready"},
                             {"load_miss_cycles", "a load that missed was not ready"},
                             {"dtlb_cycles", "the data TLB missed"},
                             {"structural_cycles", "a unit or all MSHRs were busy, or the scoreboard was full"},
                             {"store_buffer_cycles", "a store was in the way: buffer full, or a load behind it"},
                             {"serialise_cycles", "the pipeline emptied for an instruction, trap or interrupt"},
                             {"idle_cycles", "wfi"}}}) {}

}  // namespace orrery
