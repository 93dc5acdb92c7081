// Checkpoints of whole machines: what of a machine goes into the parts that checkpoint.cc saves.
#include "base/archive.h"
#include "checkpoint/checkpoint.h"
#include "models/machine.h"

namespace orrery {
namespace {

// Parameters of a machine that change neither shape nor meaning of timing state.
constexpr const char* neutral_to_timing[] = {"cpu", "warm", "quantum", "seed", "board", "boot"};

// The model whose timing state a checkpoint holds: the one that runs, or that it keeps warm.
std::string timing_model(Machine& machine) {
  const std::string& warm = machine.config().warm;
  return machine.model().is_timing() || warm.empty() ? machine.model().type() : warm;
}

// The resolved description, with the checkpoint's words for the same clock: older ones hold it as a
// user wrote it ("3GHz"), and so do their digests.
Json with_saved_clock(const Checkpoint& checkpoint, const Machine& machine, Json resolved) {
  static const Json::json_pointer clock("/machine/clock");
  const Json& saved = checkpoint.description();
  if (!saved.contains(clock) || !saved.at(clock).is_string()) return resolved;
  const auto hertz = parse_quantity(saved.at(clock).get<std::string>(), Unit::Frequency);
  if (hertz && *hertz != 0 && Frequency{*hertz}.effective() == machine.config().clock)
    resolved[clock] = saved.at(clock);
  return resolved;
}

}  // namespace

std::string timing_digest(Machine& machine, const Json& resolved) {
  Json relevant = resolved.value("machine", Json::object());
  for (const char* name : neutral_to_timing) relevant.erase(name);
  const std::string type = timing_model(machine);
  for (const std::string& model : CpuModels::names())
    if (model != type) relevant.erase(model);
  Digester digester;
  digester.text(type);
  digester.bytes(Json::to_cbor(relevant));
  machine.for_each([&](const Component& component) {
    if (component.is_timing_state()) digester.text(component.path());
  });
  return digester.result().hex();
}

void save_checkpoint(Machine& machine, const Json& resolved, const std::vector<std::string>& fixed,
                     const std::string& directory, const SaveOptions& options) {
  machine.drain();
  Manifest facts;
  facts.parent = options.parent;
  facts.model = machine.model().type();
  facts.steps = machine.steps();
  facts.time_ticks = machine.now().value();
  facts.fixed_at_restore = fixed;
  facts.description = resolved;
  facts.timing_digest = timing_digest(machine, resolved);
  save_checkpoint(machine, machine.ram(), std::move(facts), directory, options.replace);
}

std::string machine_digest(Machine& machine) {
  machine.drain();
  return tree_digest(machine, machine.ram());
}

void Checkpoint::restore(Machine& machine, const Json& resolved, bool* timing_restored) const {
  machine.drain();
  restore(machine, machine.ram(), timing_digest(machine, with_saved_clock(*this, machine, resolved)),
          timing_restored);
  machine.model().forget(machine.ram().base(), 0);
}

}  // namespace orrery
