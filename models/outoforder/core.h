// The out-of-order core of one hart: decides when everything happens. It computes no values.
//
//   enter -> fetch -> [queue] -> decode -> [pipe] -> rename -> [issue queues] -> issue -> units
//                                                      |                           |
//                                                      +----> reorder buffer ------+-> commit
//                                                             load/store queues --> write buffer -> L1D
//
// A cycle runs the stages from the last to the first, one stage a file; cycles in which nothing
// can happen are skipped. The hierarchy sees time go forward.
//
// Contract: advance() until it says true, then write entering() and enter() it, or redirect() and
// advance() again. Entry::Empty waits until nothing is in flight; the record entered then has
// `alone` set. next_pc of each record is the pc of the following one, unless redirect() says
// otherwise. Times are cycles of the core clock; now() never goes back. A core in which nothing
// moves for stuck_cycles, with work pending, prints its queues and ends the program.
//
// Right path and wrong path: behind a mispredicted branch the core takes its records from
// FunctionalSide's wrong path, which reaches caches, TLBs and return stack, until the branch is
// resolved. Not modelled: a wrong path's own mispredictions are not noticed before it ends.
//
// State: after drain() nothing is in flight and a new core at the same cycle does the same, so a
// checkpoint holds the predictors only.
#pragma once

#include <array>
#include <optional>

#include "models/outoforder/config.h"
#include "models/outoforder/dependence.h"
#include "models/outoforder/issue_queue.h"
#include "models/outoforder/load_store_queue.h"
#include "models/outoforder/occupancy.h"
#include "models/outoforder/pipes.h"
#include "models/outoforder/prediction.h"
#include "models/outoforder/window.h"
#include "models/outoforder/write_buffer.h"
#include "models/timing/memory_side.h"
#include "models/timing/pipeline_listener.h"
#include "models/warm/warm_sink.h"

namespace orrery::ooo {

class Core final : public Component {
 public:
  using Config = ooo::Config;
  static constexpr const char* type_name = "outoforder";

  enum class Entry {
    Normal,  // as soon as the front end takes it
    Empty,   // when nothing is in flight
    Never,   // let what is in flight finish
  };

  Core(Component* parent, std::string name, HartId hart, const Config& config, const Clock& clock,
       Hierarchy& hierarchy, FunctionalSide& side, EventCounts& events);

  // Other harts have had their turns: what is in flight is no longer in the host's near caches.
  void expect_turn() const {
    for (u64 s = head_; s != tail_; ++s) window_.expect(s);
  }
  // Lets time pass until the next instruction may enter: true. False: nothing more happens before
  // `limit`, or with Entry::Never at all; now() is the time of the next event.
  bool advance(Cycle limit, Entry entry);
  // enter() takes what has been written here, since advance() said true.
  Record& entering() { return window_[tail_].record; }
  void enter();

  // An interrupt was taken: the next instruction comes from `pc`.
  void redirect(u64 pc);
  // Accesses of records entered from now on are translated so.
  void set_space(const SpaceId& space) { space_ = space; }
  void set_listener(PipelineListener* listener) {
    charge_nobody();
    listener_ = listener;
    watched_.assign(listener ? window_.capacity() : 0, 0);
    charge_nobody();
  }
  void flush_tlbs() { memory_.flush_tlbs(); }  // sfence.vma
  void flush_instructions() {                  // fence.i
    memory_.flush_instructions();
    loop_buffer_.clear();
    block_open_ = false;
  }

  // The predictors learn from branches that another model has executed; nothing is in flight.
  void train(std::span<const WarmBranch> branches);

  // Lets everything in flight finish.
  void drain();
  // Nothing is in flight. Starts at `now`; or lets idle time pass until then, and starts again.
  void start(Cycle now, u64 pc);
  void resume(Cycle now, u64 pc);
  // Attributes the cycles before `now`: it sleeps those from now() on.
  void count_cycles(Cycle now);

  bool is_timing_state() const override { return true; }
  void state(Archive& a) override { dependence_.state(a); }

  Cycle now() const { return now_; }
  u64 next_pc() const { return next_pc_; }

