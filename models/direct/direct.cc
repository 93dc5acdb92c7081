#include "models/direct/direct.h"

#include "base/bits.h"
#include "memory/ram.h"
#include "models/direct/assembling.h"
#include "models/direct/emitter.h"
#include "models/direct/listing.h"
#include "models/fast_loop.h"
#include "models/warm/step.h"

namespace orrery {

using namespace direct;

namespace {

const bool registered = CpuModels::add<Direct>(
    "direct", "translates guest code to host code and executes it directly; the fastest");

// What a run counts for, by where it began: a budget often ends in the middle of a loop. A region made
// there would be a second copy of the loop, cut in two, and what goes on there would stay in it.
constexpr u32 natural_weight = 256;  // elsewhere
constexpr u32 cut_weight = 1;        // where a budget or an interrupt has cut another one
constexpr u32 resumed_weight = 0;    // where the last one was cut, and now goes on

// Instructions of a hart in which a translation has paid for itself.
constexpr u64 pays_after = 200'000;

// The most that one region becomes: at most most_instructions and three blocks more, of which each
// becomes less than 1 KiB with its rare paths.
constexpr u64 most_region_bytes = 512 << 10;

}  // namespace

void Direct::Config::visit(Params& p) {
  p("cycles_per_instruction", cycles_per_instruction, "cycles", "what each instruction takes");
  p("code_bytes", code_bytes, "bytes", "memory for translated code; when it is full, all is made anew");
  p("translate_after", translate_after, "times",
    "a block is interpreted so often before it is translated, more often where code is rewritten all the "
    "time; 0: all is translated at once");
  p.require(cycles_per_instruction >= 1 && cycles_per_instruction <= 1'000'000,
            "cycles_per_instruction", "must be 1..1000000");
  p.require(code_bytes >= u64{1} << 20 && code_bytes <= u64{1} << 30, "code_bytes", "must be 1048576..1073741824");
  p.require(translate_after <= 1'000'000, "translate_after", "must be 0..1000000");
}

struct Direct::Engine {
  Engine(u64 code_bytes, Hart& hart, const HostFeatures& features, Warmer* warmer)
      : cache(code_bytes),
        layout(hart),
        thunks(cache, layout, features, warmer != nullptr),
        pinned(pinned_f(features)),
        thunk_bytes(cache.used()),
        options{hart.config.has(Extension::C), warmer == nullptr, warmer == nullptr,
                hart.config.has(Extension::C) && hart.config.has(Extension::S)},
        misaligned(hart.config.misaligned) {
    if (warmer) warm.emplace(*warmer, hart);
  }

