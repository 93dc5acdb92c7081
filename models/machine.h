// Machine: harts, memory, devices and time assembled from a description, and the loop that lets
// the harts run.
//
// Reading order: Config (what a description may say), the constructor (what is built), boot() (what
// is loaded), run() (how harts take turns). Two machines in one process do not know of each other.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/component.h"
#include "base/event_queue.h"
#include "cpu/arch/hart.h"
#include "devices/board.h"
#include "devices/device_tree.h"
#include "memory/address_space.h"
#include "memory/hierarchy.h"
#include "memory/ram.h"
#include "models/boot/boot.h"
#include "models/cpu_model.h"

namespace orrery {

struct MachineConfig {
  u32 harts = 1;
  Bytes memory{u64{256} << 20};
  Frequency clock{1'000'000'000};
  Frequency timebase{10'000'000};
  std::string cpu = "interpreter";  // the model that runs first
  std::string warm;                 // the timing model kept warm while a fast one runs; empty: none
  Duration quantum{10'000'000};     // fast models: length of a hart's turn, on an absolute grid
  u32 interleave = 32;              // timing models: the same, in cycles of the clock
  u64 seed = 1;                     // of everything random, the guest's rng-seed included
  HartConfig hart;
  HierarchyConfig hierarchy;        // caches, TLBs and DRAM; its keys stand beside these
  BoardConfig board;
  BootConfig boot;
  CpuModels::All models;            // one object for each registered model, under its name

  void visit(Params& p);
};

// Reads {"machine": {...}}. Fills `resolved` with the resolved description and `fixed` with the
// full paths of what must not change at a restore.
MachineConfig read_machine(const Json& description, Json* resolved, std::vector<std::string>* fixed);

// Why run() returned.
struct Stop {
  enum class Why {
    Steps,      // the number of instructions asked for
    Time,       // the tick asked for
    Requested,  // request_stop(): a marker, console text, Ctrl-C ...; `what` says which
    Poweroff,   // the guest powered off; exit_code is its status
    Reboot,     // the guest asked for a reset
    Deadlock,   // all harts wait, no event is pending and no input is possible
  };
  Why why = Why::Steps;
  u32 exit_code = 0;
  std::string what;
};

struct RunLimit {
  u64 steps = ~u64{0};  // of all harts together, from now on
  Tick time = never;    // absolute
};

class Machine final : public Component,
                      public SimulatedTime,
                      public HartEnvironment,
                      private PowerControl,
                      private WriteWatcher {
 public:
  explicit Machine(const MachineConfig& config);
  ~Machine() override;

  // Power-on reset of every hart and device; firmware, kernel, initramfs and device tree are loaded.
  void boot();

  // The device tree that boot() gives the guest.
  DeviceTree device_tree(const ChosenFacts& chosen) const;

  // Runs until a limit or a reason to stop. The machine stands between instructions afterwards, at
  // a point that depends on the limits alone.
  Stop run(const RunLimit& limit);

  // The guest has powered off or asked for a reset. run() does nothing until boot().
  bool is_off() const { return off_; }

  // Lets the CPU model finish what is in flight; called before saving and exchanging.
  void drain();

  // Exchanges the CPU model (drains the old one). ConfigError for an unknown name.
  void use_model(const std::string& type);
  CpuModel& model() { return *model_; }

  // Asks run() to return before the next instruction of the running hart. The first request wins.
  void request_stop(Stop stop);

  // Called every `poll_steps` instructions or so, between instructions: the place where host input
  // enters (console), progress is shown and Ctrl-C is looked at. May call request_stop() and feed
  // devices.
  void set_poll(std::function<void()> poll) { poll_ = std::move(poll); }
  // Where the guest's console output goes: the serial line's, and what a bare-metal program prints
  // through tohost (models/htif.h). Null, at first: it is dropped.
  void set_console(CharSink* console);
  // All harts sleep until `wake` (`never`: until input comes); called before time jumps, so that
  // --pace host can sleep. It may feed devices, and returns the tick to go on at: `wake`, or an
  // earlier one when something came in between.
  void set_idle(std::function<Tick(Tick wake)> idle) { idle_ = std::move(idle); }
  // Calls `look` once, when the machine has come as far as `at` (steps from now on), and goes on: what
  // is simulated stays the same. It may ask for the next time; null: nobody looks. Exact, but
  // where several harts run in turns: there a time is that of the first turn's end from it on.
  void look_at(const RunLimit& at, std::function<void()> look) {
    look_at_ = at;
    look_ = std::move(look);
  }
  // True while someone may still type: sleeping without events is then no deadlock.
  void set_input_possible(bool possible) { input_possible_ = possible; }
  // Called for every marker the guest executes.
  void set_marker_hook(std::function<void(Hart&, u32)> hook) { marker_hook_ = std::move(hook); }
  // Called before each instruction, which then runs alone, interrupts taken already (--trace); null
  // switches it off. Changes nothing that the guest or the statistics see.
  void set_trace(std::function<void(Hart&)> before) { trace_ = std::move(before); }
  // Called after a hart has executed `steps` instructions, for recorders.
  void set_run_hook(std::function<void(Hart&, u64 steps)> hook) { run_hook_ = std::move(hook); }

  // Hears of every translation, whichever model runs (models/direct/listing.h); null: nobody.
  void set_listener(TranslationListener* listener);
  // ... and of every instruction in a pipeline (models/timing/pipeline_listener.h).
  void set_pipeline_listener(PipelineListener* listener);

  const MachineConfig& config() const { return config_; }
  Tick now() const override;  // time of the hart that is furthest behind
  u64 steps() const;  // instructions executed by all harts
  std::vector<Hart*> harts();
  Hart& hart(HartId id) { return *harts_.at(id); }
  AddressSpace& memory() { return memory_; }
  Ram& ram() { return *ram_; }
  EventQueue& events() { return *events_; }
  Board& board() { return *board_; }
  Hierarchy& hierarchy() { return *hierarchy_; }
  const BootImages& images() const { return images_; }  // symbols, entry, tohost
  BootImages& images() { return images_; }

  void marker(Hart& hart, u32 number) override;
  void store_performed(Hart& hart, PhysAddr address, u64 bytes) override;
  void woken(Hart& hart) override;
  void state(Archive& a) override;
  void after_restore() override;

 private:
  static constexpr u64 poll_steps = 100'000;

  void power_off(u32 exit_code) override;
  void reboot() override;
  void before_write(PhysAddr address, u64 size, u8 marks) override;
  void page_marked(PhysAddr) override {}

  void wake_harts();
  // The next hart to run before `segment_end`, and how far; null when none can.
  Hart* choose(Tick segment_end, Horizon& horizon);
  Hart* in_turn(Tick segment_end);
  Tick end_of_turns() const;  // where the turns under way end; `never`: there are none
  Tick earliest_awake() const;
  Tick earliest_other(const Hart& hart) const;
  void run_hart(Hart& hart, Horizon& horizon);
  std::unique_ptr<CpuModel> create_model(const std::string& type);
  // Every hart stands at the segment's end: events, the next turn.
  void end_segment(Tick segment_end);
  // All harts sleep: the tick at which the next thing happens; nothing when nothing can.
  std::optional<Tick> sleep(Tick limit);
  Stop run_until_stop(const RunLimit& limit);
  void bring_sleepers_forward();
  void look();
  void serve_tohost();
  void watch_tohost();

  MachineConfig config_;
  std::unique_ptr<EventQueue> events_;
  AddressSpace memory_;
  std::unique_ptr<Ram> ram_;
  std::vector<std::unique_ptr<Hart>> harts_;
  std::unique_ptr<Hierarchy> hierarchy_;
  std::unique_ptr<Board> board_;
  BootImages images_;
  std::unique_ptr<CpuModel> warmed_;  // of config_.warm, while another model runs
  std::unique_ptr<Warmer> warmer_;
  std::unique_ptr<CpuModel> model_;
  std::function<void()> poll_;
  std::function<Tick(Tick)> idle_;
  std::function<void(Hart&, u32)> marker_hook_;
  std::function<void(Hart&)> trace_;
  std::function<void(Hart&, u64)> run_hook_;
  RunLimit look_at_;
  std::function<void()> look_;
  TranslationListener* listener_ = nullptr;
  CharSink* console_ = nullptr;
  PipelineListener* pipeline_listener_ = nullptr;
  bool input_possible_ = false;

  bool off_ = false;  // saved

  // Whose turn it is; saved.
  Tick turn_end_;                // of the quantum; a multiple of its length. `never` of a hart alone
  u32 turn_ = 0;                 // hart in turn, or next to be
  HartId last_run_ = 0;
  std::vector<u8> blocked_;      // by hart: waits for the others before a device access

  // Of the running call of run().
  Horizon* horizon_ = nullptr;
  std::optional<Stop> stop_;
  bool tohost_written_ = false;
};

}  // namespace orrery
