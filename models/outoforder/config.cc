#include "models/outoforder/config.h"

#include "base/bits.h"

namespace orrery::ooo {
namespace {

void visit_release(Params& p, u32& release_cycles) {
  p("release_cycles", release_cycles, "cycles", "from an instruction's issue until its place can be taken again");
  p.require(release_cycles <= 20, "release_cycles", "must be 0..20");
}

}  // namespace

void FetchConfig::visit(Params& p) {
  p("bytes", bytes, "bytes", "fetched a cycle, from one aligned block");
  p("width", width, "instructions", "fetched a cycle at most");
  p("queue_bytes", queue_bytes, "bytes", "of instructions between fetch and decode");
  p("cycles", cycles, "cycles", "from fetch to decode, the cache's hit included");
  p("branches", branches, "branches", "conditional branches predicted a cycle");
  p("wrong_path", wrong_path, "fetch and execute what stands behind a mispredicted branch");
  p.child("loop_buffer", loop_buffer, "a short loop that is decoded without being fetched");
  p.require(is_power_of_two(bytes) && bytes >= 4 && bytes <= 128, "bytes",
            "must be a power of two from 4 to 128");
  p.require(width >= 1 && width <= 32, "width", "must be 1..32");
  p.require(queue_bytes >= 4 && queue_bytes <= 1024, "queue_bytes", "must be 4..1024");
  p.require(cycles >= 1 && cycles <= 30, "cycles", "must be 1..30");
  p.require(branches >= 1 && branches <= 32, "branches", "must be 1..32");
}

void DecodeConfig::visit(Params& p) {
  p("width", width, "instructions", "decoded a cycle");
  p("cycles", cycles, "cycles", "from decode to rename");
  p("link_slots", link_slots, "slots", "of decode and rename that a jump with a link takes");
  p.require(width >= 1 && width <= 16, "width", "must be 1..16");
  p.require(cycles >= 1 && cycles <= 20, "cycles", "must be 1..20");
  p.require(link_slots >= 1 && link_slots <= width, "link_slots", "must be 1..width");
}

void RenameConfig::visit(Params& p) {
  p("width", width, "instructions", "renamed and dispatched a cycle");
  p("int_registers", int_registers, "registers", "physical integer registers");
  p("fp_registers", fp_registers, "registers", "physical floating-point registers");
  p("branches", branches, "branches", "between dispatch and commit at most");
  p.choice("recover", recover, {{"resolve", Recover::Resolve}, {"commit", Recover::Commit}},
           "when the map is that of the right path again: as a mispredicted branch is resolved "
           "(checkpoints), or when it commits (the committed map is copied)");
  p("recover_cycles", recover_cycles, "cycles", "that recovery takes");
  p("groups", groups,
    "what was decoded together is dispatched together or waits together; but when a queue would take more than "
    "it accepts, half the width goes first, and the rest with the next group, if that has room beside it");
  p.require(width >= 1 && width <= 16, "width", "must be 1..16");
  p.require(int_registers >= 34 && int_registers <= 2048, "int_registers", "must be 34..2048");
  p.require(fp_registers >= 34 && fp_registers <= 2048, "fp_registers", "must be 34..2048");
  p.require(branches >= 1 && branches <= 1024, "branches", "must be 1..1024");
  p.require(recover_cycles <= 100, "recover_cycles", "must be 0..100");
}

void RobConfig::visit(Params& p) {
  p("entries", entries, "entries", "of the reorder buffer");
  p("fold", fold, "instructions", "of arithmetic that share an entry when dispatched together");
  p("commit_width", commit_width, "entries", "committed a cycle");
  p("commit_cycles", commit_cycles, "cycles", "from an instruction's result to its commit");
  p.require(entries >= 2 && entries <= 1024, "entries", "must be 2..1024");
  p.require(fold >= 1 && fold <= 8, "fold", "must be 1..8");
  p.require(commit_width >= 1 && commit_width <= 32, "commit_width", "must be 1..32");
  p.require(commit_cycles <= 20, "commit_cycles", "must be 0..20");
}

void QueueConfig::visit(Params& p) {
  p("count", count, "queues", "of this kind");
  p("entries", entries, "instructions", "places in each");
  p("width", width, "instructions", "issued a cycle by each: its pipes");
  p("accepts", accepts, "instructions", "that enter each in a cycle");
  visit_release(p, release_cycles);
  p.require(accepts >= 1 && accepts <= 16, "accepts", "must be 1..16");
  p.require(count >= 1 && count <= 8, "count", "must be 1..8");
  p.require(entries >= 1 && entries <= 512, "entries", "must be 1..512");
  p.require(width >= 1 && width <= 8 && count * width <= 32, "width",
            "must be 1..8, and no more than 32 pipes in all queues of a kind");
}

void MemoryQueueConfig::visit(Params& p) {
  p("entries", entries, "instructions", "places in it");
  p("accepts", accepts, "instructions", "that enter it in a cycle");
  p.require(accepts >= 1 && accepts <= 16, "accepts", "must be 1..16");
  p("loads", loads, "loads", "issued a cycle");
  p("stores", stores, "stores", "whose addresses are issued a cycle");
  visit_release(p, release_cycles);
  p.require(entries >= 1 && entries <= 512, "entries", "must be 1..512");
  p.require(loads >= 1 && loads <= 8, "loads", "must be 1..8");
  p.require(stores >= 1 && stores <= 8, "stores", "must be 1..8");
}

QueuesConfig::QueuesConfig() {
  integer.count = fp.count = 2;
}

void QueuesConfig::visit(Params& p) {
  p.child("integer", integer, "integer arithmetic, CSRs");
  p.child("branch", branch, "branches and jumps");
  p.child("memory", memory, "addresses of loads, stores and atomics");
  p.child("store_data", store_data, "what is stored");
  p.require(store_data.count == 1, "store_data", "count must be 1: there is one such queue");
  p.child("fp", fp, "floating point");
  p("issue_cycles", issue_cycles, "cycles", "from dispatch to the earliest issue");
  p.require(issue_cycles >= 1 && issue_cycles <= 10, "issue_cycles", "must be 1..10");
}

QueueConfig QueuesConfig::of(QueueKind kind) const {
  switch (kind) {
    case QueueKind::Integer: return integer;
    case QueueKind::Branch: return branch;
    case QueueKind::Memory: return {1, memory.entries, memory.loads + memory.stores, memory.accepts, memory.release_cycles};
    case QueueKind::StoreData: return store_data;
    case QueueKind::Fp: return fp;
  }
  return {};
}

void LoadStoreConfig::visit(Params& p) {
  p.choice("reserve", reserve, {{"rename", Reserve::Rename}, {"issue", Reserve::Issue}},
           "when loads and stores take their places in the two queues");
  p("load_queue", load_queue, "loads", "from there to commit");
  p("store_queue", store_queue, "stores", "from there to the write buffer");
  p("split_bytes", split_bytes, "bytes",
    "an access that crosses a multiple of this takes its pipe for a second cycle, and a load is a cycle "
    "longer under way; 0: when it crosses lines of the data cache, as it always does");
  p("write_buffer", write_buffer, "blocks", "being written to the data cache");
  p("write_merge", write_merge, "bytes", "of a block of the write buffer, which stores share");
  p("write_interval", write_interval, "cycles", "between two writes of the write buffer");
  p.require(write_interval >= 1 && write_interval <= 100, "write_interval", "must be 1..100");
  p("write_urgent", write_urgent, "blocks",
    "of the write buffer in use from which one is written at once, while no address is issued; with fewer "
    "in use they wait for a cycle in which none is; 0: writes and addresses are independent");
  p("forward_cycles", forward_cycles, "cycles", "from a load's look-up to its data, out of a store");
  p("fp_load_cycles", fp_load_cycles, "cycles", "more, of a load into a floating-point register");
  p("store_data_cycles", store_data_cycles, "cycles",
    "from the issue of what is stored until loads can have it");
  p("replay_cycles", replay_cycles, "cycles",
    "from the moment that a load could have a store's data to its next attempt");
  p.choice("dependence", dependence,
           {{"wait", Dependence::Wait}, {"predict", Dependence::Predict}, {"ignore", Dependence::Ignore}},
           "loads behind stores whose address is not known: wait for it; wait when the load was "
           "wrong not long ago; or go ahead");
  p("dependence_entries", dependence_entries, "loads", "remembered as having been wrong");
  p("dependence_period", dependence_period, "cycles", "after which they are forgotten");
  p("violation_cycles", violation_cycles, "cycles",
    "from a store's address that shows a load to have been wrong to the fetch of that load");
  p.require(load_queue >= 1 && load_queue <= 512, "load_queue", "must be 1..512");
  p.require(store_queue >= 1 && store_queue <= 512, "store_queue", "must be 1..512");
  p.require(split_bytes == 0 || (is_power_of_two(split_bytes) && split_bytes >= 8 && split_bytes <= 64), "split_bytes",
            "must be 0, 8, 16, 32 or 64");
  p.require(write_buffer >= 1 && write_buffer <= 64, "write_buffer", "must be 1..64");
  p.require(is_power_of_two(write_merge) && write_merge >= 8 && write_merge <= 64, "write_merge",
            "must be 8, 16, 32 or 64");
  p.require(write_urgent <= write_buffer, "write_urgent", "must be 0..write_buffer");
  p.require(forward_cycles <= 100, "forward_cycles", "must be 0..100");
  p.require(fp_load_cycles <= 100, "fp_load_cycles", "must be 0..100");
  p.require(store_data_cycles <= 100, "store_data_cycles", "must be 0..100");
  p.require(replay_cycles >= 1 && replay_cycles <= 100, "replay_cycles", "must be 1..100");
  p.require(is_power_of_two(dependence_entries) && dependence_entries <= 1 << 16,
            "dependence_entries", "must be a power of two up to 65536");
  p.require(dependence_period >= 1, "dependence_period", "must be at least 1");
  p.require(violation_cycles <= 100, "violation_cycles", "must be 0..100");
}

void OpTiming::visit(Params& p) {
  p("latency", latency, "cycles", "from issue to a dependent's issue; memory: to the cache access");
  p("interval", interval, "cycles", "until the unit takes the next instruction");
  p("per_bits", per_bits, "bits",
    "int_div: of the quotient that one more cycle gives, added to both; 0: no more cycles");
  p("remembered", remembered, "divisions",
    "whose results need no such cycles when the same operands come again");
  p.require(remembered <= 8, "remembered", "must be 0..8");
  p("exact_latency", exact_latency, "cycles",
    "latency and interval of a square root without remainder; 0: like any other");
  p("addend_latency", addend_latency, "cycles",
    "of a fused multiply-add to the issue of one that adds to its result; 0: latency");
  p.require(addend_latency <= latency, "addend_latency", "must be at most the latency");
  p("holds_pipe", holds_pipe, "cycles",
    "int_mul: after its issue in which its pipe issues no int_alu, whose result would meet its own; 0: none");
  p.require(holds_pipe <= 7 && holds_pipe <= latency, "holds_pipe", "must be 0..7 and at most the latency");
  p("first_pipe", first_pipe, "pipe", "first pipe of its queues that has such a unit");
  p("pipes", pipes, "pipes", "that have such a unit, from there on; 0: all");
  p.require(latency <= 10'000, "latency", "must be 0..10000");
  p.require(interval >= 1 && interval <= 10'000, "interval", "must be 1..10000");
  p.require(per_bits <= 64, "per_bits", "must be 0..64");
  p.require(first_pipe <= 31, "first_pipe", "must be 0..31");
  p.require(pipes <= 32, "pipes", "must be 0..32");
}

u32 OpTiming::pipes_of(u32 all) const {
  u32 result = 0;
  for (u32 pipe = first_pipe; pipe < all && (pipes == 0 || pipe < first_pipe + pipes); ++pipe) result |= u32{1} << pipe;
  return result;
}

OpTimings::OpTimings() {
  const auto set = [this](OpClass c, u32 latency, u32 interval, u32 pipes) {
    of[static_cast<unsigned>(c)] = {.latency = latency, .interval = interval, .pipes = pipes};
  };
  set(OpClass::IntMul, 3, 1, 1);
  set(OpClass::IntDiv, 20, 20, 1);
  set(OpClass::FpAdd, 3, 1, 0);
  set(OpClass::FpMul, 4, 1, 0);
  set(OpClass::FpFma, 5, 1, 0);
  set(OpClass::FpDiv, 20, 20, 1);
  set(OpClass::FpSqrt, 20, 20, 1);
  set(OpClass::FpMove, 2, 1, 0);
  set(OpClass::FpCompare, 2, 1, 0);
  set(OpClass::FpConvert, 3, 1, 0);
}

void OpTimings::visit(Params& p) {
  for (unsigned c = 0; c < op_class_count; ++c) {
    const std::string name(op_class_name(static_cast<OpClass>(c)));
    const OpTiming& op = of[c];
    p.child(name.c_str(), of[c], "instructions of this class");
    p.require(op.latency >= 1, name.c_str(), "needs a latency of at least 1");
    const auto op_class = static_cast<OpClass>(c);
    p.require((op.per_bits == 0 && op.remembered == 0) || op_class == OpClass::IntDiv, name.c_str(),
              "per_bits and remembered are for int_div");
    p.require(op.holds_pipe == 0 || op_class == OpClass::IntMul, name.c_str(), "holds_pipe is for int_mul");
    p.require(op.exact_latency == 0 || op_class == OpClass::FpSqrt, name.c_str(), "exact_latency is for fp_sqrt");
    p.require(op.addend_latency == 0 || op_class == OpClass::FpFma, name.c_str(), "addend_latency is for fp_fma");
    const bool memory = op_class == OpClass::Load || op_class == OpClass::Store || op_class == OpClass::Atomic;
    p.require(!memory || (op.interval == 1 && op.first_pipe == 0 && op.pipes == 0), name.c_str(),
              "has no interval and no pipes of its own; queues.memory says how many begin in a cycle");
  }
}

void Config::require_pipes(const Params& p) const {
  for (unsigned c = 0; c < op_class_count; ++c) {
    const QueueConfig queue = queues.of(queue_of[c]);
    const u32 all = queue.count * queue.width;
    if (op.of[c].pipes_of(all) == 0)
      config_error("{}.op.{}.first_pipe: must be 0..{}, one of the pipes of its queues, found {}", p.path(),
                   op_class_name(static_cast<OpClass>(c)), all - 1, op.of[c].first_pipe);
  }
}

void Config::visit(Params& p) {
  p.child("fetch", fetch, "instruction fetch");
  p.child("decode", decode, "decode");
  p.child("rename", rename, "rename and dispatch");
  p.child("rob", rob, "reorder buffer and commit");
  p.child("queues", queues, "issue queues");
  p.child("load_store", load_store, "loads and stores");
  p.child("op", op, "times of instructions by class");
  require_pipes(p);
  p.child("predictor", predictor, "branch prediction");
  p("resolve_cycles", resolve_cycles, "cycles",
    "from the issue of a mispredicted branch to the fetch of the right path");
  p("trap_cycles", trap_cycles, "cycles", "from the commit of what traps to the handler's fetch");
  p("serialise_cycles", serialise_cycles, "cycles",
    "from the commit of an instruction after which fetching starts anew to that fetch");
  visit_stuck_cycles(p, stuck_cycles);
  p("count_occupancy", count_occupancy,
    "say how full each queue and buffer is, and for how long (occupancy.h); takes host time");
  p.require(resolve_cycles >= 1 && resolve_cycles <= 100, "resolve_cycles", "must be 1..100");
  p.require(trap_cycles <= 10'000, "trap_cycles", "must be 0..10000");
  p.require(serialise_cycles <= 10'000, "serialise_cycles", "must be 0..10000");
  const auto takes_half = [this](const auto& q) { return q.accepts >= rename.width / 2 && q.entries >= q.accepts; };
  p.require(!rename.groups || (rename.width >= 2 && decode.width <= rename.width && takes_half(queues.integer) &&
                               takes_half(queues.branch) && takes_half(queues.memory) &&
                               takes_half(queues.store_data) && takes_half(queues.fp) &&
                               rob.entries >= rename.width && rename.int_registers >= 32 + rename.width &&
                               rename.fp_registers >= 32 + rename.width),
            "rename",
            "groups needs a width of 2 at least, no wider decode, for half of it room in each queue, which has no "
            "fewer entries than it accepts, and for all of it entries in the reorder buffer and registers");
}

}  // namespace orrery::ooo
