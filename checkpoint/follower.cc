#include "checkpoint/follower.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "base/archive.h"
#include "base/error.h"
#include "base/json_io.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/compare.h"
#include "checkpoint/hart_compare.h"
#include "checkpoint/ram_chunks.h"
#include "cpu/isa/disassemble.h"
#include "models/machine.h"

namespace orrery {
namespace {

using Entry = LogEntry::Kind;

constexpr std::size_t most_fields = 20;
constexpr u64 most_causes = 64;

}  // namespace

std::string Divergence::text() const {
  std::string result = fmt::format("hart {} after {} instructions, pc {:#x}: {}\n", hart, step, pc, what);
  for (const std::string& field : fields) result += "  " + field + "\n";
  if (!last_instructions.empty()) result += "last instructions:\n";
  for (const std::string& instruction : last_instructions) result += "  " + instruction + "\n";
  return result;
}

// Answers from the log; notes the first question that the leader did not ask.
class Follower::Replayed final : public Oracle {
 public:
  explicit Replayed(Follower& follower) : follower_(follower) {}

  bool replaying() const override { return true; }
  void interrupt_taken(Hart&, u64) override {}

  u64 decide(Hart& hart, Kind kind, u64 address, u64 value) override {
    const auto asked = static_cast<Entry>(static_cast<u8>(Entry::Csr) + static_cast<u8>(kind));
    auto& decisions = follower_.decisions_;
    for (; !decisions.empty() && decisions.front().kind == Entry::MemoryWrite; decisions.pop_front())
      follower_.write_memory(decisions.front());
    if (decisions.empty())
      return refuse(hart, fmt::format("{} at {:#x}, the leader made none", kind_name(asked), address));
    const LogEntry logged = std::move(decisions.front());
    decisions.pop_front();
    if (logged.kind != asked || logged.address != address)
      return refuse(hart, fmt::format("{} at {:#x}, the leader made a {} at {:#x}", kind_name(asked),
                                      address, kind_name(logged.kind), logged.address));
    if (kind == Kind::DeviceStore && logged.value != 0 && follower_.options_.device_store)
      follower_.options_.device_store(PhysAddr{address}, value);
    return logged.value;
  }

  std::optional<Divergence> divergence;
  Horizon* horizon = nullptr;

 private:
  u64 refuse(Hart& hart, std::string what) {
    if (!divergence) divergence = follower_.diverged(hart, std::move(what));
    if (horizon) horizon->stop = true;
    return 0;
  }

