// --trace pipeline[:format=konata|perfetto,from=ADDR,to=ADDR,start=N,start_cycle=N,count=N,hart=N]:
// each instruction's way through the pipeline of a timing model, wrong paths included.
//
//   konata    the log of Onikiri 2 that the viewer Konata reads: "Kanata 0004"
//   perfetto  JSON trace events, for ui.perfetto.dev: a process a hart, a track a lane, in which
//             instructions follow one another; a microsecond there is a cycle
//
// `start` counts instructions of the right path, of all harts; `count` those shown. One that is shown
// is followed to its end; what is in flight when the run ends is shown as flushed then.
#pragma once

#include <array>
#include <map>
#include <queue>
#include <string>
#include <vector>

#include "cpu/isa/extensions.h"
#include "frontend/trace.h"
#include "frontend/trace_file.h"
#include "memory/address_space.h"
#include "models/timing/pipeline_listener.h"

namespace orrery {

// The instruction that a record is of: "addi a0,a0,1".
std::string text_of(const Record& record, const AddressSpace& memory, const ExtensionSet& extensions);

class PipelineTrace final : public PipelineListener {
 public:
  // `symbols` and `memory` outlive it.
  PipelineTrace(const TraceFilter& filter, const std::string& file, const SymbolTable& symbols,
                const AddressSpace& memory, const ExtensionSet& extensions, u32 harts);

  void fetched(HartId hart, u64 id, const Record& record, bool wrong_path, Cycle at) override;
  void reached(HartId hart, u64 id, PipelineStage stage, Cycle at) override;
  void retired(HartId hart, u64 id, const Record& record, const Outcome& outcome, Cycle at) override;
  void flushed(HartId hart, u64 id, Cycle at) override;
  void charged(HartId, const Record*, u64) override {}

  // The run is over. ConfigError when anything could not be written.
  void finish();

 private:
  struct Step {
    PipelineStage stage;
    Cycle at;
  };
  struct Instruction {
    HartId hart;
    u64 id;
    u64 pc;
    std::string text, place;
    bool wrong_path;
    Cycle begin, end;
    std::vector<Step> steps;
    std::vector<u64> producers;  // of what it reads
    std::size_t lane = 0;
  };
  // A line of the log, in the order of time; of one cycle, in the order of fetch.
  struct Line {
    Cycle at;
    u64 number;
    u64 order;
    std::string text;
    bool operator>(const Line& other) const {
      return std::tie(at, number, order) > std::tie(other.at, other.number, other.order);
    }
  };
  struct Hart {
    std::map<u64, u64> open;             // the model's id -> number
    std::array<u64, 65> writer{};        // number + 1 of the latest writer of each register
    std::array<u64, 65> wrong_writer{};  // the same on the wrong path
    bool on_wrong_path = false;
    std::vector<Cycle> lanes;            // when each is free again
    u64 retired = 0;
  };

  bool wants(HartId hart, const Record& record, bool wrong_path, Cycle at);
  void note_registers(Hart& hart, const Record& record, Instruction& instruction, u64 number);
  void end(HartId hart, u64 id, Cycle at, bool is_flushed);
  void write_konata(u64 number, const Instruction& i, bool is_flushed);
  void write_perfetto(u64 number, const Instruction& i, bool is_flushed);
  void write_lines(Cycle before);

  const TraceFilter filter_;
  const SymbolTable& symbols_;
  const AddressSpace& memory_;
  const ExtensionSet extensions_;
  TraceFile file_;
  std::vector<Hart> harts_;
  std::map<u64, Instruction> open_;  // by number, in the order of fetch
  u64 passed_ = 0;                   // instructions of the right path so far
  u64 next_number_ = 0;
  Cycle latest_;
  std::priority_queue<Line, std::vector<Line>, std::greater<>> lines_;
  std::optional<Cycle> written_;     // cycle of the log's last line
};

}  // namespace orrery
