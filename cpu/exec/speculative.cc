#include "cpu/exec/speculative.h"

#include <algorithm>

#include "cpu/exec/evaluator.h"
#include "cpu/isa/form.h"

namespace orrery {

// The Evaluator's context: everything is a copy, and whatever would have an effect ends the path.
class SpeculativeContext {
 public:
  SpeculativeContext(Speculator& s, const Op& op, Executed& done)
      : s_(s), next_pc(s.pc_ + op.length), done_(done) {}

  u64 x(u8 r) const { return s_.x_[r]; }
  void set_x(u8 r, u64 value) { s_.x_[r] = value; }
  u64 f(u8 r) const { return s_.f_[r]; }
  void set_f(u8 r, u64 value) { s_.f_[r] = value; }
  u64 pc() const { return s_.pc_; }
  bool go(u64 target) {
    if ((target & 2) && !s_.hart_.config.has(Extension::C)) return end();
    next_pc = target;
    return true;
  }

  template <class T>
  bool load(u64 address, u64& value) {
    return locate(address, sizeof(T), AccessKind::Load) && read(sizeof(T), value);
  }
  template <class T>
  bool store(u64 address, u64 value) {
    return locate(address, sizeof(T), AccessKind::Store) && write(sizeof(T), value);
  }
  bool load_reserved(u64 address, unsigned size, u64& value) {
    return locate(address, size, AccessKind::Load) && read(size, value);
  }
  // No reservation is held on a wrong path: the store-conditional fails.
  bool store_conditional(u64 address, unsigned size, u64, u64& result) {
    result = 1;
    return locate(address, size, AccessKind::Store);
  }
  template <class Combine>
  bool amo(u64 address, unsigned size, u64& old, Combine combine) {
    return locate(address, size, AccessKind::Store) && read(size, old) && write(size, combine(old));
  }

  bool fp_enabled() const { return s_.fp_enabled_; }
  u8 frm() const { return s_.frm_; }
  u8& fflags() { return s_.fflags_; }
  void illegal() { end(); }

  bool ended() const { return ended_; }

 private:
  bool end() {
    ended_ = true;
    return false;
  }
  // A misaligned access that crosses a page ends the path: it would be two accesses.
  bool locate(u64 address, unsigned size, AccessKind kind) {
    const bool misaligned = address & (size - 1);
    if (misaligned && (done_.op.memory == Op::Memory::Atomic || !s_.hart_.config.misaligned)) return end();
    host_ = s_.find(address, size, kind, done_.physical);
    if (!host_) return end();
    done_.access = done_.op.memory;
    done_.address = address;
    return true;
  }
  bool read(unsigned size, u64& value) const {
    value = s_.read(done_.physical, host_, size);
    return true;
  }
  bool write(unsigned size, u64 value) {
    if (s_.stored_.size() + size > Speculator::most_stored_bytes) return end();
    for (unsigned i = 0; i < size; ++i)
      s_.stored_.push_back({done_.physical + i, static_cast<u8>(value >> (8 * i))});
    return true;
  }

  Speculator& s_;

 public:
  u64 next_pc;

