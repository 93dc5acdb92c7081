// Keeps caches, TLBs and predictors warm while a fast model runs.
//
// For each hart in program order, a warmed model gets what its right path would do to them: a lookup
// in the instruction TLB and an access of the instruction cache for each line of code, a lookup in the
// data TLB and an access of the data cache for each load, store and atomic, the page walk's reads
// where TLBs miss, each branch, fence.i and sfence.vma. Accesses are made at the hart's time, one
// after the other; one that is refused is repeated until it is taken. Main memory is left out, since
// a fast model is faster (Hierarchy::set_warming()), and so are the timing model's own wrong paths,
// store buffers and reorderings: limits of warming.
//
// Translated code leaves out what changes no state: accesses whose line the hart's WarmFilter holds
// and whose page it asked for last. Everything else it reports before going on, so that the state
// after it is the one that a report of every access leaves. Branches touch nothing but predictors; they
// are noted in a buffer, and handed on in batches.
//
// Contract: begin() before a hart executes; for each instruction fetch(), then access() or branch(), or
// their filtered parts by translated code; end(). settle() before anybody looks at the timing state.
// Statistics count the same under every fast model: of first-level caches and TLBs misses alone, as
// their warm_misses, of all else everything.
#pragma once

#include <memory>
#include <vector>

#include "cpu/arch/hart.h"
#include "cpu/isa/op.h"
#include "memory/hierarchy.h"
#include "models/cpu_model.h"
#include "models/warm/warm_sink.h"

namespace orrery {

// A branch or jump of translated code, as it stands in its page.
struct WarmSite {
  Footprint footprint;
  u16 offset = 0;
  bool computed = false;  // its note holds the target
  i64 target = 0;         // from the page's begin; not when `computed`
};

// What an instruction has accessed.
struct WarmAccess {
  RequestKind kind = RequestKind::Load;
  u8 size = 8;
  bool is_device = false;
  u64 pc = 0;
  u64 address = 0;
  PhysAddr physical;
};

class Warmer {
 public:
  Warmer(const std::vector<Hart*>& harts, Hierarchy& hierarchy, const Ram& ram, WarmSink* sink);
  ~Warmer();
  Warmer(const Warmer&) = delete;
  Warmer& operator=(const Warmer&) = delete;

  // The hart executes from `pc` on, and has stopped before `next_pc` (odd: a trap was taken).
  void begin(Hart& hart, u64 pc);
  void end(Hart& hart, u64 next_pc);

  // --- every instruction, in this order ---------------------------------------------------------
  // `physical` is that of the first byte.
  void fetch(Hart& hart, u64 pc, PhysAddr physical, u8 length, Tick now);
  void access(Hart& hart, const WarmAccess& access, Tick now);
  void branch(Hart& hart, const WarmBranch& branch);
  void restart(Hart& hart, u64 pc);
  void flush_instructions(Hart& hart);  // fence.i
  void flush_tlbs(Hart& hart);          // sfence.vma

  // --- translated code --------------------------------------------------------------------------
  // The lookup alone of a load or store; its access follows where the filter does not hold the line.
  void data_page(Hart& hart, u64 pc, u64 address, Tick now);
  void data_line(Hart& hart, const WarmAccess& access, Tick now);
  // One line of code, of which `pc` is the first byte executed.
  void fetch_line(Hart& hart, u64 pc, PhysAddr physical, Tick now);
  // Notes of 32 bits: `site << 1 | taken`, followed by the target (64 bits) if that is computed. Site
  // next_page says that execution has run on into the next page.
  static constexpr u32 next_page = 0;
  static constexpr u64 most_noted = 8192;  // instructions between begin_notes() and end_notes()
  u32 add_site(const WarmSite& site);
  void clear_sites();
  void begin_notes(Hart& hart, u64 pc);
  void end_notes(Hart& hart);

  // Hands on what is noted, and begins anew: what follows depends on the timing state alone.
  void settle();

  const Cache& l1i(HartId hart) const;
  const Cache& l1d(HartId hart) const;
  // The host address of an access is that of the RAM it goes to.
  PhysAddr physical(const u8* host) const;

  void add_figures(std::vector<HostFigure>& figures) const;

 private:
  struct Seat;
  void submit(Seat& seat, Cache& cache, const Request& request);
  void translate(Seat& seat, TimingTlb& tlb, u32 space, u64 address, bool fetch, u64 pc);
  void translate_data(Seat& seat, u64 address, u64 pc);
  void tell_page(Seat& seat);
  void read_notes(Seat& seat);
  void flush(Seat& seat);

  const Ram& ram_;
  WarmSink* sink_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::vector<WarmSite> sites_;
  u64 accesses_ = 0;  // that the hierarchy was asked for
  u64 branches_ = 0;
};

}  // namespace orrery
