#include "frontend/observers.h"

#include <cstdio>

#include "base/error.h"
#include "frontend/files.h"

namespace orrery {

namespace {

void write_report(const std::string& file, const std::string& report) {
  if (file != "-") return write_text_file(file, report);
  std::fwrite(report.data(), 1, report.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

void check_observers(const RunOptions& options, const std::optional<TraceFilter>& trace,
                     const std::string& cpu, const std::vector<Phase>& phases) {
  std::string running = cpu;
  bool translates = false, has_pipeline = false;
  for (const Phase& phase : phases) {
    if (!phase.cpu.empty()) running = phase.cpu;
    translates |= running == "direct";
    has_pipeline |= running == "inorder" || running == "outoforder";
  }
  if (trace && trace->what == TraceFilter::What::HostCode && !translates)
    config_error("--trace: host-code: only the CPU model direct translates; --cpu direct chooses it");
  constexpr const char* no_pipeline =
      "only the CPU models inorder and outoforder have a pipeline; --cpu chooses one";
  if (trace && trace->what == TraceFilter::What::Pipeline && !has_pipeline)
    config_error("--trace: pipeline: {}", no_pipeline);
  if (options.hot_spots && !has_pipeline) config_error("--hot-spots: {}", no_pipeline);
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
  if (trace && trace->what == TraceFilter::What::Pipeline) 
    pipeline_.emplace(*trace, file, symbols, machine.memory(), machine.config().hart.extensions,
                      machine.config().harts);
  if (options.hot_spots) {
    hot_spots_file_ = *options.hot_spots == "-" ? "-" : result_path(options, *options.hot_spots);
    hot_spots_.emplace(symbols, machine.memory(), machine.config().hart.extensions,
                       machine.config().harts);
  }
  if (listing_ || profile_) machine.set_listener(this);
  if (pipeline_ || hot_spots_) machine.set_pipeline_listener(this);
}

Observers::~Observers() {
  machine_.set_listener(nullptr);
  machine_.set_pipeline_listener(nullptr);
  machine_.set_trace({});
}

void Observers::poll() {
  if (profile_) profile_->poll();
}

void Observers::finish() {
  if (tracer_) tracer_->finish(machine_.harts());
  if (listing_) listing_->finish();
  machine_.set_pipeline_listener(nullptr);
  if (pipeline_) pipeline_->finish();
  if (profile_) write_report(profile_file_, profile_->report());
  if (hot_spots_) write_report(hot_spots_file_, hot_spots_->report());
}

void Observers::translated(const Translation& translation) {
  if (listing_) listing_->translated(translation);
  if (profile_) profile_->translated(translation);
}

void Observers::cleared() {
  if (profile_) profile_->cleared();
}

void Observers::fetched(HartId hart, u64 id, const Record& record, bool wrong_path, Cycle at) {
  if (pipeline_) pipeline_->fetched(hart, id, record, wrong_path, at);
}

void Observers::reached(HartId hart, u64 id, PipelineStage stage, Cycle at) {
  if (pipeline_) pipeline_->reached(hart, id, stage, at);
}

void Observers::retired(HartId hart, u64 id, const Record& record, const Outcome& outcome, Cycle at) {
  if (pipeline_) pipeline_->retired(hart, id, record, outcome, at);
  if (hot_spots_) hot_spots_->retired(record, outcome);
}

void Observers::flushed(HartId hart, u64 id, Cycle at) {
  if (pipeline_) pipeline_->flushed(hart, id, at);
}

void Observers::charged(HartId hart, const Record* record, u64 cycles) {
  if (hot_spots_) hot_spots_->charged(hart, record, cycles);
}

}  // namespace orrery
