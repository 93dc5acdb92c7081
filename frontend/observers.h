// What watches a run and changes nothing of it: --trace, --profile and --hot-spots.
#pragma once

#include <optional>

#include "frontend/code_listing.h"
#include "frontend/hot_spots.h"
#include "frontend/pipeline_trace.h"
#include "frontend/profile.h"
#include "frontend/run_options.h"
#include "frontend/trace.h"
#include "models/machine.h"

namespace orrery {

class Observers final : private TranslationListener, private PipelineListener {
 public:
  // All outlive it.
  Observers(const RunOptions& options, const std::optional<TraceFilter>& trace, Machine& machine,
            const SymbolTable& symbols);
  ~Observers() override;
  Observers(const Observers&) = delete;
  Observers& operator=(const Observers&) = delete;

  void poll();    // now and then
  void finish();  // all harts stand, and the run is over

 private:
  void translated(const Translation& translation) override;
  void cleared() override;

  void fetched(HartId hart, u64 id, const Record& record, bool wrong_path, Cycle at) override;
  void reached(HartId hart, u64 id, PipelineStage stage, Cycle at) override;
  void retired(HartId hart, u64 id, const Record& record, const Outcome& outcome, Cycle at) override;
  void flushed(HartId hart, u64 id, Cycle at) override;
  void charged(HartId hart, const Record* record, u64 cycles) override;

  Machine& machine_;
  std::string profile_file_, hot_spots_file_;
  std::optional<Tracer> tracer_;
  std::optional<CodeListing> listing_;
  std::optional<Profile> profile_;
  std::optional<PipelineTrace> pipeline_;
  std::optional<HotSpots> hot_spots_;
};

// ConfigError when no phase of a run that begins with the model `cpu` has what is to be watched.
void check_observers(const RunOptions& options, const std::optional<TraceFilter>& trace,
                     const std::string& cpu, const std::vector<Phase>& phases);

}  // namespace orrery