  CodeCache cache;
  HartLayout layout;
  Thunks thunks;
  std::vector<PinnedF> pinned;
  u64 thunk_bytes;
  IrOptions options;
  bool misaligned;  // HartConfig's
  std::optional<Warming> warm;
  std::vector<Link> links;
  // Dropped code by physical address: it goes on to what is translated there next.
  std::unordered_map<u64, std::vector<u8*>> stale;
  // Where a block's code leaves to have its place looked up, by the address of its code.
  std::unordered_map<const u8*, const u8*> resume;
};

Direct::Direct(const Config& config, const ModelContext& context)
    : CpuModel(&context.parent, "direct"),
      cycles_per_instruction_(config.cycles_per_instruction),
      translate_after_(config.translate_after),
      events_(context.events),
      blocks_(context.memory, context.harts),
      warmer_(context.warmer) {
  const HostFeatures features = host_features();
  if (features.usable)
    engine_ = std::make_unique<Engine>(align_up(config.code_bytes, page_size), *context.harts.at(0), features, warmer_);
  for (std::size_t i = 0; i < context.harts.size(); ++i) spaces_.push_back(std::make_unique<Spaces>());
  blocks_.watch(this);
  if (warmer_) warmer_->clear_sites();
}

Direct::~Direct() = default;

Direct::Spaces::Table& Direct::Spaces::of(u64 space) {
  Table* oldest = &tables[0];
  for (Table& t : tables) {
    if (t.space == space) {
      t.used = ++clock;
      return t;
    }
    if (t.used < oldest->used) oldest = &t;
  }
  oldest->space = space;
  oldest->used = ++clock;
  oldest->pages.fill({});
  return *oldest;
}

void Direct::Spaces::clear() {
  for (Table& t : tables) t.pages.fill({});
}

// The block may be executing: its code stays, but nobody enters it again.
void Direct::dropped(const Block& block) {
  if (!block.code()) return;
  u8* code = const_cast<u8*>(block.code());
  engine_->cache.patch_jump(code, engine_->resume.at(code));
  engine_->stale[block.physical.value()].push_back(code);
  block.code() = nullptr;
  block.page->was_dropped = true;
}

void Direct::pages_dropped() {
  for (auto& spaces : spaces_) spaces->clear();
}

void Direct::clear_code() {
  ++clears_;
  if (listener_) listener_->cleared();
  blocks_.for_each([](const Block& block) {
    block.code() = nullptr;
    block.runs = 0;
  });
  engine_->cache.clear(engine_->thunk_bytes);
  engine_->links.clear();
  engine_->stale.clear();
  engine_->resume.clear();
  if (warmer_) warmer_->clear_sites();
}

// A page that is rewritten all the time is translated ever later: decoding is cheaper.
u64 Direct::runs_needed(const CodePage& page) const {
  constexpr u64 least = 16, most = 1 << 20;
  constexpr u32 most_doublings = 8;
  if (page.wasted == 0 || translate_after_ == 0) return translate_after_;
  return std::min(std::max(u64{translate_after_}, least) << std::min(page.wasted, most_doublings), most);
}

void Direct::translate(const Block& block, u64 pc, u64 steps) {
  Engine& e = *engine_;
  CodePage& page = *block.page;
  if (page.was_dropped) {
    page.wasted = steps - page.translated_at < pays_after ? page.wasted + 1 : 0;
    page.was_dropped = false;
  }
  page.translated_at = steps;
  const Region region = build_region(blocks_, block, e.options);

  AssemblerErrors errors;
  asmjit::CodeHolder code;
  code.init(asmjit::Environment::host(), reinterpret_cast<u64>(e.cache.next()));
  code.setErrorHandler(&errors);
  const std::size_t first_link = e.links.size();
  Emitter emitter(code, {e.thunks, e.layout, e.pinned, e.links, e.warm ? &*e.warm : nullptr, e.misaligned}, region);
  emitter.emit();
  u8* begin = e.cache.next();
  const u64 size = place(code, e.cache);
  for (std::size_t i = first_link; i < e.links.size(); ++i)
    e.links[i].site = begin + reinterpret_cast<u64>(e.links[i].site);
  block.code() = begin;
  e.resume.emplace(begin, begin + emitter.resume_offset());
  if (const auto old = e.stale.find(block.physical.value()); old != e.stale.end()) {
    for (u8* entry : old->second) e.cache.patch_jump(entry, begin);
    e.stale.erase(old);
  }
  ++regions_translated_;
  blocks_translated_ += region.pieces.size();
  instructions_translated_ += emitter.guest_offsets().size() - 1;
  host_code_bytes_ += size;
  if (listener_) listener_->translated(describe(region, emitter, pc, {begin, size}, e.thunks));
}

std::vector<HostFigure> Direct::host_figures() const {
  std::vector<HostFigure> figures = {
      {"regions_translated", regions_translated_},
      {"blocks_translated", blocks_translated_},
      {"instructions_translated", instructions_translated_},
      {"host_code_bytes", host_code_bytes_},
      {"code_cache_flushes", clears_}};
  if (warmer_) warmer_->add_figures(figures);
  return figures;
}

const u8* Direct::code_of(const Block& block, u64 pc, u64 steps, u32 weight) {
  if (!engine_ || !block.page) return nullptr;
  if (block.code()) return block.code();
  if (block.runs < runs_needed(*block.page) * natural_weight) {
    block.runs += weight;
    return nullptr;
  }
  if (engine_->cache.room() < most_region_bytes) clear_code();
  translate(block, pc, steps);
  return block.code();
}

void Direct::interpret(Frame& frame, const Block& block, u64 budget) {
  if (warmer_) {
    interpret_warm(frame, block.ops.data(), block.physical, budget, *warmer_);
  } else {
    interpret_block(frame, block, budget, beginning_);
  }
}

Exit Direct::run_blocks(Frame& frame, u64 budget) {
  Hart& hart = frame.hart;
  const u64 last_step = frame.steps + budget;
  u64 pc = hart.pc;
  Activation activation;
  activation.frame = &frame;
  activation.registers = &hart.x[16];
  activation.warmer = warmer_;
  constexpr u32 no_link = ~u32{0};
  u32 link = no_link;  // that led here
  Spaces& spaces = *spaces_[hart.id];
  bool resumed = spaces.cut_short && pc == spaces.last_pc;
  if (pc != spaces.last_pc) spaces.note_cut(spaces.last_pc);
  Spaces::Table& jumps = spaces.of(hart.mmu.fetch_space());
  activation.jumps = jumps.pages.data();
  frame.exit = Exit::Next;
  if (warmer_) warmer_->begin(hart, pc);
  do {
    const Block* block = blocks_.find(hart, pc);
    if (!block) {
      frame.trap = hart.mmu.trap();
      frame.exit = Exit::Trap;
      ++frame.steps;
      break;
    }
    const u64 left = last_step - frame.steps;
    const u64 clears = clears_;
    // A budget of one block's length would always end there, and nothing else would ever be counted.
    if (block->count == left) resumed = false;
    const u32 weight = resumed ? resumed_weight : spaces.is_cut(pc) ? cut_weight : natural_weight;
    resumed = false;
    const u8* code = block->count <= left ? code_of(*block, pc, frame.steps, weight) : nullptr;
    if (!code) {
      link = no_link;
      frame.block_pc = pc;
      interpret(frame, *block, left);
      frame.steps += frame.exit_op->index + u64{1};
      pc = frame.next_pc;
      continue;
    }
    if (link != no_link && clears == clears_) engine_->cache.patch_jump(engine_->links[link].site, code);
    link = no_link;
    jumps.pages[jump_index(pc)] = {pc & ~(page_size - 1), block->page->code.data()};
    activation.pc = pc;
    activation.budget = left;
    if (warmer_) {
      activation.budget = std::min(left, Warmer::most_noted);
      warmer_->begin_notes(hart, pc);
    }
    activation.last_step = frame.steps + activation.budget;
    const Leave leave = engine_->thunks.enter(&activation, code);
    if (warmer_) warmer_->end_notes(hart);
    activation.merge_flags();
    const u64 page = activation.pc & ~(page_size - 1);
    switch (leave) {
      case Leave::Left:
        frame.steps += frame.exit_op->index + u64{1};
        pc = frame.next_pc;
        continue;
      case Leave::Lookup: pc = activation.pc; break;
      case Leave::Resume:
        pc = page + activation.value;
        resumed = activation.budget < BlockCache::most_ops;  // it was the budget; the warmer's ends often
        if (resumed) spaces.note_cut(pc);
        break;
      case Leave::Link:
        link = activation.value;
        pc = page + engine_->links[link].target;
        break;
    }
    frame.steps = activation.last_step - activation.budget;
    frame.exit = Exit::Next;
  } while (frame.exit == Exit::Next && frame.steps != last_step);
  if (frame.exit == Exit::Wait) --frame.steps;  // its last instruction did nothing
  spaces.cut_short = frame.exit == Exit::Next;
  if (spaces.cut_short) spaces.note_cut(pc);
  spaces.last_pc = frame.exit == Exit::Trap ? 1 : pc;
  if (warmer_) warmer_->end(hart, frame.exit == Exit::Trap ? 1 : pc);
  hart.pc = pc;
  hart.steps = frame.steps;
  hart.time = frame.time_at(frame.steps);
  return frame.exit;
}

StopReason Direct::run(Hart& hart, Horizon& horizon) {
  return run_fast(hart, horizon, events_, blocks_, cycles_per_instruction_,
                  [this](Frame& frame, u64 budget) { return run_blocks(frame, budget); });
}

}  // namespace orrery
