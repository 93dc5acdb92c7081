// From a region's IR to host code. One object emits one region.
//
// Integer trees are evaluated straight into the register that pins their destination, or into
// scratch registers on their way to the hart. Rare paths stand behind the block's code: they call
// the interpreter's handler of the instruction and come back.
#pragma once

#include <asmjit/x86.h>

#include <array>
#include <optional>
#include <vector>

#include "cpu/exec/block_cache.h"
#include "models/direct/float_state.h"
#include "models/direct/region.h"
#include "models/direct/thunks.h"
#include "models/warm/warmer.h"

namespace orrery::direct {

// What translated code needs to know to leave out what changes nothing (models/warm/warmer.h).
struct Warming {
  Warming(Warmer& warmer, const Hart& hart);

  Warmer& warmer;
  u64 code_line, data_line;    // bytes
  u32 code_slots, data_slots;  // of the filters
};

struct EmitterContext {
  const Thunks& thunks;
  const HartLayout& layout;
  const std::vector<PinnedF>& pinned_f;
  std::vector<Link>& links;  // receives the region's links
  const Warming* warm = nullptr;  // null: nobody is told of what is executed
  bool misaligned = true;         // accesses need not be aligned (HartConfig)
};

// Of a host instruction's immediate or displacement.
inline bool fits(i64 value) { return value == static_cast<i32>(value); }

class Emitter {
 public:
  Emitter(asmjit::CodeHolder& code, const EmitterContext& context, const Region& region);

  void emit();

  // After emit(): where Leave::Resume at the region's begin stands; dropped code jumps there.
  u64 resume_offset() const { return code_.labelOffset(resume_); }
  // Where the host code of each piece and each guest instruction begins, piece by piece, and last
  // where the rare paths do; for listings.
  u64 piece_offset(std::size_t piece) const { return code_.labelOffset(begins_[piece]); }
  const std::vector<u64>& guest_offsets() const { return guest_offsets_; }

 private:
  struct RarePath {
    asmjit::Label begin, back;
    std::size_t piece;
    u16 guest;
    enum Kind : u8 { Access, LoadFp, Finish } kind;
  };
  // An access that missed the inline TLB, perhaps for nothing but its alignment: then it goes on at
  // `back`. ecx is the entry's place, as access() has left it.
  struct MisalignedPath {
    asmjit::Label begin, back, other;
    x86::Gp address;
    u8 size;
    bool store;
  };
  // A result that is a NaN and becomes the canonical one.
  struct NanPath {
    asmjit::Label begin, back;
    x86::Xmm result;
    u8 size;
  };
  // Accesses close together in memory at the same register's address: one look at the TLB is for all of
  // them. When it fails, each is tried on its own behind the region's code.
  struct Burst {
    std::size_t piece = 0;
    std::size_t first = 0, last = 0;  // nodes; between the accesses registers are computed
    u8 base = 0;
    bool store = false;      // there are stores; where they may go, loads may too (II, 3.7.1 and 12.3.1)
    bool saved = false;      // what is computed in between needs rcx
    u8 size = 0;             // the greatest
    i64 low = 0, high = 0;   // of the offsets: the first, a multiple of size, and the end
    FloatState known;        // where it begins
    asmjit::Label begin, back;  // of the rare path
  };
  // A call of a thunk that keeps all registers but rax and rdx, with `argument` in edx.
  struct WarmPath {
    asmjit::Label begin, back;
    const u8* thunk;
    u32 argument;
    bool data_page = false;  // rdx is not the page asked for last
  };
  struct SideExit {
    asmjit::Label begin;
    i64 target;  // page offset, outside the page too
  };

  // emitter.cc
  void root(Ref r);
  void emit_piece();
  void begin_guest(u16 guest);
  void end_guest();
  asmjit::Label rare(RarePath::Kind kind);
  void interpret(u16 guest);
  void rare_paths();
  void handler_arguments(const Piece& piece, u16 guest);

  // emit_control.cc
  void branch(const Node& n);
  void jump(const Node& n);
  void go(const Node& n);
  void go_to(i64 target);
  void leave_to(i64 target);
  void look_up();  // the target is in rax
  void link_register(const Node& n);
  void csr(const x86::Gp& to, const Node& n);
  void status(const x86::Gp& to, const Node& n);
  x86::CondCode compare(const Node& condition, bool wanted, const x86::Gp& scratch);
  void page_address(const x86::Gp& to, i64 offset);

  // emit_integer.cc
  void set_x(const Node& n);
  void select_x(const Node& n);
  void evaluate(const x86::Gp& to, Ref r, unsigned depth = 0);
  void binary(const x86::Gp& to, const Node& n, unsigned depth);
  void shift(const x86::Gp& to, const Node& n, unsigned depth);
  void multiply_high(const x86::Gp& to, const Node& n);
  void divide(const x86::Gp& to, const Node& n);
  void minmax(const x86::Gp& to, const Node& n, unsigned depth);
  asmjit::Operand operand(Ref r, const x86::Gp& scratch, unsigned depth);
  x86::Gp in_register(Ref r, const x86::Gp& scratch, unsigned depth);
  bool reads(Ref r, const x86::Gp& host) const;
  void constant(const x86::Gp& to, i64 value);

