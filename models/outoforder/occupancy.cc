#include "models/outoforder/occupancy.h"

namespace orrery::ooo {
namespace {

constexpr const char* unit = "cycles";

}  // namespace

Occupancy::Occupancy(Component* owner, const Config& c, u32 window)
    : fetched(owner, "fetched_held", unit, "with so many instructions between fetch and rename",
              Buckets::up_to(window)),
      rob(owner, "rob_held", unit, "with so many entries of the reorder buffer in use", Buckets::up_to(c.rob.entries)),
      queues{{{owner, "integer_queue_held", unit, "with so many instructions in the integer queues",
               Buckets::up_to(c.queues.integer.count * c.queues.integer.entries)},
              {owner, "branch_queue_held", unit, "with so many instructions in the branch queues",
               Buckets::up_to(c.queues.branch.count * c.queues.branch.entries)},
              {owner, "memory_queue_held", unit, "with so many instructions in the memory queue",
               Buckets::up_to(c.queues.memory.entries)},
              {owner, "store_data_queue_held", unit, "with so many stores in the store data queue",
               Buckets::up_to(c.queues.store_data.entries)},
              {owner, "fp_queue_held", unit, "with so many instructions in the floating-point queues",
               Buckets::up_to(c.queues.fp.count * c.queues.fp.entries)}}},
      loads(owner, "load_queue_held", unit, "with so many places of the load queue in use",
            Buckets::up_to(c.load_store.load_queue)),
      // One more than places: the oldest needs none (store.cc).
      stores(owner, "store_queue_held", unit, "with so many places of the store queue in use",
             Buckets::up_to(c.load_store.store_queue + 1)),
      writes(owner, "write_buffer_held", unit, "with so many blocks in the write buffer",
             Buckets::up_to(c.load_store.write_buffer)) {}

}  // namespace orrery::ooo
