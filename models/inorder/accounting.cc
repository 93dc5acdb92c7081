#include "models/inorder/accounting.h"

namespace orrery {

Accounting::Accounting(Component* owner, u32 width)
    : SlotAccounting(
          owner, width,
          {{{"base_slots", Level::Retiring, "instructions issued"},
            {"fetch_bandwidth_slots", Level::FrontEnd, "the front end brings no more a cycle"},
            {"fetch_miss_slots", Level::FrontEnd, "the instruction cache missed"},
            {"itlb_slots", Level::FrontEnd, "the instruction TLB missed"},
            {"taken_branch_slots", Level::FrontEnd, "a predicted branch turned the front end round"},
            {"mispredict_slots", Level::BadSpeculation, "a branch was mispredicted"},
            {"data_hazard_slots", Level::CoreBound, "a result was not ready"},
            {"load_use_slots", Level::MemoryBound, "a load that hit was not ready"},
            {"load_miss_slots", Level::MemoryBound, "a load that missed was not ready"},
            {"dtlb_slots", Level::MemoryBound, "the data TLB missed"},
            {"structural_slots", Level::CoreBound,
             "a unit or all MSHRs were busy, the scoreboard was full, or two instructions do not pair"},
            {"store_buffer_slots", Level::MemoryBound, "a store was in the way: buffer full, or a load behind it"},
            {"serialise_slots", Level::Serialised, "the pipeline emptied for an instruction, trap or interrupt"},
            {"idle_slots", Level::Idle, "wfi"}}}) {}

}  // namespace orrery