  Counter instructions{this, "instructions", "instructions", "instructions committed"};
  Accounting accounting;
  Ratio ipc{this, "ipc", "instructions per cycle", {&instructions}, {&accounting.cycles}, "of all cycles"};
  Counter wrong_path{this, "wrong_path", "instructions", "fetched behind mispredicted branches"};
  Counter wrong_path_issued{this, "wrong_path_issued", "instructions", "of these, issued"};
  Counter forwarded{this, "forwarded", "loads", "loads served by stores in flight"};
  Counter violations{this, "violations", "loads", "loads that went ahead of a store they depend on"};
  Counter squashed{this, "squashed", "instructions", "instructions of the right path done again"};
  Counter walks{this, "walks", "walks", "page walks"};
  Counter full_rob{this, "full_rob", "cycles", "cycles in which rename met a full reorder buffer"};
  Counter full_queue{this, "full_queue", "cycles", "cycles in which rename met a full issue queue"};
  Counter full_registers{this, "full_registers", "cycles", "cycles in which rename found no register"};
  Counter full_loads{this, "full_loads", "cycles", "cycles in which rename met a full load queue"};
  Counter full_stores{this, "full_stores", "cycles", "cycles in which rename met a full store queue"};
  std::optional<Occupancy> occupancy;

 private:
  struct Due {
    u32 place, id;
    u8 what;  // a part's number, or:
    static constexpr u8 resolve = 2;
    static constexpr u8 release = 3;  // of a place in the issue queue of number `place`
  };
  enum class Attempt { Done, Later, Blocked };
  struct Blocked {
    u64 sequence;
    u32 place;
  };
  // Instructions renamed in a cycle, a jump with a link as its parts.
  struct RenameSlots {
    u32 right = 0, wrong = 0;  // of the right and the wrong path
    u32 again = 0;             // of the right path, not for the first time
  };
  // How the queues of a kind are filled in a cycle.
  struct Filling {
    Cycle begun = never_cycle;   // the cycle that this is about
    u32 lean = 0;                // the queue that is much emptier than the first; 0: none
    u32 free = 0;                // instructions that had the choice
    std::array<u8, 8> taken{};   // places, by queue
  };

  void begin_cycle();
  void end_cycle(Entry entry);
  void count_occupancy(u64 cycles);
  bool is_empty() const;
  CycleCause stall_cause(Cycle at, Entry entry) const;
  CycleCause room_cause(Cycle at) const;
  [[noreturn]] void report_stuck() const;
  // Something moved, so the next cycle is looked at; or nothing does before `at`.
  void progress() { moved_ = true; }
  void wake(Cycle at) { wake_ = earlier(wake_, at); }

  // fetch.cc, wrong_path.cc
  [[gnu::always_inline]] inline bool fetch(Entry entry);
  [[gnu::always_inline]] inline bool can_fetch(u64 pc);
  [[gnu::noinline]] bool can_fetch_elsewhere();
  bool can_take_held();
  bool can_enter_alone();
  // Of `length` bytes at `pc` nothing is outside of the block fetched last.
  bool is_at_hand(u64 pc, u64 length) const { return block_open_ && pc - block_ <= config_.fetch.bytes - length; }
  bool may_take() const { return taken_time_ != now_ || taken_ < config_.fetch.width; }
  [[gnu::always_inline]] inline void fetch_slot(Slot& slot);
  [[gnu::noinline]] Cycle fetch_elsewhere(Slot& slot);
  Cycle fetch_block(Slot& slot, u64 address, u64 pc, PhysAddr physical, bool cut_branch);
  void begin_group(u64 pc, bool cut_branch);
  // Instructions from `pc` on are of a new fetch group. The one before may have been taken for one
  // that ends in a branch: bubbles.
  u32 change_group(u64 pc, bool cut_branch) {
    const bool second_half = (group_ & config_.fetch.bytes / 2) != 0;
    const u32 bubbles =
        group_open_ ? prediction_.pass_group(cut_branch || (!group_branches_ && second_half)) : 0;
    prediction_.begin_group(pc);
    group_ = pc;
    group_branches_ = false;
    group_open_ = true;
    return bubbles;
  }
  void train_groups(const WarmBranch& branch);
  Cycle translate_fetch(Slot& slot, u64 address, Cycle start);
  void follow(Slot& slot, bool again);
  void turn(Cycle when, CycleCause cause, u32 delay);
  // What the front end takes a branch for, and what it does next.
  Guess guess(const Record& branch) {
    return loop_buffer_.is_there() ? guess_with_loop(branch) : prediction_.predict(branch);
  }
  Guess guess_with_loop(const Record& branch);
  void begin_wrong_path(Slot& branch, u64 pc);
  void fetch_wrong_path();
  void resolve(Slot& branch);

  // decode.cc, rename.cc
  u32 slots_of(const Record& r) const {
    return r.op_class == OpClass::Jump && r.dest != no_dest ? config_.decode.link_slots : 1;
  }
  void decode();
  u64 end_of_group() const;
  void rename();
  [[gnu::always_inline]] inline void rename_ready(RenameSlots& used);
  inline bool find_room(const Slot& slot, bool folds);

