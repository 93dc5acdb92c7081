#include "models/outoforder/accounting.h"

namespace orrery::ooo {

Accounting::Accounting(Component* owner, u32 width)
    : SlotAccounting(
          owner, width,
          {{{"base_slots", Level::Retiring, "renamed, and committed; a jump with a link takes decode.link_slots"},
            {"fetch_bandwidth_slots", Level::FrontEnd, "the front end brings no more a cycle"},
            {"fetch_miss_slots", Level::FrontEnd, "the instruction cache missed"},
            {"itlb_slots", Level::FrontEnd, "the instruction TLB missed"},
            {"taken_branch_slots", Level::FrontEnd, "a predicted branch turned the front end round"},
            {"mispredict_slots", Level::BadSpeculation, "a branch was mispredicted: its wrong path, and until the right one is there"},
            {"execute_slots", Level::CoreBound, "no room, while the oldest instruction was not done"},
            {"load_hit_slots", Level::MemoryBound, "no room, while the oldest was a load that hits"},
            {"load_miss_slots", Level::MemoryBound, "no room, while the oldest was a load that missed"},
            {"dtlb_slots", Level::MemoryBound, "no room, while the oldest's translation missed"},
            {"store_forward_slots", Level::MemoryBound, "no room, while the oldest was a load that waits for a store or an acquire"},
            {"violation_slots", Level::BadSpeculation, "a load went ahead of a store and was done again"},
            {"write_buffer_slots", Level::MemoryBound, "no room, while stores were on their way"},
            {"issue_slots", Level::CoreBound, "no room, while the oldest was ready and units were busy"},
            {"room_slots", Level::CoreBound, "no room, while the oldest was done"},
            {"serialise_slots", Level::Serialised, "the pipeline emptied for an instruction, trap or interrupt"},
            {"idle_slots", Level::Idle, "wfi"}}}) {}

}  // namespace orrery::ooo
