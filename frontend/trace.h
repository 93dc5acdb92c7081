// --trace instructions[:from=ADDR,to=ADDR,privilege=U,count=N,hart=N]: a line for each instruction.
//
//   0 S ffffffff80001234 schedule+0x12          00c58593  addi a1,a1,12        a1=...1234
//
// hart, privilege, pc, place, bits, text, then the registers that changed; "trap" where the
// instruction did not retire. `from` is the first pc shown, `to` the first one not shown.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cpu/arch/hart.h"
#include "frontend/trace_file.h"
#include "models/boot/symbols.h"

namespace orrery {

struct TraceFilter {
  // HostCode: frontend/code_listing.h; Pipeline: frontend/pipeline_trace.h
  enum class What { Instructions, HostCode, Pipeline };
  enum class Format { Konata, Perfetto };
  What what = What::Instructions;
  u64 from = 0;
  u64 to = ~u64{0};
  u64 count = ~u64{0};  // lines to write, or translations
  std::optional<Privilege> privilege;
  std::optional<HartId> hart;
  Format format = Format::Konata;  // of a pipeline trace, and where it begins:
  u64 start = 0;                   // with so many instructions behind it
  u64 start_cycle = 0;

  bool wants(HartId id, Privilege mode, u64 pc) const {
    return pc >= from && pc < to && (!privilege || *privilege == mode) && (!hart || *hart == id);
  }
};

// ConfigError beginning with "--trace" when `text` says something else.
TraceFilter parse_trace(const std::string& text);

class Tracer {
 public:
  // Writes to `file`, standard error without one. `symbols` outlives it.
  Tracer(const TraceFilter& filter, const std::string& file, const SymbolTable& symbols)
      : filter_(filter), symbols_(symbols), file_(file) {}

  // The hart is about to execute an instruction, and has executed the one before.
  void before_instruction(Hart& hart);

  // All harts stand: completes the last line of each. ConfigError when any of the lines could not be
  // written to the file.
  void finish(const std::vector<Hart*>& harts);

 private:
  struct Pending {  // the hart's instruction whose effect is not known yet
    bool open = false;
    std::string line;
    u64 x[32] = {};
    u64 f[32] = {};
    u64 steps = 0;
    u64 untaken = 0;
  };
  void complete(const Hart& hart);
  void open(const Hart& hart);

  TraceFilter filter_;
  const SymbolTable& symbols_;
  TraceFile file_;
  u64 written_ = 0;
  std::vector<Pending> pending_;  // by hart
};

}  // namespace orrery
