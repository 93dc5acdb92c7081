#include "checkpoint/recorder.h"

#include <algorithm>

#include "base/json.h"
#include "checkpoint/hart_compare.h"
#include "checkpoint/ram_chunks.h"
#include "models/machine.h"

namespace orrery {
namespace {

using Entry = LogEntry::Kind;

constexpr std::size_t most_pending_decisions = 4096;

Entry entry_kind(Oracle::Kind kind) {
  return static_cast<Entry>(static_cast<u8>(Entry::Csr) + static_cast<u8>(kind));
}
static_assert(static_cast<u8>(Entry::DeviceStore) - static_cast<u8>(Entry::Csr) ==
              static_cast<u8>(Oracle::Kind::DeviceStore));

// Calls `emit` for pieces that an entry can hold.
template <class Emit>
void in_pieces(std::span<const u8> bytes, Emit&& emit) {
  for (u64 offset = 0; offset < bytes.size(); offset += most_entry_bytes)
    emit(offset, bytes.subspan(offset, std::min(most_entry_bytes, bytes.size() - offset)));
}

}  // namespace

Recorder::Recorder(EntrySink& sink, Machine& machine, const Options& options)
    : sink_(sink), machine_(machine), options_(options), begin_(machine.now()) {
  for (Hart* hart : machine.harts()) {
    accounted_.push_back(hart->steps);
    unchecked_.push_back(false);
    hart->oracle = this;
  }
  run_.kind = Entry::Run;
  machine.set_run_hook([this](Hart& hart, u64) { ran(hart); });
}

Recorder::~Recorder() {
  machine_.set_run_hook({});
  for (Hart* hart : machine_.harts()) hart->oracle = nullptr;
}

// What follows is about this hart: the pending run of another one is complete.
void Recorder::belongs_to(const Hart& hart) {
  if (run_.hart == hart.id) return;
  flush();
  run_.hart = hart.id;
}

void Recorder::account(const Hart& hart) {
  belongs_to(hart);
  const u64 steps = hart.steps - accounted_[hart.id];
  accounted_[hart.id] = hart.steps;
  run_.value += steps;
  total_ += steps;
  if (steps != 0) unchecked_[hart.id] = true;
}

void Recorder::flush() {
  for (LogEntry& decision : decisions_) sink_.take(std::move(decision));
  decisions_.clear();
  if (run_.value != 0) sink_.take(run_);
  run_.value = 0;
}

u64 Recorder::decide(Hart& hart, Kind kind, u64 address, u64 value) {
  belongs_to(hart);
  decisions_.push_back({entry_kind(kind), hart.id, address, value, {}});
  return value;
}

void Recorder::interrupt_taken(Hart& hart, u64 cause) {
  account(hart);
  flush();
  sink_.take({Entry::Interrupt, hart.id, 0, cause, {}});
  unchecked_[hart.id] = true;
}

void Recorder::ran(Hart& hart) {
  account(hart);
  if (decisions_.size() >= most_pending_decisions) flush();
  if (options_.check_every != 0 && total_ - checked_at_ >= options_.check_every) check();
  if (options_.ram_check_every != 0 && total_ - ram_checked_at_ >= options_.ram_check_every)
    check_ram();
}

void Recorder::input(std::span<const u8> bytes) {
  flush();
  in_pieces(bytes, [&](u64, std::span<const u8> piece) {
    sink_.take({Entry::Input, 0, 0, 0, {piece.begin(), piece.end()}});
  });
}

void Recorder::memory_written(const Hart* during, PhysAddr address, std::span<const u8> bytes) {
  if (during) {
    belongs_to(*during);
  } else {
    flush();
  }
  in_pieces(bytes, [&](u64 offset, std::span<const u8> piece) {
    LogEntry entry{Entry::MemoryWrite, during ? during->id : 0, (address + offset).value(),
                   during != nullptr, {piece.begin(), piece.end()}};
    if (during) {
      decisions_.push_back(std::move(entry));
    } else {
      sink_.take(std::move(entry));
    }
  });
}

void Recorder::check() {
  flush();
  checked_at_ = total_;
  for (Hart* hart : machine_.harts()) {
    if (!unchecked_[hart->id]) continue;
    unchecked_[hart->id] = false;
    sink_.take({Entry::Check, hart->id, 0, hart->steps, Json::to_cbor(comparable_state(*hart))});
  }
}

void Recorder::check_ram() {
  flush();
  ram_checked_at_ = total_;
  Digester digester;
  index_ram(machine_.ram()).add_to(digester);
  const std::string digest = digester.result().hex();
  sink_.take({Entry::RamCheck, 0, 0, 0, {digest.begin(), digest.end()}});
}

void Recorder::finish() {
  check();
  check_ram();
  sink_.take({Entry::End, 0, machine_.now() - begin_, total_, {}});
}

}  // namespace orrery