  // dispatch.cc, squash.cc
  inline Counter* missing_room(const Slot& slot, bool folds);
  bool take_group();
  void form_group();
  bool choose_queues();
  void watch_balance();
  u32 emptier(u32 first, u32 count) const;
  Counter* missing_for_group();
  inline Filling& filling(const Route& route);
  inline u8 choose_queue(const Route& route);
  void take_queue(const Route& route, u8 queue) {
    Filling& now = filling_[route.kind];
    ++now.taken[queue - route.first];
    ++now.free;
  }
  bool loads_full(const Slot& slot) const;
  bool stores_full(const Slot& slot) const;
  void dispatch(Slot& slot);
  inline void wait_for(Slot& slot, u32 part, u32 source);
  void squash(u64 from);
  inline void undo_rename(Slot& slot);

  // issue.cc, execute.cc
  void issue();
  inline void issue_from(IssueQueue& queue);
  void release(IssueQueue& queue) {
    if (const u32 cycles = release_cycles_[queue.kind()]; cycles == 0) [[likely]] {
      queue.leave();
    } else {
      calendar_.put(now_ + cycles, {static_cast<u32>(&queue - queues_.data()), 0, Due::release});
    }
  }
  inline int choose_pipe(const IssueQueue& queue, const Route& route, u32 used);
  bool execute(Slot& slot, u32 part, u32 pipe);
  void finish(Slot& slot, Cycle result);
  bool is_remembered(const Record& record, const OpTiming& op);
  u64 early_by(const Slot& producer, const Slot& consumer, u32 source) const {
    return source == 2 ? early_addend(producer, consumer) : 0;
  }
  u64 early_addend(const Slot& producer, const Slot& consumer) const;
  void part_done(Slot& slot, Cycle at);

  // load.cc, store.cc
  // Cycles of its pipe that an access takes: two when it is split.
  u32 pipe_cycles(const Record& r) const {
    return (r.physical.value() & (split_bytes_ - 1)) + r.size > split_bytes_ && r.size <= split_bytes_ ? 2 : 1;
  }
  Attempt load(Slot& slot);
  void take_place(Slot& slot);
  bool store_address(Slot& slot);
  void do_again(Slot& load);
  bool atomic(Slot& slot);
  void block(Slot& slot);
  void unblock();
  Cycle when_unblocked(const Slot& slot);
  Cycle translate_data(Slot& slot);
  Cycle translate_page(Slot& slot, u64 address, Cycle start);
  Answer access(Slot& load, Cycle at);
  Cycle answered(const Answer& answer) const;
  void find_violations(const StoreEntry& store);
  void fill_write_buffer();
  void write_block();

  // commit.cc
  void commit();
  inline void commit_one(Slot& slot);
  void count_events(u32 events);

  // What a listener is told, when there is one (telling.cc).
  void tell(const Slot& slot, PipelineStage stage, Cycle at) {
    if (listener_) [[unlikely]] listener_->reached(hart_, watched_[window_.place(slot)], stage, at);
  }
  void tell_issued(const Slot& slot, u32 part, bool executed);
  void tell_committed(const Slot& slot);
  void charge_committed();
  void charge_nobody() {
    if (listener_) [[unlikely]] listener_->charged(hart_, nullptr, accounting.cycles.value());
  }

  Cycle cycle(Tick tick) const { return memory_.cycle(tick); }
  Tick tick(Cycle at) const { return memory_.tick(at); }

  const Config config_;
  const HartId hart_;
  PipelineListener* listener_ = nullptr;
  std::optional<Record> first_committed_;  // in this cycle, while someone listens
  std::vector<u32> watched_;  // by place: what the listener calls an instruction, from its fetch on
  u32 last_watched_ = 0;
  const u64 split_bytes_;    // accesses are split at multiples of it
  const u64 access_cycles_;  // from a load's issue to its access: the hierarchy is this far ahead
  FunctionalSide& side_;
  MemorySide memory_;
  const Hierarchy::Ports& ports_ = memory_.ports;
  EventCounts& events_;  // of the hart
  Prediction prediction_;
  DependencePredictor dependence_;

  Cycle now_;
  bool begun_ = false;   // the stages but fetch have run in this cycle
  bool moved_ = false;
  bool has_room_ = true;     // rename has met nothing that is full in this cycle
  Counter* full_ = nullptr;  // what it has met, if that is counted
  Cycle wake_;
  Cycle last_commit_;    // or the last time that there was nothing to commit
  SpaceId space_;
  Calendar<Due> calendar_;

