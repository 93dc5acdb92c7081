#include "models/direct/thunks.h"

#include "base/bits.h"
#include "cpu/arch/hart.h"
#include "models/direct/assembling.h"
#include "models/warm/step.h"

namespace orrery::direct {
namespace {

using asmjit::imm;

// MXCSR with all exceptions masked; its rounding field for frm 0..3 (I, 20.2): RNE RTZ RDN RUP.
constexpr u32 default_mxcsr = 0x1f80;
constexpr u32 mxcsr_of_frm[] = {0x1f80, 0x7f80, 0x3f80, 0x5f80};

// --- called from thunks ---------------------------------------------------------------------------

// `place`: page offset of the block, and above it the instructions charged from there on.
void prepare(Activation& a, u32 place) {
  Frame& frame = *a.frame;
  frame.block_pc = (a.pc & ~(page_size - 1)) + (place & 0xffff);
  frame.steps = a.last_step - a.budget - (place >> 16);
  a.merge_flags();
}

// Executes one instruction with the interpreter's handler; true when control leaves.
bool interpret_one(Activation* a, const BlockOp* op, u32 place) {
  prepare(*a, place);
  if (a->warmer) return step_warm(*a->frame, op, *a->warmer) == nullptr;
  return single_handler(op->op.row)(*a->frame, op) == nullptr;
}

// Executes what is charged, from `op` on.
void interpret_rest(Activation* a, const BlockOp* op, u32 place) {
  prepare(*a, place);
  if (a->warmer) {
    const auto physical = a->frame->hart.mmu.probe(a->frame->pc_of(op), AccessKind::Fetch).physical;
    interpret_warm(*a->frame, op, physical.value_or(PhysAddr{}), (place >> 16) - op->index, *a->warmer);
    return;
  }
  const BlockOp* end = op + ((place >> 16) - op->index);
  a->rest.assign(op, end + 1);
  a->rest.back().run = end_of_block_handler();
  a->rest.front().run(*a->frame, a->rest.data());
}

Tick time_of(const Activation& a, const WarmPlace& place, u64 budget) {
  return a.frame->time_at(a.last_step - budget - place.remaining);
}

void warm_access(Activation* a, const u8* at, u32 word, u64 budget, u64 page) {
  const WarmPlace place = WarmPlace::of(word);
  WarmAccess access;
  access.kind = place.store ? RequestKind::Store : RequestKind::Load;
  access.size = static_cast<u8>(1u << place.log_size);
  access.pc = align_down(page, page_size) + place.offset;
  access.physical = a->warmer->physical(at);
  a->warmer->data_line(a->frame->hart, access, time_of(*a, place, budget));
}

void warm_page(Activation* a, u64, u32 word, u64 budget, u64 page) {
  const WarmPlace place = WarmPlace::of(word);
  Hart& hart = a->frame->hart;
  a->warmer->data_page(hart, align_down(page, page_size) + place.offset,
                       align_down(hart.warm.wanted_page, page_size), time_of(*a, place, budget));
}

void warm_fetch(Activation* a, u64 line, u32 word, u64 budget, u64 page) {
  const WarmPlace place = WarmPlace::of(word);
  a->warmer->fetch_line(a->frame->hart, align_down(page, page_size) + place.offset, PhysAddr{line},
                        time_of(*a, place, budget));
}

i32 distance(const Hart& hart, const void* member) {
  return static_cast<i32>(static_cast<const u8*>(member) - reinterpret_cast<const u8*>(&hart.x[16]));
}

// --- the thunks -----------------------------------------------------------------------------------

class Writer {
 public:
  Writer(CodeCache& cache, const HartLayout& layout, const HostFeatures& features, bool warm)
      : cache_(cache), layout_(layout), warm_(warm), pinned_f_(pinned_f(features)) {
    code_.init(asmjit::Environment::host(), reinterpret_cast<u64>(cache.next()));
    code_.setErrorHandler(&errors_);
    code_.attach(&a);
  }

