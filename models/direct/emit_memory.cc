// Loads and stores: the inline TLB of the hart's MMU (cpu/arch/mmu.h) and the host's memory.
#include "cpu/arch/mmu.h"
#include "cpu/exec/evaluator.h"
#include "memory/ram.h"
#include "models/direct/emitter.h"

namespace orrery::direct {

using asmjit::imm;

namespace {

// Atomics have to be aligned (I, 13.2).
bool is_plain(IrOp op) {
  return op == IrOp::Load || op == IrOp::Store || op == IrOp::LoadF || op == IrOp::StoreF;
}

// Where a node accesses memory: at an offset from a register.
struct Place {
  u8 base;
  i64 offset;
};

std::optional<Place> place_of(const Ir& ir, const Node& access) {
  const Node& at = ir[access.a];
  if (at.op == IrOp::GetX) return Place{at.reg, 0};
  if (at.op != IrOp::add || ir[at.a].op != IrOp::GetX || ir[at.b].op != IrOp::Const) return {};
  return Place{ir[at.a].reg, ir[at.b].imm};
}

// A load or store there, and what a register gets or gives.
struct PlainAccess {
  bool store;
  u8 size;
  Place place;
};

bool is_register_or_constant(const Ir& ir, Ref r) { return ir[r].op == IrOp::GetX || ir[r].op == IrOp::Const; }

std::optional<PlainAccess> plain_access(const Ir& ir, const Node& root) {
  const bool store = root.op == IrOp::StoreF || (root.op == IrOp::Store && is_register_or_constant(ir, root.b));
  const bool integer = root.op == IrOp::SetX && root.reg != 32 && ir[root.a].op == IrOp::Load;
  if (!store && !integer && root.op != IrOp::LoadF) return {};
  const Node& access = integer ? ir[root.a] : root;
  const auto place = place_of(ir, access);
  if (!place) return {};
  return PlainAccess{store, access.size, *place};
}

// Emitted without the scratch register rcx, rare paths included.
bool keeps_rcx(const Ir& ir, const Node& root) {
  if (root.op != IrOp::SetX) return false;
  const Node& value = ir[root.a];
  return is_register_or_constant(ir, root.a) ||
         (value.op == IrOp::add && ir[value.a].op == IrOp::GetX && ir[value.b].op == IrOp::Const && fits(ir[value.b].imm));
}

// The roots of a burst; what else is in it belongs to their trees.
bool is_burst_root(const Node& n) {
  return !n.dead && (n.op == IrOp::SetX || n.op == IrOp::Store || is_float(n.op));
}

}  // namespace

// The accesses from this node on that can be done together, if there are several.
std::optional<Emitter::Burst> Emitter::find_burst(std::size_t first) const {
  constexpr i64 most_bytes = 512;
  const Ir& ir = piece().ir;
  if (context_.warm || !plain_access(ir, ir.nodes[first])) return {};
  Burst burst;
  burst.piece = piece_;
  burst.first = first;
  bool needs_rcx = false;
  for (std::size_t i = first; i < ir.nodes.size(); ++i) {
    const Node& n = ir.nodes[i];
    if (n.dead || is_value(n.op) || n.op == IrOp::Load || n.op >= IrOp::fadd) continue;
    const auto access = plain_access(ir, n);
    if (!access) {
      // Floating point leaves the burst when it has to, and comes back to it.
      if (n.op != IrOp::SetF && (n.op != IrOp::SetX || n.reg == burst.base || has_observer(ir, n.a))) break;
      needs_rcx = needs_rcx || !keeps_rcx(ir, n);
      continue;
    }
    if (i == first) {
      burst.base = access->place.base;
      burst.low = burst.high = access->place.offset;
    }
    const u8 size = std::max(burst.size, access->size);
    const auto [base, offset] = access->place;
    const i64 low = std::min(burst.low, offset) & -i64{size};
    const i64 high = std::max(burst.high, offset + access->size);
    if (base != burst.base || offset % access->size != 0 || high - low > most_bytes || !fits(low)) break;
    burst.size = size;
    burst.low = low;
    burst.high = high;
    burst.last = i;
    burst.store = burst.store || access->store;
    burst.saved = needs_rcx;
    if (n.op == IrOp::SetX && n.reg == burst.base) break;
  }
  if (burst.last == first || burst.size == 0) return {};
  return burst;
}

// As access() does, for all of them.
void Emitter::begin_burst(const Burst& burst) {
  burst_ = burst;
  for (std::size_t i = burst.first; i <= burst.last; ++i) {
    if (!is_burst_root(piece().ir.nodes[i]) || !is_float(piece().ir.nodes[i].op)) continue;
    need_fp();
    break;
  }
  burst_->known = float_;
  burst_->begin = a.newLabel();
  burst_->back = a.newLabel();
  bursts_.push_back(*burst_);
  const auto host = home_of(burst.base);
  const x86::Gp at = host && burst.low == 0 ? *host : x86::Gp(x86::rax);
  if (!host) {
    a.mov(at, home(burst.base));
    if (burst.low != 0) a.add(at, imm(burst.low));
  } else if (at != *host) {
    a.lea(at, x86::ptr(*host, static_cast<i32>(burst.low)));
  }
  look_at_tlb(at, burst.size, burst.store);
  a.jne(burst_->begin);
  a.mov(x86::edx, at.r32());
  a.and_(x86::edx, imm(page_size - 1));
  a.cmp(x86::edx, imm(static_cast<i64>(page_size) - (burst.high - burst.low)));
  a.ja(burst_->begin);
  a.mov(x86::rcx, tlb_entry(burst.store, 8));
  a.add(x86::rcx, at);
  in_rcx_ = true;
  if (burst.saved) a.mov(x86::qword_ptr(x86::rsp, slot::burst), x86::rcx);
}

void Emitter::burst_root(Ref r) {
  const Node& n = node(r);
  root(r);
  if (is_burst_root(n) && !plain_access(piece().ir, n) && !keeps_rcx(piece().ir, n)) in_rcx_ = false;
  if (burst_->last != r) return;
  a.bind(burst_->back);
  burst_.reset();
}

void Emitter::burst_paths() {
  for (const Burst& burst : bursts_) {
    a.bind(burst.begin);
    piece_ = burst.piece;
    float_ = burst.known;
    for (std::size_t i = burst.first; i <= burst.last; ++i) {
      const Node& n = piece().ir.nodes[i];
      if (!is_burst_root(n)) continue;
      guest_ = n.guest;
      guest_end_ = a.newLabel();
      root(static_cast<Ref>(i));
      a.bind(guest_end_);
    }
    a.jmp(burst.back);
  }
}

x86::Gp Emitter::address(Ref r) {
  const Node& n = piece().ir[r];
  if (n.op == IrOp::GetX)
    if (const auto host = home_of(n.reg)) return *host;
  if (n.op == IrOp::add && piece().ir[n.a].op == IrOp::GetX && piece().ir[n.b].op == IrOp::Const && piece().ir[n.b].imm == 0)
    return address(n.a);
  evaluate(x86::rax, r);
  return x86::rax;
}

x86::Mem Emitter::tlb_entry(bool store, i32 field) const {
  return x86::qword_ptr(base_register, x86::rcx, 0, (store ? context_.layout.stores : context_.layout.loads) + field);
}

void Emitter::look_at_tlb(const x86::Gp& at, u8 size, bool store) {
  constexpr u32 entry_bits = 4;
  a.rorx(x86::rcx, at, imm(page_bits - entry_bits));
  a.and_(x86::ecx, imm(((store ? Mmu::store_entries : Mmu::load_entries) - 1) << entry_bits));
  a.mov(x86::rdx, at);
  a.and_(x86::rdx, imm(-static_cast<i64>(page_size) | (size - 1)));
  a.or_(x86::rdx, hart(context_.layout.context));
  a.cmp(x86::rdx, tlb_entry(store, 0));
}

// An access that is not in the TLB, or crosses pages, is the handler's.
x86::Mem Emitter::access(const Node& n, bool store) {
  if (burst_) {
    if (!in_rcx_) a.mov(x86::rcx, x86::qword_ptr(x86::rsp, slot::burst));
    in_rcx_ = true;
    return x86::ptr(x86::rcx, static_cast<i32>(place_of(piece().ir, n)->offset - burst_->low), n.size);
  }
  const x86::Gp at = address(n.a);
  look_at_tlb(at, n.size, store);
  const bool may_be_misaligned = context_.misaligned && !context_.warm && n.size > 1 && is_plain(n.op);
  if (may_be_misaligned) {
    misaligned_paths_.push_back({a.newLabel(), a.newLabel(), rare(RarePath::Access), at, n.size, store});
    a.jne(misaligned_paths_.back().begin);
    a.bind(misaligned_paths_.back().back);
  } else {
    a.jne(rare(RarePath::Access));
  }
  a.mov(x86::rcx, tlb_entry(store, 8));
  if (context_.warm) {
    a.add(x86::rcx, at);
    warm_access(n, store);
    return x86::ptr(x86::rcx, 0, n.size);
  }
  return x86::ptr(at, x86::rcx, 0, 0, n.size);
}

// The same tag as of an aligned access, and all of it in the page.
void Emitter::misaligned_paths() {
  for (const MisalignedPath& path : misaligned_paths_) {
    a.bind(path.begin);
    a.mov(x86::edx, path.address.r32());
    a.and_(x86::edx, imm(page_size - 1));
    a.cmp(x86::edx, imm(page_size - path.size));
    a.ja(path.other);
    a.mov(x86::rdx, path.address);
    a.and_(x86::rdx, imm(-static_cast<i64>(page_size)));
    a.or_(x86::rdx, hart(context_.layout.context));
    a.cmp(x86::rdx, tlb_entry(path.store, 0));
    a.je(path.back);
    a.jmp(path.other);
  }
}

void Emitter::load(const x86::Gp& to, const Node& n) {
  const x86::Mem from = access(n, false);
  if (n.size == 8) a.mov(to, from);
  else if (n.size == 4 && n.is_signed) a.movsxd(to, from);
  else if (n.size == 4) a.mov(to.r32(), from);
  else if (n.is_signed) a.movsx(to, from);
  else a.movzx(to.r32(), from);
}

void Emitter::store(const Node& n) {
  const x86::Mem to = access(n, true);
  const asmjit::Operand value = operand(n.b, x86::rdx, 1);
  if (value.isImm()) {
    const i64 bits = piece().ir[n.b].imm;
    const i64 narrow = n.size == 1 ? static_cast<i8>(bits) : n.size == 2 ? static_cast<i16>(bits) : bits;
    a.mov(to, imm(narrow));
    return;
  }
  x86::Gp from = x86::rdx;
  if (value.isMem()) a.mov(x86::rdx, value.as<x86::Mem>());
  else from = value.as<x86::Gp>();
  switch (n.size) {
    case 1: a.mov(to, from.r8()); break;
    case 2: a.mov(to, from.r16()); break;
    case 4: a.mov(to, from.r32()); break;
    default: a.mov(to, from); break;
  }
}

// Harts run in turn, so nobody comes between the load and the store.
void Emitter::amo(const x86::Gp& to, const Node& n) {
  const x86::Mem where = access(n, true);
  a.lea(x86::rcx, where);
  evaluate(x86::rdx, n.b);
  const bool word = n.size == 4;
  const x86::Gp old = word ? x86::Gp(x86::eax) : x86::Gp(x86::rax);
  const x86::Gp next = word ? x86::Gp(x86::edx) : x86::Gp(x86::rdx);
  const x86::Mem memory = x86::ptr(x86::rcx, 0, n.size);
  a.mov(old, memory);
  const auto keep_old_if = [&](x86::CondCode wins) {
    a.cmp(old, next);
    a.cmov(wins, next, old);
  };
  switch (static_cast<AmoOp>(n.imm)) {
    case AmoOp::Swap: break;
    case AmoOp::Add: a.add(next, old); break;
    case AmoOp::Xor: a.xor_(next, old); break;
    case AmoOp::And: a.and_(next, old); break;
    case AmoOp::Or: a.or_(next, old); break;
    case AmoOp::Min: keep_old_if(x86::CondCode::kSignedLT); break;
    case AmoOp::Max: keep_old_if(x86::CondCode::kSignedGT); break;
    case AmoOp::Minu: keep_old_if(x86::CondCode::kUnsignedLT); break;
    case AmoOp::Maxu: keep_old_if(x86::CondCode::kUnsignedGT); break;
  }
  a.mov(memory, next);
  if (word) a.movsxd(to, old);
  else if (to != old) a.mov(to, old);
}

void Emitter::physical_address() {
  a.mov(x86::rdx, imm(0 - context_.layout.ram_host));
  a.add(x86::rdx, x86::rcx);
  a.mov(x86::rax, imm(context_.layout.ram_size));
  a.cmp(x86::rdx, x86::rax);
  a.jae(rare(RarePath::Access));
  a.mov(x86::rax, imm(context_.layout.ram_base));
  a.add(x86::rdx, x86::rax);
}

void Emitter::load_reserved(const x86::Gp& to, const Node& n) {
  a.lea(x86::rcx, access(n, false));
  physical_address();
  a.mov(hart(context_.layout.reservation, 8), x86::rdx);
  a.mov(hart(context_.layout.reservation_bytes, 4), imm(n.size));
  if (n.size == 4) a.movsxd(to, x86::dword_ptr(x86::rcx));
  else a.mov(to, x86::qword_ptr(x86::rcx));
}

// What has just been reserved, and is not to be recorded. Otherwise the handler decides.
void Emitter::store_conditional(const x86::Gp& to, const Node& n) {
  a.cmp(hart(context_.layout.oracle, 8), imm(0));
  a.jne(rare(RarePath::Access));
  a.lea(x86::rcx, access(n, true));
  physical_address();
  a.cmp(hart(context_.layout.reservation, 8), x86::rdx);
  a.jne(rare(RarePath::Access));
  a.cmp(hart(context_.layout.reservation_bytes, 4), imm(n.size));
  a.jne(rare(RarePath::Access));
  a.mov(hart(context_.layout.reservation_bytes, 4), imm(0));
  evaluate(x86::rdx, n.b);
  if (n.size == 4) a.mov(x86::dword_ptr(x86::rcx), x86::edx);
  else a.mov(x86::qword_ptr(x86::rcx), x86::rdx);
  a.xor_(to.r32(), to.r32());
}

// A single is boxed as it is loaded (I, 21.2).
void Emitter::load_f(const Node& n) {
  need_fp();
  const x86::Mem from = access(n, false);
  const x86::Xmm to = home_of_f(n.reg).value_or(x86::xmm0);
  if (n.size == 8) a.vmovsd(to, from);
  else a.vinsertps(to, ones_register, from, imm(0));
  set_f_register(n.reg, to);
  if (n.size == 4) float_.boxed |= u32{1} << n.reg;
  else float_.boxed &= ~(u32{1} << n.reg);
  mark_dirty();
}

void Emitter::store_f(const Node& n) {
  need_fp();
  const x86::Mem to = access(n, true);
  const x86::Xmm value = f(n.reg, x86::xmm0);
  if (n.size == 8) a.vmovsd(to, value);
  else a.vmovss(to, value);
}

}  // namespace orrery::direct