  // emit_memory.cc
  x86::Mem access(const Node& n, bool store);  // uses all scratch registers; of a burst, rcx alone
  x86::Gp address(Ref r);
  // Compares the TLB's entry, whose place goes to rcx, with the address's page, context and alignment.
  void look_at_tlb(const x86::Gp& at, u8 size, bool store);
  x86::Mem tlb_entry(bool store, i32 field) const;  // at that place
  void load(const x86::Gp& to, const Node& n);
  void store(const Node& n);
  void amo(const x86::Gp& to, const Node& n);
  void load_reserved(const x86::Gp& to, const Node& n);
  void store_conditional(const x86::Gp& to, const Node& n);
  void physical_address();  // rdx: of the host address in rcx; uses rax
  void misaligned_paths();
  std::optional<Burst> find_burst(std::size_t first) const;
  void begin_burst(const Burst& burst);
  void burst_root(Ref r);
  void burst_paths();
  void load_f(const Node& n);
  void store_f(const Node& n);

  // emit_warm.cc
  void warm_entry();
  void warm_fetch(u16 guest);
  void warm_line(u64 offset, u64 remaining);
  void warm_access(const Node& n, bool store);  // the host address is in rcx, the TLB's tag in rdx
  u32 warm_site(u16 guest, i64 target, bool computed);
  void note_branch(const Node& n, x86::CondCode taken);
  void note_jump(const Node& n, bool taken);
  void note_next_page();
  void warm_paths();

  // emit_float.cc
  void need_fp();
  void mark_dirty();
  std::optional<x86::Xmm> home_of_f(u8 guest) const;
  x86::Xmm f(u8 reg, const x86::Xmm& scratch);
  void check_boxed(const Node& n);
  x86::Xmm f_operand(Ref r, const x86::Xmm& scratch);
  asmjit::Operand f_source(Ref r);
  void set_f(const Node& n);
  void set_f_register(u8 reg, const x86::Xmm& value);
  x86::Xmm f_result(u8 reg, const Node& n) const;
  x86::Xmm f_value(const x86::Xmm& to, const Node& n, bool any_nan);
  x86::Xmm sign_operation(const x86::Xmm& to, const Node& n);
  void fused(const x86::Xmm& to, const Node& n);
  void f_minmax(const Node& n);
  void f_compare(const x86::Gp& to, const Node& n);
  void f_to_integer(const x86::Gp& to, const Node& n);
  void f_rounded_to_integer(const x86::Gp& to, const Node& n);
  void f_class(const x86::Gp& to, const Node& n);
  void integer_to_f(const x86::Xmm& to, const Node& n);
  void compare_with_itself(const x86::Xmm& value, u8 size);
  void make_canonical(const x86::Xmm& result, u8 size);
  void nan_paths();
  void check_mode(const Node& n);

  // Guest registers of this region to host registers, and back to how it is everywhere.
  void choose_registers();
  void enter_region();
  void restore_registers();
  std::optional<x86::Gp> home_of(u8 guest) const {
    if (homes_[guest] < 0) return {};
    return pinned_x[static_cast<std::size_t>(homes_[guest])].host;
  }

  x86::Mem home(u8 guest) const { return x86::qword_ptr(base_register, HartLayout::x(guest)); }
  x86::Mem hart(i32 offset, u32 size = 0) const { return x86::ptr(base_register, offset, size); }
  const Node& node(Ref r) const { return piece().ir[r]; }
  const Piece& piece() const { return region_.pieces[piece_]; }

  asmjit::CodeHolder& code_;
  const EmitterContext context_;
  const Region& region_;
  x86::Assembler a;

  struct Swap {  // in this region `guest` has the host register of pinned_x[pinned]
    u8 guest;
    std::size_t pinned;
  };
  std::vector<Swap> swaps_;
  std::array<i8, 33> homes_;  // index into pinned_x, or -1

  asmjit::Label resume_;
  std::vector<asmjit::Label> begins_;     // of the pieces
  std::vector<asmjit::Label> underflows_;  // their ways out when the budget is used
  std::size_t piece_ = 0;     // being emitted
  u16 guest_ = 0;             // instruction being emitted
  asmjit::Label guest_end_;   // behind it, if a rare path of it comes back there
  std::vector<RarePath> rare_paths_;
  std::vector<MisalignedPath> misaligned_paths_;
  std::vector<NanPath> nan_paths_;
  std::optional<Burst> burst_;  // being emitted
  bool in_rcx_ = false;         // the host address of its `low` is there
  std::vector<Burst> bursts_;
  std::vector<WarmPath> warm_paths_;
  u64 warm_line_ = 0;         // page offset of the line fetched last in this piece
  std::vector<SideExit> side_exits_;
  std::vector<u64> guest_offsets_;
  u64 first_guest_ = 0;       // of the piece, among all of the region
  std::vector<std::pair<std::size_t, asmjit::Label>> link_sites_;

  const std::vector<FloatState> float_states_;  // where the pieces begin
  FloatState float_;          // here
};

}  // namespace orrery::direct
