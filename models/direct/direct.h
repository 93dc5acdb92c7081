// Guest code translated to host code and executed directly.
//
//   decoded blocks -> region (region.h) -> IR (ir_builder.h) -> passes (passes.h) -> code (emitter.h)
//
// Blocks are those of the block cache, shared by all address spaces; what runs often is translated,
// the rest is interpreted. Regions jump to one another: within a page by links that are
// patched, elsewhere through a table of guest pages, one for each of the last address spaces.
// Results are the interpreter's, to the instruction, whatever is translated and when.
//
// Hosts other than x86-64-v3 interpret everything.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cpu/exec/block_cache.h"
#include "models/cpu_model.h"
#include "models/direct/activation.h"

namespace orrery {

class Direct final : public CpuModel, private BlockWatcher {
 public:
  struct Config {
    u32 cycles_per_instruction = 1;
    u64 code_bytes = u64{32} << 20;
    u32 translate_after = 16;
    void visit(Params& p);
  };

  Direct(const Config& config, const ModelContext& context);
  ~Direct() override;

  StopReason run(Hart& hart, Horizon& horizon) override;
  void drain() override {}
  void forget(PhysAddr begin, u64 size) override { blocks_.drop_range(begin, size); }
  bool is_timing() const override { return false; }
  const char* type() const override { return "direct"; }
  void set_listener(TranslationListener* listener) override { listener_ = listener; }
  std::vector<HostFigure> host_figures() const override;

 private:
  struct Engine;  // the host's side: code cache, thunks, links

  // What is kept of a hart: jump tables of the address spaces it was in last.
  struct Spaces {
    static constexpr unsigned count = 8;
    struct Table {
      u64 space = ~u64{0};
      u64 used = 0;  // when, to replace the oldest
      std::array<direct::JumpPage, direct::jump_pages> pages;
    };
    std::array<Table, count> tables;
    u64 clock = 0;
    // Places where execution stopped for reasons of time: code comes to them for that only.
    std::array<u64, 64> cuts{};
    u64 last_pc = 1;  // where it stopped last; odd: at a trap
    bool cut_short = false;  // by its budget
    bool is_cut(u64 pc) const { return cuts[pc / 2 % cuts.size()] == pc; }
    void note_cut(u64 pc) { cuts[pc / 2 % cuts.size()] = pc; }

    Table& of(u64 space);
    void clear();
  };

  Exit run_blocks(Frame& frame, u64 budget);
  void interpret(Frame& frame, const Block& block, u64 budget);
  // The block's code; null while it is not worth translating. `weight`: what this run of it counts for.
  const u8* code_of(const Block& block, u64 pc, u64 steps, u32 weight);
  u64 runs_needed(const CodePage& page) const;
  void translate(const Block& block, u64 pc, u64 steps);
  void clear_code();
  void dropped(const Block& block) override;
  void pages_dropped() override;

  u64 cycles_per_instruction_;
  u32 translate_after_;
  u64 clears_ = 0;  // times that all code was thrown away
  u64 regions_translated_ = 0, blocks_translated_ = 0, instructions_translated_ = 0;
  u64 host_code_bytes_ = 0;
  TranslationListener* listener_ = nullptr;
  EventQueue& events_;
  BlockCache blocks_;
  Warmer* warmer_;
  std::vector<BlockOp> beginning_;  // of a block that the budget cuts short
  std::unique_ptr<Engine> engine_;  // null: the host cannot
  std::vector<std::unique_ptr<Spaces>> spaces_;  // by hart
};

}  // namespace orrery
