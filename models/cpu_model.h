// How a processor is simulated. All models stand behind this interface, and any can be exchanged
// for any other between two instructions while the machine runs.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "base/component.h"
#include "base/registry.h"
#include "base/types.h"

namespace orrery {

class AddressSpace;
class EventQueue;
class Hart;
class HartEnvironment;
class Hierarchy;
class PipelineListener;
class TranslationListener;
class WarmSink;
class Warmer;

// How far a hart may run. Obeyed before each instruction, in mid-block too; the executing
// instruction itself may bring it nearer (a device write or stimecmp that schedules an event, a
// marker that asks the machine to stop), so a model looks again after every instruction that can.
struct Horizon {
  Tick tick = never;  // first tick not to be executed at
  u64 steps = std::numeric_limits<u64>::max();  // instructions still allowed, trapping ones
                                                // included; 0 takes a pending interrupt only
  Tick device_tick = never;  // devices may be accessed at ticks up to here: the time that every
                             // other hart has reached
  bool stop = false;         // stop before the next instruction
};

enum class StopReason {
  Horizon,  // the tick, the budget or a stop request was reached
  Device,   // the next instruction accesses a device beyond device_tick; nothing of it was done
  Waiting,  // wfi, and no interrupt is pending
};

// What a model is built on. All outlive it.
struct ModelContext {
  Component& parent;
  AddressSpace& memory;
  EventQueue& events;
  Hierarchy& hierarchy;
  HartEnvironment& environment;
  std::vector<Hart*> harts;
  Warmer* warmer = nullptr;  // a fast model tells it what a timing model would see; null: nobody asks
};

struct HostFigure {
  const char* name;
  u64 value;  // counts up
};

// Contract. The machine calls run() for one hart at a time, with the horizon of that call; the
// model executes instructions of that hart, advances hart.time and hart.steps, takes the
// interrupts that are pending, and returns for one of the reasons above with the hart between two
// instructions. Before anybody else looks at a hart (checkpoint, exchange, debugger), the machine
// calls drain(). A model holds only derived state and timing state; what is architectural lives in
// Hart. run() never throws on anything that a guest can do.
//
// How the four models fit: `interpreter` and `direct` run many instructions a call and charge a
// fixed time for each (the machine gives quanta); `inorder` and `outoforder` execute an instruction
// functionally when it enters the pipeline (cpu/exec), decide its time, and are given turns of a few
// cycles. Instructions in flight
// beyond entry are timing state: they are architecturally complete, so drain() only lets time pass.
class CpuModel : public Component {
 public:
  using Component::Component;

  virtual StopReason run(Hart& hart, Horizon& horizon) = 0;

  // Lets everything in flight finish. Afterwards hart.time covers it and only Hart matters.
  virtual void drain() = 0;

  // Whatever derives from these bytes of physical memory is stale (size 0: everything is).
  virtual void forget(PhysAddr begin, u64 size) = 0;

  // It becomes the machine's model: what harts do from their present times on is its to count.
  virtual void start() {}

  // Statistics are about to be read: every cycle of a hart up to its time is counted, those that it
  // sleeps and those of what is in flight included.
  virtual void count_cycles() {}

  // A model with a notion of time of its own: harts take turns of a few cycles (machine.interleave)
  // rather than of quanta.
  virtual bool is_timing() const = 0;

  // The registered name ("interpreter").
  virtual const char* type() const = 0;

  // For models that translate (models/direct/listing.h); null: nobody. It outlives the model, or is
  // taken back.
  virtual void set_listener(TranslationListener*) {}
  // The same for timing models (models/timing/pipeline_listener.h).
  virtual void set_pipeline_listener(PipelineListener*) {}

  // A timing model's predictors, to be kept warm while a fast model runs; null: it has none.
  virtual WarmSink* warm_sink() { return nullptr; }

  // What the model's work was on the host, since it was made. Unlike statistics these figures may
  // change when the simulator does (FILE.host.json).
  virtual std::vector<HostFigure> host_figures() const { return {}; }
};

using CpuModels = Registry<CpuModel, const ModelContext&>;

}  // namespace orrery
