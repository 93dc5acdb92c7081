// The in-order pipeline of one hart: decides when everything happens. It computes no values.
//
//   enter -> [front end: frontend_depth cycles] -> queue -> issue -> units, L1D, store buffer
//
// Where there is a scoreboard, issue waits for a place in it, and stores and traps wait until they
// commit (scoreboard.h).
//
// Three streams of events, handled in the order of their times, so that the hierarchy sees time go
// forward: an instruction enters (it is fetched; the caller has executed it), the oldest queued one
// issues, the oldest store is written. While a mispredicted branch is on its way, the wrong path is
// fetched in place of entries, and what issues of it before the branch is resolved reaches the TLBs
// and the data cache (wrong_path.cc).
//
// Contract: advance() until it says true, then fill entering() and enter() exactly one record, or
// redirect() and advance() again. Entry::Empty waits until nothing is in flight; the record entered then has
// `alone` set. next_pc of each record is the pc of the following one, unless redirect() says
// otherwise. Times are cycles of the core clock; now() never goes back. A pipeline in which nothing
// happens any more, or nothing but refusals for stuck_cycles, prints its queues and ends the program.
//
// State: after drain() nothing is in flight and a new pipeline at the same cycle does the same, so
// a checkpoint holds the predictor only.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "cpu/arch/events.h"
#include "models/inorder/accounting.h"
#include "models/inorder/config.h"
#include "models/inorder/exec_unit.h"
#include "models/inorder/scoreboard.h"
#include "models/inorder/store_buffer.h"
#include "models/timing/memory_side.h"
#include "models/timing/pipeline_listener.h"
#include "models/warm/warm_sink.h"

namespace orrery {

class Pipeline final : public Component {
 public:
  using Config = InOrderConfig;
  static constexpr const char* type_name = "inorder";

  enum class Entry {
    Normal,  // as soon as the front end takes it
    Empty,   // when nothing is in flight, at the moment it can issue
    Never,   // when nothing is in flight
  };

  Pipeline(Component* parent, std::string name, HartId hart, const Config& config,
           const Clock& clock, Hierarchy& hierarchy, FunctionalSide& side, EventCounts& events);

  void expect_turn() const {}  // what is in flight is little
  // Lets time pass until the next instruction may enter: true. False: nothing more happens before
  // `limit`; now() is the time of the next event.
  bool advance(Cycle limit, Entry entry);
  Record& entering() { return slot(tail_); }  // overwritten, all of it
  void enter();

  // An interrupt was taken: the next instruction comes from `pc`.
  void redirect(u64 pc);
  // Accesses of records entered from now on are translated so.
  void set_space(const SpaceId& space) { space_ = space; }
  void set_listener(PipelineListener* listener) {
    charge_nobody();
    listener_ = listener;
    issuer_.reset();
    charge_nobody();
  }
  void flush_tlbs() { memory_.flush_tlbs(); }  // sfence.vma
  void flush_instructions() {                  // fence.i
    memory_.flush_instructions();
    block_open_ = false;
  }

  // The predictor learns from branches that another model has executed; nothing is in flight.
  void train(std::span<const WarmBranch> branches);

  // Lets everything in flight finish.
  void drain();
  // Nothing is in flight. Starts at `now`; or lets idle time pass until then, and starts again.
  void start(Cycle now, u64 pc);
  void resume(Cycle now, u64 pc);
  // Attributes the cycles before `now`: it sleeps those from now() on.
  void count_cycles(Cycle now);

  bool is_timing_state() const override { return true; }

  Cycle now() const { return now_; }
  u64 next_pc() const { return next_pc_; }

  Counter instructions{this, "instructions", "instructions", "instructions executed"};
  Accounting accounting;
  Ratio ipc{this, "ipc", "instructions per cycle", {&instructions}, {&accounting.cycles}, "of all cycles"};
  Counter dual_issues{this, "dual_issues", "cycles", "cycles in which two instructions issued"};
  Counter forwarded{this, "forwarded", "loads", "loads served by the store buffer"};
  Counter wrong_path_fetches{this, "wrong_path_fetches", "blocks", "blocks fetched behind mispredicted branches"};
  Counter wrong_path_issues{this, "wrong_path_issues", "instructions", "instructions issued behind mispredicted branches"};
  Counter wrong_path_loads{this, "wrong_path_loads", "loads", "of these, loads that reached the data cache"};
  Counter walks{this, "walks", "walks", "page walks"};

