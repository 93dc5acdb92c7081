#include "frontend/observers.h"

#include <cstdio>

#include "base/error.h"
#include "frontend/files.h"

namespace orrery {

void check_trace(const TraceFilter& trace, const std::string& cpu, const std::vector<Phase>& phases) {
  if (trace.what != TraceFilter::What::HostCode) return;
  std::string running = cpu;
  bool translates = false;
  for (const Phase& phase : phases) {
    if (!phase.cpu.empty()) running = phase.cpu;
    translates |= running == "direct";
  }
  if (!translates)
    config_error("--trace: host-code: only the CPU model direct translates; --cpu direct chooses it");
}

Observers::Observers(const RunOptions& options, const std::optional<TraceFilter>& trace,
                     Machine& machine, const SymbolTable& symbols)
    : machine_(machine) {
  const std::string file = options.trace_file ? result_path(options, *options.trace_file) : "-";
  if (trace && trace->what == TraceFilter::What::Instructions) {
    tracer_.emplace(*trace, file, symbols);
    machine.set_trace([this](Hart& hart) { tracer_->before_instruction(hart); });
  }
  if (trace && trace->what == TraceFilter::What::HostCode)
    listing_.emplace(*trace, file,
                     GuestFacts{machine.memory(), symbols, machine.config().hart.extensions});
  if (options.profile) {
    profile_file_ = *options.profile == "-" ? "-" : result_path(options, *options.profile);
    profile_.emplace(symbols);
  }
  if (listing_ || profile_) machine.set_listener(this);
}

Observers::~Observers() {
  machine_.set_listener(nullptr);
  machine_.set_trace({});
}

void Observers::poll() {
  if (profile_) profile_->poll();
}

void Observers::finish() {
  if (tracer_) tracer_->finish(machine_.harts());
  if (listing_) listing_->finish();
  if (!profile_) return;
  const std::string report = profile_->report();
  if (profile_file_ != "-") return write_text_file(profile_file_, report);
  std::fwrite(report.data(), 1, report.size(), stdout);
  std::fflush(stdout);
}

void Observers::translated(const Translation& translation) {
  if (listing_) listing_->translated(translation);
  if (profile_) profile_->translated(translation);
}

void Observers::cleared() {
  if (profile_) profile_->cleared();
}

}  // namespace orrery
