// What a timing model tells of each instruction's way through its pipeline, to whoever shows or
// counts it. Listeners change nothing.
//
// Contract. Cycles are those of the hart's core. An instruction is fetched(), comes to stages, and is
// retired() or flushed(), after which its id may be given again. fetched() comes at the present: no
// later call of that hart names an earlier cycle. The others may name cycles to come, also for an
// instruction that is flushed before; of what lies behind its end nothing happened. Stages may be left
// out, and come again (an instruction that is issued once more). Retired are the instructions of the
// right path, in program order; one that is done again is flushed, and fetched under another id.
//
// charged() tells of every cycle that the model attributes (Accounting::cycles), once: `cycles` counts
// from the hart's beginning, and those since the last call belong to that instruction. They ended in
// the cycle in which it committed (issued, under inorder), the first of its cycle; null: in nothing,
// the hart slept, or the pipeline ran empty. A listener hears so first, where counting begins, and
// last, when it is taken back or the model goes.
#pragma once

#include "models/timing/record.h"

namespace orrery {

enum class PipelineStage : u8 {
  Fetch,
  Decode,
  Rename,
  Dispatch,  // waits in its queue
  Issue,
  Execute,
  Memory,    // at the data cache
  Complete,  // done, waits for those before it
  Commit,
};
inline constexpr unsigned pipeline_stage_count = 9;

class PipelineListener {
 public:
  virtual ~PipelineListener() = default;
  // Begins its stage Fetch.
  virtual void fetched(HartId hart, u64 id, const Record& record, bool wrong_path, Cycle at) = 0;
  virtual void reached(HartId hart, u64 id, PipelineStage stage, Cycle at) = 0;
  struct Outcome {
    bool mispredicted;
    bool l1d_missed;
  };
  // `at` is the cycle of its stage Commit.
  virtual void retired(HartId hart, u64 id, const Record& record, const Outcome& outcome, Cycle at) = 0;
  virtual void flushed(HartId hart, u64 id, Cycle at) = 0;
  virtual void charged(HartId hart, const Record* record, u64 cycles) = 0;
};

}  // namespace orrery