 private:
  Executed& done_;
  const u8* host_ = nullptr;  // of what was located
  bool ended_ = false;
};

namespace {

// True: executed. Helpers have effects, so none of them is.
[[gnu::always_inline]] inline bool evaluate(SpeculativeContext& context, const Op& o) {
  Evaluator c(context, o);
  const auto ready = [&c](Extension extension, bool has_rounding) {
    return (extension != Extension::F && extension != Extension::D) || c.fp_ready(has_rounding);
  };
  switch (o.row) {
#define INSN_OF(ext, name, encoding, form, cls, meaning)                                \
  case RowId::name:                                                                     \
    if (constexpr bool rounds = form_has_rounding(Form::form); !ready(Extension::ext, rounds)) return false; \
    meaning;                                                                            \
    return !context.ended();
#define HELPER_OF(ext, name, ...) \
  case RowId::name: return false;
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF
    case RowId::count: break;
  }
  return false;
}

}  // namespace

Speculator::Speculator(const Hart& hart) : hart_(hart), decoder_(hart.config.extensions) {
  decoded_.fill({0, decoder_.decode(0)});
}

void Speculator::begin(u64 pc) {
  std::copy(std::begin(hart_.x), std::end(hart_.x), x_.begin());
  std::copy(std::begin(hart_.f), std::end(hart_.f), f_.begin());
  fflags_ = hart_.fflags;
  frm_ = hart_.frm;
  fp_enabled_ = hart_.csr.mstatus & mstatus::FS;
  pc_ = pc;
  stored_.clear();
  page_ = no_page;
}

// What the hart has at hand needs no walk, and is the same as a walk finds.
const u8* Speculator::find(u64 address, unsigned size, AccessKind kind, PhysAddr& physical) const {
  if ((address & (page_size - 1)) + size > page_size) return nullptr;
  if (const u8* host = hart_.mmu.peek_host(address, kind, physical)) return host;
  const auto found = hart_.mmu.probe(address, kind).physical;
  if (!found || !hart_.mmu.allows(*found, size, kind)) return nullptr;
  const Ram* ram = hart_.memory.ram_at(*found, size);
  physical = *found;
  return ram ? ram->host(*found) : nullptr;
}

u64 Speculator::read(PhysAddr address, const u8* host, unsigned size) const {
  u64 value = 0;
  std::memcpy(&value, host, size);
  for (const Byte& byte : stored_) {
    const u64 offset = byte.address - address;
    if (offset < size) value = (value & ~(u64{0xff} << (8 * offset))) | u64{byte.value} << (8 * offset);
  }
  return value;
}

const Op& Speculator::decode(u32 bits) {
  Decoded& entry = decoded_[(bits ^ bits >> 9 ^ bits >> 18) % decoded_size];
  if (entry.bits != bits) [[unlikely]] entry = {bits, decoder_.decode(bits)};
  return entry.op;
}

// The instruction at pc_; null when it cannot be fetched from RAM.
const Op* Speculator::fetch(PhysAddr& physical) {
  const u64 offset = pc_ % page_size;
  if (pc_ - offset == page_ && offset + 4 <= page_size && hart_.mmu.fetch_space() == page_space_) {
    physical = page_physical_ + offset;
    u32 bits = 0;
    std::memcpy(&bits, page_host_ + offset, 4);
    return &decode(is_compressed(bits) ? bits & 0xffff : bits);
  }
  return fetch_elsewhere(physical);
}

const Op* Speculator::fetch_elsewhere(PhysAddr& physical) {
  const u8* host = find(pc_, 2, AccessKind::Fetch, physical);
  if (!host) return nullptr;
  remember_page();
  u16 low = 0, high = 0;
  std::memcpy(&low, host, 2);
  if (!is_compressed(low)) {
    PhysAddr second;
    host = find(pc_ + 2, 2, AccessKind::Fetch, second);
    if (!host) return nullptr;
    std::memcpy(&high, host, 2);
  }
  return &decode(u32{low} | u32{high} << 16);
}

// What the hart has at hand it has as a page; an interrupt taken meanwhile changes its space.
void Speculator::remember_page() {
  const u64 page = pc_ - pc_ % page_size;
  page_host_ = hart_.mmu.peek_host(page, AccessKind::Fetch, page_physical_);
  page_ = page_host_ ? page : no_page;
  page_space_ = hart_.mmu.fetch_space();
}

bool Speculator::step(Executed& done) {
  done.result = Executed::Result::Done;
  done.access = Op::Memory::None;
  const Op* op = fetch(done.fetch);
  if (!op) return false;
  done.op = *op;
  done.pc = pc_;
  done.operand[0] = x_[done.op.rs1];
  done.operand[1] = x_[done.op.rs2];
  SpeculativeContext context(*this, done.op, done);
  if (!evaluate(context, done.op)) return false;
  done.next_pc = pc_ = context.next_pc;
  return true;
}

}  // namespace orrery