 private:
  enum class TlbAnswer : u8 {
    Hit,
    SecondLevel,  // the second-level TLB had it
    Walk,         // tables are to be read, as walks_ says
  };
  struct Slot : Record {  // an instruction between entry and issue
    Cycle turned;      // ready but for TLB and cache misses of its fetch ...
    Cycle translated;  // ... but for cache misses ...
    Cycle available;   // ready to issue
    Cycle data_ready;  // address translated: set by the first attempt to issue a memory access
    CycleCause turned_cause;
    std::array<TlbAnswer, 2> data_tlb;  // for its page, and for the next one when it crosses pages
    bool mispredicted;
    bool turns;        // the front end waits for its issue, and goes on as that says
    u64 id;            // while someone listens
  };
  static constexpr u32 most_slots = 128;
  using Units = std::array<UnitTimes, unit_count>;

  // Of `length` bytes at `pc` nothing is outside of the block fetched last.
  bool is_at_hand(u64 pc, u64 length) const { return block_open_ && pc - block_ <= config_.fetch_bytes - length; }
  bool in_block() const { return is_at_hand(next_pc_, 1); }
  // When the next instruction may enter; never_cycle: not before the queue's head has issued, or the
  // oldest store is on its way.
  Cycle entry_time(Entry entry) const {
    if (entry != Entry::Normal) return empty_time(entry);
    if (blocked_ || tail_ - head_ >= capacity_) return never_cycle;
    return later(in_block() ? block_time_ : next_fetch_, later(room_, now_));
  }
  Cycle empty_time(Entry entry) const;
  // When the head of the queue issues; never_cycle: the queue is empty, or it waits for a store that
  // has no time yet.
  Cycle issue_time() {
    if (head_ == tail_) return never_cycle;
    if (!head_known_) {
      head_time_ = compute_issue(slot(head_));
      head_known_ = head_time_ != never_cycle;
    }
    return head_time_;
  }
  Cycle compute_issue(const Slot& slot);
  [[gnu::always_inline]] inline void issue(Cycle now);
  void take_place(const Slot& slot, Cycle done);
  void account(Cycle until);
  void account_stall(Cycle until);
  void account_stall(const Slot& slot, Cycle now);
  bool access_memory(Slot& slot, Cycle now, Cycle& done, Cycle& busy);
  void look_up_data(Slot& slot, u32 page, u64 address);
  Cycle translate_data(const Slot& slot, Cycle start);
  void count_data_tlb_miss(OpClass op_class);
  void write_store(Cycle now);
  Cycle memory_ready(const Slot& slot, Cycle earliest);
  StoreBuffer::Match find_store(const Record& load, Cycle at, const StoreBuffer::Entry*& store) const;

  void fetch(const Record& record);
  void fetch_block(u64 address, PhysAddr physical);
  Cycle translate_fetch(u64 address, Cycle start);
  void follow(Slot& slot);

  void begin_wrong_path(u64 pc, Cycle when);
  void resolve_wrong_path(Cycle now);
  void end_wrong_path() {
    wrong_path_ = false;
    wrong_at_ = never_cycle;
  }
  void plan_wrong_path();
  Cycle wrong_path_issue_time() const;
  void step_wrong_path(Cycle now);
  void fetch_wrong_path(Cycle now);
  void queue_wrong_path(u64 block, Cycle now, Cycle available);
  void issue_wrong_path(Cycle now);
  void access_wrong_path(const Record& record, Cycle start, Cycle& done);
  void turn(Cycle when, CycleCause cause, u32 delay);
  [[noreturn]] void report_stuck() const;
  Answer submit_counted(Cache& cache, const Request& request, Cycle now, Event event);

  // What a listener is told, when there is one (telling.cc).
  void tell_entered(Slot& slot);
  void tell_issued(const Slot& slot, Cycle now, Cycle done, bool l1d_missed);
  void tell_wrong_path(Cycle now, Cycle available);
  void tell_wrong_path_ends(Cycle at);
  void charge_nobody() {
    if (listener_) [[unlikely]] listener_->charged(hart_, nullptr, accounting.cycles.value());
  }
  void charge_issuer();

