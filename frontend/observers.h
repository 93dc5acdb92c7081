// What watches a run and changes nothing of it: --trace and --profile.
#pragma once

#include <optional>

#include "frontend/code_listing.h"
#include "frontend/profile.h"
#include "frontend/run_options.h"
#include "frontend/trace.h"
#include "models/machine.h"

namespace orrery {

class Observers final : private TranslationListener {
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

  Machine& machine_;
  std::string profile_file_;
  std::optional<Tracer> tracer_;
  std::optional<CodeListing> listing_;
  std::optional<Profile> profile_;
};

// ConfigError when no phase of a run that begins with the model `cpu` translates what the trace is
// to show.
void check_trace(const TraceFilter& trace, const std::string& cpu, const std::vector<Phase>& phases);

}  // namespace orrery