  void write(Thunks& t) {
    const auto label = [&] { return a.newLabel(); };
    const asmjit::Label enter = label(), resume = label(), link = label(), lookup = label(),
                        interpret = label(), access = label(), finish = label(), load = label(),
                        leave = label(), left = label(), sign64 = label(), sign32 = label(),
                        nan64 = label(), nan32 = label(), modes = label();
    normal_ = label();
    bind(enter);
    write_enter();

    bind(lookup);
    a.mov(in_frame(slot::pc), x86::rax);
    a.mov(x86::edx, imm(static_cast<u32>(Leave::Lookup)));
    a.jmp(leave);
    bind(link);
    a.mov(x86::edx, imm(static_cast<u32>(Leave::Link)));
    a.jmp(leave);
    bind(resume);
    a.mov(x86::edx, imm(static_cast<u32>(Leave::Resume)));
    bind(leave);
    a.mov(x86::rcx, in_frame(slot::activation));
    a.mov(in_activation(x86::rcx, offsetof(Activation, value)), x86::eax);
    save_x();
    unload_if_loaded(0);
    a.mov(x86::rcx, in_frame(slot::activation));
    a.mov(x86::rax, in_frame(slot::pc));
    a.mov(in_activation(x86::rcx, offsetof(Activation, pc)), x86::rax);
    a.mov(in_activation(x86::rcx, offsetof(Activation, budget)), budget_register);
    a.mov(x86::eax, x86::edx);
    bind(left);
    a.add(x86::rsp, imm(slot::size));
    for (const x86::Gp& r : {x86::r15, x86::r14, x86::r13, x86::r12, x86::rbx, x86::rbp}) a.pop(r);
    a.ret();

    bind(finish);
    a.sub(x86::rsp, imm(8));  // as if called
    call_handler(reinterpret_cast<u64>(&interpret_rest));
    a.add(x86::rsp, imm(8));
    a.mov(x86::eax, imm(static_cast<u32>(Leave::Left)));
    a.jmp(left);

    bind(interpret);
    call_handler(reinterpret_cast<u64>(&interpret_one));
    const asmjit::Label gone = label();
    a.test(x86::al, x86::al);
    a.jnz(gone);
    load_x();
    a.ret();
    bind(gone);
    a.add(x86::rsp, imm(8));
    a.mov(x86::eax, imm(static_cast<u32>(Leave::Left)));
    a.jmp(left);

    bind(access);
    const asmjit::Label with_fp = label();
    a.cmp(x86::byte_ptr(x86::rsp, slot::fp_loaded + 8), imm(0));
    a.jne(with_fp);
    a.jmp(interpret);
    bind(with_fp);  // no handler that comes back here turns floating point off, or changes its mode
    call_handler(reinterpret_cast<u64>(&interpret_one));
    a.test(x86::al, x86::al);
    a.jnz(gone);
    load_x();
    a.jmp(load);

    write_load(load, modes);
    const asmjit::Label tell_access = label(), tell_page = label(), tell_fetch = label();
    if (warm_) {
      bind(tell_access);
      call_warmer(reinterpret_cast<u64>(&warm_access));
      bind(tell_page);
      call_warmer(reinterpret_cast<u64>(&warm_page));
      bind(tell_fetch);
      call_warmer(reinterpret_cast<u64>(&warm_fetch));
    }

    a.align(asmjit::AlignMode::kZero, 16);
    constant(sign64, u64{1} << 63, 0);
    constant(sign32, u64{1} << 31, 0);
    constant(nan64, 0x7ff8'0000'0000'0000, 0);
    constant(nan32, 0xffff'ffff'7fc0'0000, 0);
    a.bind(modes);
    a.embed(mxcsr_of_frm, sizeof mxcsr_of_frm);
    a.bind(normal_);
    a.embed(&default_mxcsr, sizeof default_mxcsr);

    const u8* begin = cache_.next();
    place(code_, cache_);
    const auto at = [&](const asmjit::Label& l) { return begin + code_.labelOffset(l); };
    t.enter = reinterpret_cast<Thunks::Enter>(reinterpret_cast<u64>(at(enter)));
    t.resume = at(resume);
    t.link = at(link);
    t.lookup = at(lookup);
    t.interpret = at(interpret);
    t.access = at(access);
    t.finish = at(finish);
    t.load_fp = at(load);
    if (warm_) {
      t.warm_access = at(tell_access);
      t.warm_page = at(tell_page);
      t.warm_fetch = at(tell_fetch);
    }
    t.sign64 = at(sign64);
    t.sign32 = at(sign32);
    t.nan64 = at(nan64);
    t.nan32 = at(nan32);
  }

 private:
  void bind(const asmjit::Label& l) { a.bind(l); }
  static x86::Mem in_frame(i32 offset) { return x86::qword_ptr(x86::rsp, offset); }
  static x86::Mem in_activation(const x86::Gp& r, std::size_t offset) {
    return x86::ptr(r, static_cast<i32>(offset));
  }
  void save_x() {
    for (const PinnedX& p : pinned_x) a.mov(x86::qword_ptr(base_register, HartLayout::x(p.guest)), p.host);
  }
  void load_x() {
    for (const PinnedX& p : pinned_x) a.mov(p.host, x86::qword_ptr(base_register, HartLayout::x(p.guest)));
  }
  void load_f() {
    for (const PinnedF& p : pinned_f_) a.vmovsd(p.host, x86::qword_ptr(base_register, layout_.f + 8 * p.guest));
    a.vpcmpeqd(ones_register, ones_register, ones_register);
  }
  void constant(const asmjit::Label& l, u64 low, u64 high) {
    a.bind(l);
    a.embed(&low, 8);
    a.embed(&high, 8);
  }

  void write_enter() {
    for (const x86::Gp& r : {x86::rbp, x86::rbx, x86::r12, x86::r13, x86::r14, x86::r15}) a.push(r);
    a.sub(x86::rsp, imm(slot::size));
    a.mov(in_frame(slot::activation), x86::rdi);
    a.mov(x86::rax, in_activation(x86::rdi, offsetof(Activation, pc)));
    a.mov(in_frame(slot::pc), x86::rax);
    a.mov(x86::rax, in_activation(x86::rdi, offsetof(Activation, jumps)));
    a.mov(in_frame(slot::jumps), x86::rax);
    a.mov(x86::byte_ptr(x86::rsp, slot::fp_loaded), imm(0));
    a.mov(budget_register, in_activation(x86::rdi, offsetof(Activation, budget)));
    a.mov(base_register, in_activation(x86::rdi, offsetof(Activation, registers)));
    a.mov(x86::rax, x86::rsi);
    load_x();
    a.jmp(x86::rax);
  }

  // One level deep: rsp is 8 below the frame.
  void call_handler(u64 function) {
    save_x();
    a.mov(x86::rsi, x86::rcx);
    unload_if_loaded(8);
    a.mov(x86::rdi, x86::qword_ptr(x86::rsp, slot::activation + 8));
    a.mov(x86::rax, x86::qword_ptr(x86::rsp, slot::pc + 8));
    a.mov(in_activation(x86::rdi, offsetof(Activation, pc)), x86::rax);
    a.mov(in_activation(x86::rdi, offsetof(Activation, budget)), budget_register);
    a.sub(x86::rsp, imm(8));
    a.mov(x86::rax, imm(function));
    a.call(x86::rax);
    a.add(x86::rsp, imm(8));
  }

  // Keeps what translated code holds in registers, but for rax and rdx; of MXCSR nothing is needed.
  void call_warmer(u64 function) {
    const x86::Gp kept[] = {x86::rcx, x86::rsi, x86::rdi, x86::r8, x86::r9, x86::r10, x86::r11};
    constexpr i32 depth = 8 + 8 * static_cast<i32>(std::size(kept));
    static_assert(depth % 16 == 0);
    const asmjit::Label call = a.newLabel(), back = a.newLabel();
    for (const x86::Gp& r : kept) a.push(r);
    a.cmp(x86::byte_ptr(x86::rsp, slot::fp_loaded + depth), imm(0));
    a.je(call);
    for (const PinnedF& p : pinned_f_) a.vmovsd(x86::qword_ptr(base_register, layout_.f + 8 * p.guest), p.host);
    a.bind(call);
    a.mov(x86::rsi, x86::rcx);
    a.mov(x86::rcx, budget_register);
    a.mov(x86::rdi, x86::qword_ptr(x86::rsp, slot::activation + depth));
    a.mov(x86::r8, x86::qword_ptr(x86::rsp, slot::pc + depth));
    a.mov(x86::rax, imm(function));
    a.call(x86::rax);
    a.cmp(x86::byte_ptr(x86::rsp, slot::fp_loaded + depth), imm(0));
    a.je(back);
    load_f();
    a.bind(back);
    for (std::size_t i = std::size(kept); i-- > 0;) a.pop(kept[i]);
    a.ret();
  }

  void write_load(const asmjit::Label& load, const asmjit::Label& modes) {
    const asmjit::Label refuse = a.newLabel();
    bind(load);
    a.test(x86::dword_ptr(base_register, layout_.mstatus), imm(0x6000));
    a.jz(refuse);
    a.movzx(x86::eax, x86::byte_ptr(base_register, layout_.frm));
    a.cmp(x86::eax, imm(3));
    a.ja(refuse);
    a.lea(x86::rcx, x86::ptr(modes));
    a.vldmxcsr(x86::dword_ptr(x86::rcx, x86::rax, 2));
    load_f();
    a.mov(x86::byte_ptr(x86::rsp, slot::fp_loaded + 8), imm(1));
    a.clc();
    a.ret();
    bind(refuse);
    a.stc();
    a.ret();
  }

  // rsp is `depth` bytes below the frame. Keeps all registers but rax.
  void unload_if_loaded(i32 depth) {
    const asmjit::Label done = a.newLabel();
    a.cmp(x86::byte_ptr(x86::rsp, slot::fp_loaded + depth), imm(0));
    a.je(done);
    for (const PinnedF& p : pinned_f_) a.vmovsd(x86::qword_ptr(base_register, layout_.f + 8 * p.guest), p.host);
    a.mov(x86::rax, x86::qword_ptr(x86::rsp, slot::activation + depth));
    a.vstmxcsr(x86::dword_ptr(x86::rax, offsetof(Activation, mxcsr)));
    a.vldmxcsr(x86::dword_ptr(normal_));
    a.mov(x86::byte_ptr(x86::rsp, slot::fp_loaded + depth), imm(0));
    bind(done);
  }

  CodeCache& cache_;
  const HartLayout& layout_;
  const bool warm_;
  std::vector<PinnedF> pinned_f_;
  AssemblerErrors errors_;
  asmjit::CodeHolder code_;
  x86::Assembler a;
  asmjit::Label normal_;  // MXCSR for C++
};

}  // namespace

HartLayout::HartLayout(Hart& hart)
    : f(distance(hart, hart.f)),
      fflags(distance(hart, &hart.fflags)),
      frm(distance(hart, &hart.frm)),
      fs_dirty(distance(hart, &hart.fs_dirty)),
      mstatus(distance(hart, &hart.csr.mstatus)),
      mip_software(distance(hart, &hart.csr.mip_software)),
      mip_wires(distance(hart, &hart.csr.mip_wires)),
      mie(distance(hart, &hart.csr.mie)),
      privilege(distance(hart, &hart.privilege)),
      csr(distance(hart, &hart.csr)),
      reservation(distance(hart, &hart.reservation)),
      reservation_bytes(distance(hart, &hart.reservation_bytes)),
      oracle(distance(hart, &hart.oracle)),
      loads(distance(hart, hart.mmu.inline_loads())),
      stores(distance(hart, hart.mmu.inline_stores())),
      context(distance(hart, hart.mmu.inline_context())),
      warm(distance(hart, &hart.warm)) {
  const Ram& ram = *hart.memory.rams().front();
  ram_host = reinterpret_cast<u64>(ram.host(ram.base()));
  ram_base = ram.base().value();
  ram_size = ram.size();
}

i32 HartLayout::of(const CsrStorage& storage) const {
  static const CsrFile file;
  const auto* value = reinterpret_cast<const u8*>(&(file.*storage.value));
  return csr + static_cast<i32>(value - reinterpret_cast<const u8*>(&file));
}

Thunks::Thunks(CodeCache& cache, const HartLayout& layout, const HostFeatures& features, bool warm) {
  Writer(cache, layout, features, warm).write(*this);
}

}  // namespace orrery::direct