  Follower& follower_;
};

Follower::Follower(std::unique_ptr<Machine> machine, const Options& options)
    : options_(options), machine_(std::move(machine)), oracle_(std::make_unique<Replayed>(*this)) {
  for (Hart* hart : machine_->harts()) hart->oracle = oracle_.get();
}

Follower::~Follower() {
  for (Hart* hart : machine_->harts()) hart->oracle = nullptr;
}

Hart& Follower::hart_of(const LogEntry& entry) {
  if (entry.hart >= machine_->harts().size())
    config_error("{}: a {} of hart {}, and there are {}", options_.log, kind_name(entry.kind), entry.hart,
                 machine_->harts().size());
  return machine_->hart(entry.hart);
}

Divergence Follower::diverged(const Hart& hart, std::string what) const {
  return {hart.id, hart.steps, hart.pc, std::move(what), {}, {last_.begin(), last_.end()}};
}

std::optional<Divergence> Follower::take(const LogEntry& entry) {
  switch (entry.kind) {
    case Entry::Run: return run(hart_of(entry), entry.value);
    case Entry::Interrupt: {
      Hart& hart = hart_of(entry);
      if (entry.value >= most_causes) config_error("{}: interrupt {}", options_.log, entry.value);
      last_.push_back(fmt::format("hart {}: interrupt {}", hart.id, entry.value));
      hart.take_interrupt(entry.value);
      return std::nullopt;
    }
    case Entry::Csr:
    case Entry::DeviceLoad:
    case Entry::StoreConditional:
    case Entry::DeviceStore: decisions_.push_back(entry); return std::nullopt;
    case Entry::MemoryWrite:
      if (entry.value != 0) {
        decisions_.push_back(entry);
      } else {
        write_memory(entry);
      }
      return std::nullopt;
    case Entry::Check: return check(hart_of(entry), entry);
    case Entry::RamCheck: return check_ram(entry);
    case Entry::Input: return std::nullopt;
    case Entry::End: end_ = {entry.value, Tick{entry.address}}; return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Divergence> Follower::replay(LogReader& log) {
  while (const auto entry = log.next())
    if (auto divergence = take(*entry)) return divergence;
  return std::nullopt;
}

void Follower::note_instruction(const Hart& hart) {
  while (last_.size() >= options_.remember) last_.pop_front();
  const auto bits = hart.mmu.peek_fetch(hart.pc);
  last_.push_back(fmt::format("hart {} step {}: {:#x}: {}", hart.id, hart.steps, hart.pc,
                              bits ? disassemble(*bits, hart.pc, hart.config.extensions)
                                   : "not readable"));
}

std::optional<Divergence> Follower::run(Hart& hart, u64 steps) {
  const u64 target = hart.steps + steps;
  // Harts run in the leader's order, so time goes forward in it too: what they share of a timing
  // model's hierarchy would have them wait for whoever is ahead.
  if (machine_->model().is_timing())
    for (const Hart* other : machine_->harts()) hart.time = std::max(hart.time, other->time);
  while (hart.steps != target) {
    // Timers that the guest set, and sleep, concern the leader alone.
    machine_->events().clear();
    hart.waiting = false;
    Horizon horizon;
    horizon.steps = target - hart.steps;
    if (options_.remember != 0) {
      note_instruction(hart);
      horizon.steps = 1;
    }
    const u64 before = hart.steps;
    oracle_->horizon = &horizon;
    machine_->model().run(hart, horizon);
    oracle_->horizon = nullptr;
    if (oracle_->divergence) return oracle_->divergence;
    if (hart.steps == before)
      return diverged(hart, fmt::format("it stands still, {} instructions short", target - before));
    if (hart.steps - before > target - before)
      return diverged(hart, fmt::format("it ran {} instructions too far", hart.steps - target));
  }
  while (options_.remember == 0 && !last_.empty()) last_.pop_front();
  if (!decisions_.empty()) {
    const LogEntry& missed = decisions_.front();
    return diverged(hart, fmt::format("the leader made a {} at {:#x}, the follower did not",
                                      kind_name(missed.kind), missed.address));
  }
  return std::nullopt;
}

std::optional<Divergence> Follower::check(Hart& hart, const LogEntry& entry) {
  const Json leader = parse_cbor(entry.bytes, options_.log);
  auto fields = differences(leader, comparable_state(hart), most_fields);
  if (fields.empty()) return std::nullopt;
  Divergence result = diverged(hart, "its state is not the leader's");
  result.fields = std::move(fields);
  return result;
}

std::optional<Divergence> Follower::check_ram(const LogEntry& entry) {
  Digester digester;
  index_ram(machine_->ram()).add_to(digester);
  const std::string digest = digester.result().hex();
  if (digest == std::string(entry.bytes.begin(), entry.bytes.end())) return std::nullopt;
  return diverged(machine_->hart(0), "RAM does not hold what the leader's does");
}

void Follower::write_memory(const LogEntry& entry) {
  if (!machine_->memory().write_bytes(PhysAddr{entry.address}, entry.bytes))
    config_error("{}: {} bytes written at {:#x}, where there is no RAM", options_.log,
                 entry.bytes.size(), entry.address);
}

std::unique_ptr<Machine> copy_machine(Machine& original, const std::string& model) {
  original.drain();
  MachineConfig config = original.config();
  config.cpu = model;
  auto copy = std::make_unique<Machine>(config);
  Ram& ram = copy->ram();
  for_each_chunk(original.ram(), [&](u64 number, std::span<const u8> contents) {
    std::memcpy(ram.host(ram.base() + number * chunk_bytes), contents.data(), contents.size());
  });
  load_tree(*copy, save_tree(original, false), false);
  copy->for_each([](Component& component) { component.after_restore(); });
  copy->model().forget(ram.base(), 0);
  return copy;
}

void check_replayable(const LogHeader& header, Machine& machine, const Json& resolved) {
  check_restorable(header.description, resolved, header.fixed_at_restore);
  if (machine_digest(machine) != header.machine_digest)
    config_error("{}: it was recorded from another state of the machine (another kernel, or "
                 "another checkpoint)", header.name);
}

}  // namespace orrery