  // The window.
  Window window_;
  u64 head_ = 0, renamed_ = 0, decoded_ = 0, tail_ = 0;
  u64 known_ = 0;        // end of the records of the right path
  u32 next_id_ = 1;

  // Fetch.
  u64 next_pc_ = 0;           // of the record to be entered next
  bool redirected_ = false;   // ... which is an interrupt's handler
  u64 block_ = 0;             // address of the block fetched last
  bool block_open_ = false;   // it may hold the next instruction
  Cycle block_time_;          // when it was fetched
  Cycle block_due_;           // when its instructions are at the decoder
  Cycle next_fetch_;          // when the next block may be
  u64 front_delay_ = 0;       // cycles from fetch to decode
  CycleCause block_cause_ = CycleCause::FetchBandwidth;
  CycleCause next_cause_ = CycleCause::FetchBandwidth;
  u64 group_ = 0;             // where the instructions of the block begin
  bool group_branches_ = false;  // there is a branch among them
  bool group_open_ = false;   // it may go on behind its end
  Cycle taken_time_;          // the cycle that these count:
  u32 taken_ = 0;             // instructions fetched
  u32 branches_ = 0;          // conditional branches among them
  u32 queue_bytes_ = 0;       // waiting for the decoder
  LoopBuffer loop_buffer_;
  Cycle held_from_ = never_cycle;  // when it gives its first instructions; never_cycle: not known
  u64 blocked_on_ = no_sequence;  // nothing of the right path enters before this is over
  bool wrong_path_ = false;   // the wrong path behind it is fetched
  u64 wrong_pc_ = 0;
  ReturnStack::Top return_top_{};  // as it was before the wrong path

  // Rename.
  std::array<u64, 65> map_{};   // the youngest writer of each register; x0 and no_dest have none that counts
  // Physical registers that are free: integer, floating point, and for no_dest as many as one likes.
  std::array<u32, 3> free_registers_{};
  u32& free_registers(u8 dest) { return free_registers_[dest / fp_base]; }
  u32 rob_used_ = 0;
  u8 chosen_ = 0;               // the queue that find_room() has found
  std::array<Filling, queue_kinds> filling_{};
  std::array<u32, queue_kinds> bound_{};  // of each kind the classes that only one queue can execute, a bit each
  static_assert(op_class_count <= 32);
  u64 dispatch_end_ = 0;        // of what may be dispatched in this cycle
  u64 group_end_ = 0;           // of the groups taken so far
  u64 formed_ = no_sequence;    // where what is dispatched together begins
  struct Balance {
    Cycle at = never_cycle;     // holds in this cycle
    u32 lean = 0;
  };
  std::array<Balance, queue_kinds> balance_{};
  u32 branches_in_flight_ = 0;
  Cycle rename_from_;           // recovering until then
  u64 held_by_ = no_sequence;   // nothing is renamed before this branch commits

  // Issue.
  std::array<u32, queue_kinds + 1> first_queue_{};  // of each kind in queues_
  std::array<u32, queue_kinds> release_cycles_{};
  std::vector<IssueQueue> queues_;
  u64 ready_queues_ = 0;        // a bit each: something in it is ready
  void put_ready(u32 queue, u32 place) {
    queues_[queue].ready.put(place);
    ready_queues_ |= u64{1} << queue;
  }
  std::array<Route, op_class_count> routes_{};
  const Route& route(const Record& r) const { return routes_[static_cast<unsigned>(r.op_class)]; }
  std::array<u16, queue_kinds> first_unit_{};  // of each kind's pipes in unit_free_
  std::vector<std::array<Cycle, unit_count>> unit_free_;  // when each pipe's units take the next instruction

  // Of each pipe for integers the cycles, at their lowest bits, in which it issues nothing for the ALU.
  std::array<std::array<Cycle, 8>, 32> alu_held_{};

  std::array<u32, 8> divisions_{};  // the last ones, latest first

  // Loads and stores.
  u32 loads_used_ = 0, stores_used_ = 0;  // places taken
  LoadQueue loads_;
  StoreQueue stores_;
  WriteBuffer write_buffer_;
  // With write_urgent, the data cache takes a block or the addresses of a cycle, not both.
  Cycle addresses_at_ = never_cycle;  // when some were issued last
  bool addresses_held_ = false;     // none are issued in this cycle
  bool write_urgent_ = false;       // someone waits for what is in the write buffer
  std::vector<Blocked> blocked_;    // loads, stores and atomics that wait for others
  bool unblock_ = false;            // something happened that they may have waited for
  u64 violation_ = no_sequence;     // oldest load found to have been wrong in this cycle
};

}  // namespace orrery::ooo