  Cycle cycle(Tick tick) const { return memory_.cycle(tick); }
  Tick tick(Cycle at) const { return memory_.tick(at); }
  Slot& slot(u64 i) { return slots_[i & slot_mask_]; }

  const Config config_;
  const HartId hart_;
  PipelineListener* listener_ = nullptr;
  u64 next_id_ = 1;   // for it; 0 is an instruction that it has not been told of
  std::optional<Record> issuer_;  // the first to issue in the last cycle of issues
  Cycle last_retired_;
  FunctionalSide& side_;
  MemorySide memory_;
  const Hierarchy::Ports& ports_ = memory_.ports;
  EventCounts& events_;  // of the hart
  BranchPredictor predictor_;
  const u32 capacity_;

  Cycle now_;
  Entry entry_ = Entry::Normal;  // what is waited for
  SpaceId space_;

  // Front end.
  u64 next_pc_ = 0;
  u64 block_ = 0;             // address of the block fetched last
  bool block_open_ = false;   // it may hold the next instruction
  Cycle block_time_;          // when it was fetched
  Cycle next_fetch_;          // when the next block may be
  Cycle turned_, translated_, available_;  // of its instructions, see Slot
  CycleCause turned_cause_ = CycleCause::FetchBandwidth;
  CycleCause next_cause_ = CycleCause::FetchBandwidth;
  u32 front_delay_;           // cycles from fetch to issue
  bool blocked_ = false;      // entries wait for the resolution of the youngest instruction
  bool wrong_path_ = false;   // ... and the wrong path is fetched, or instructions of it issue
  Cycle wrong_at_ = never_cycle;  // when one of these happens next; never_cycle: none does

  // Queue.
  const u64 slot_mask_;       // no more slots than it needs: the host's caches hold those of many harts
  std::vector<Slot> slots_;
  std::vector<std::array<WalkSteps, 2>> walks_;  // of each slot's pages
  u64 head_ = 0, tail_ = 0;
  Cycle room_;                // when the queue had room again
  Cycle head_time_;           // issue time of the head, while head_known_
  bool head_known_ = false;
  Cycle head_retry_;          // the data cache refused: not before
  u64 refused_ = 0;           // this one has asked it last
  u32 refusals_ = 0;          // ... and was refused so many times

  // Issue.
  Cycle last_issue_;
  u32 issued_ = 0;            // in the cycle last_issue_
  bool last_alone_ = false;   // nothing pairs with what issued last
  u8 last_class_ = 0;         // of what issued last
  Cycle issued_until_;        // the end of the last cycle in which something issued
  const Units idle_units_;
  Units units_;
  std::array<Cycle, 65> ready_{};       // of registers; of loads also:
  std::array<Cycle, 65> ready_hit_{};   // ... had TLB and cache hit
  std::array<Cycle, 65> ready_tlb_{};   // ... had the cache hit
  std::array<bool, 65> from_load_{};
  std::array<Cycle, 65> written_{};     // when the last write of a register is over, while writes wait for that
  Cycle memory_blocked_tlb_;  // the memory unit walks page tables until then
  Cycle blocked_tlb_, blocked_miss_;  // blocking loads: nothing issues until then
  Cycle quiet_;               // everything issued is done
  Scoreboard scoreboard_;
  StoreBuffer stores_;

  // Behind a mispredicted branch.
  struct WrongPath {
    bool fetching = false;
    Cycle fetch_time;          // of the next block
    std::array<Record, most_slots> queue;
    std::array<Cycle, most_slots> available{};  // of each in the queue
    std::array<u64, most_slots> id{};  // while someone listens
    u32 head = 0, tail = 0;    // those that have been fetched
    u32 begun = 0, ended = 0;  // those that it has been told of
    Cycle resolved;            // when the branch is; never_cycle: it has not issued
    Cycle last_issue;
    u32 issued = 0;            // in the cycle last_issue
    u8 last_class = 0;         // of what issued last
    std::array<Cycle, 65> ready{};  // as if the path were the right one
    Units units;

    Record& next() { return queue[tail]; }  // while it is fetched: the first that has not been
  };
  WrongPath wrong_;
};

}  // namespace orrery
