#include "cpu/arch/mmu.h"

#include <algorithm>

#include "base/bits.h"
#include "cpu/arch/hart.h"

namespace orrery {
namespace {

// PTE bits (II, 12.3.1)
constexpr u64 pte_v = 1, pte_r = 2, pte_w = 4, pte_x = 8, pte_u = 16, pte_a = 64, pte_d = 128;
constexpr u64 pte_n = u64{1} << 63;  // Svnapot
constexpr unsigned pte_pbmt_low = 61;
constexpr u64 pte_reserved = u64{0x7f} << 54;

constexpr u8 pmp_locked = 0x80;

constexpr std::size_t most_contexts = 16;  // remembered at a time; older ones get a new number

unsigned levels(u64 satp_mode) { return static_cast<unsigned>(satp_mode) - 5; }  // Sv39: 3 ...

}  // namespace

Mmu::Mmu(Hart& hart, AddressSpace& memory) : hart_(hart), memory_(memory) {
  for (const auto& region : memory_.regions())
    if (region.ram) region.ram->watch(*this);
}

Mmu::~Mmu() {
  for (const auto& region : memory_.regions())
    if (region.ram) region.ram->unwatch(*this);
}

Mmu::Mode Mmu::data_mode() const {
  const u64 status = hart_.csr.mstatus;
  Mode mode;
  mode.privilege = status & mstatus::MPRV ? static_cast<Privilege>(bits(status, 11, 2)) : hart_.privilege;
  mode.translated = mode.privilege != Privilege::Machine && (hart_.csr.satp >> 60) != 0;
  if (mode.translated) {
    mode.sum = status & mstatus::SUM;
    mode.mxr = status & mstatus::MXR;
  }
  return mode;
}

Mmu::Mode Mmu::fetch_mode() const {
  Mode mode;
  mode.privilege = hart_.privilege;
  mode.translated = mode.privilege != Privilege::Machine && (hart_.csr.satp >> 60) != 0;
  return mode;
}

u64 Mmu::context_of(const Mode& mode) {
  const u64 satp = mode.translated ? hart_.csr.satp : 0;
  for (std::size_t i = contexts_.size(); i-- > 0;)
    if (contexts_[i].satp == satp && contexts_[i].mode == mode) return contexts_[i].number;
  if (next_context_ == context_limit) {
    // Out of numbers: start again with empty TLBs.
    ++generation_;
    next_context_ = 0;
    contexts_.clear();
    for (auto& kind : tlb_) kind.fill(Entry{});
  }
  if (contexts_.size() == most_contexts) contexts_.erase(contexts_.begin());
  contexts_.push_back({mode, satp, next_context_++ << context_shift});
  return contexts_.back().number;
}

void Mmu::update_context() {
  const u64 before = generation_;
  data_context_ = context_of(data_mode());
  fetch_context_ = context_of(fetch_mode());
  // The second look-up may have started a new generation, and lost the first one's context.
  if (generation_ != before) data_context_ = context_of(data_mode());
  fetch_space_ = generation_ << 20 | u64{hart_.id} << 12 | fetch_context_;
}

void Mmu::protection_changed() {
  protection_ = {{0, ~u64{0}, 0, hart_.config.pmp_entries == 0}};
  if (hart_.config.pmp_entries == 0) protection_[0].config = 7;
  // The lowest-numbered entry that matches decides: lay them down from the highest.
  for (u32 i = hart_.config.pmp_entries; i-- > 0;) {
    const u8 config = hart_.csr.pmpcfg[i];
    const u64 reg = hart_.csr.pmpaddr[i];
    u64 low = 0, high = 0;
    switch (config >> 3 & 3) {
      case 0: continue;  // OFF
      case 1:            // TOR: from the previous address to below this one
        low = i == 0 ? 0 : hart_.csr.pmpaddr[i - 1] << 2;
        if (low >= reg << 2) continue;
        high = (reg << 2) - 1;
        break;
      case 2:  // NA4
        low = reg << 2;
        high = low + 3;
        break;
      default: {  // NAPOT: the trailing ones of the address say how large
        const unsigned ones = static_cast<unsigned>(std::countr_one(reg));
        const u64 span = ones >= 61 ? ~u64{0} : (u64{8} << ones) - 1;
        low = (reg << 2) & ~span;
        high = low | span;
      }
    }
    std::vector<ProtectedRange> cut;
    for (const ProtectedRange& old : protection_) {
      if (old.first < low) cut.push_back({old.first, std::min(old.last, low - 1), old.config, old.matched});
      if (old.first <= low && low <= old.last) cut.push_back({low, high, config, true});
      if (old.last > high) cut.push_back({std::max(old.first, high + 1), old.last, old.config, old.matched});
    }
    protection_ = std::move(cut);
  }
  flush();
}

void Mmu::flush() {
  contexts_.clear();
  update_context();
}

void Mmu::before_write(PhysAddr address, u64 size, u8 marks) {
  if (!(marks & MarkPageTable)) return;
  // Invalid entries are never cached, so only a change to a valid one matters.
  Ram* ram = memory_.ram_at(address, size);
  const PhysAddr first{align_down(address.value(), 8)};
  const u64 last_byte = address.value() + size - 1;
  for (PhysAddr at = first; at.value() <= last_byte; at += 8) {
    if (!(*ram->host(at) & pte_v)) continue;
    flush();
    // Nothing derives from this page any more; the next walk through it marks it again. Every hart
    // decides alike, from the same old bytes.
    ram->unmark(address, MarkPageTable);
    return;
  }
}

void Mmu::page_marked(PhysAddr page) {
  Ram* ram = memory_.ram_at(page, page_size);
  const u64 host = reinterpret_cast<u64>(ram->host(page));
  auto& stores = tlb_[static_cast<int>(AccessKind::Store)];
  for (Entry& e : stores)
    if (e.tag != ~u64{0} && (e.tag & ~(page_size - 1)) + e.addend == host) e = Entry{};
}

MemoryStatus Mmu::fail(AccessKind kind, bool page_fault, u64 address) {
  static constexpr Cause page[] = {Cause::LoadPage, Cause::StorePage, Cause::InstructionPage};
  static constexpr Cause access[] = {Cause::LoadAccess, Cause::StoreAccess, Cause::InstructionAccess};
  const int k = static_cast<int>(kind);
  trap_ = {page_fault ? page[k] : access[k], address};
  return MemoryStatus::Trap;
}

bool Mmu::pmp_allows(PhysAddr address, u64 size, AccessKind kind, Privilege privilege,
                     bool& uniform) const {
  static constexpr u8 needed[] = {1, 2, 4};  // R W X
  const u64 first = address.value(), final = first + size - 1;
  bool allowed = true;
  for (const ProtectedRange& range : protection_) {
    if (range.last < first) continue;
    if (range.first > final) break;
    const u64 page = align_down(first, page_size);
    if (page < range.first || page + page_size - 1 > range.last) uniform = false;
    // An access that one entry matches only in part fails, whatever the entries allow.
    if (first < range.first || final > range.last) return false;
    const bool open = privilege == Privilege::Machine && !(range.config & pmp_locked);
    allowed = open || (range.matched && (range.config & needed[static_cast<int>(kind)]));
  }
  return allowed;
}

bool Mmu::update_accessed(PhysAddr pte_address, u64 old_pte, u64 new_pte) const {
  Ram* ram = memory_.ram_at(pte_address, 8);
  if (!ram) return false;
  // Cached translations stay right (they hold no more permission than before), decoded code may
  // not; so the page-table mark is not among what watchers are told.
  if (const u8 marks = ram->marks(pte_address); marks & ~MarkPageTable) {
    const bool table = marks & MarkPageTable;
    if (table) ram->unmark(pte_address, MarkPageTable);
    ram->before_write(pte_address, 8);
    if (table) ram->mark(pte_address, MarkPageTable);
  }
  (void)old_pte;
  std::memcpy(ram->host(pte_address), &new_pte, 8);
  hart_.environment.store_performed(hart_, pte_address, 8);
  return true;
}

bool Mmu::walk_tables(u64 address, AccessKind kind, const Mode& mode, bool update, Walk& walk,
                      bool& page_fault) const {
  page_fault = true;
  const u64 satp = hart_.csr.satp;
  const unsigned depth = levels(satp >> 60);
  const unsigned va_bits = 12 + 9 * depth;
  if (sign_extend(address, va_bits) != address) return false;
  PhysAddr table{bits(satp, 0, 44) << page_bits};
  for (unsigned level = depth; level-- > 0;) {
    const unsigned shift = page_bits + 9 * level;
    const PhysAddr at = table + (bits(address, shift, 9) << 3);
    bool uniform = true;
    Ram* ram = memory_.ram_at(at, 8);
    if (!ram || !pmp_allows(at, 8, AccessKind::Load, Privilege::Supervisor, uniform)) {
      page_fault = false;
      return false;
    }
    walk.entries[walk.count++] = at;
    if (update) ram->mark(at, MarkPageTable);
    u64 pte;
    std::memcpy(&pte, ram->host(at), 8);
    const bool svpbmt = hart_.config.has(Extension::Svpbmt) && (hart_.csr.menvcfg & envcfg::PBMTE);
    if (!(pte & pte_v) || (!(pte & pte_r) && (pte & pte_w)) || (pte & pte_reserved)) return false;
    const u64 pbmt = bits(pte, pte_pbmt_low, 2);
    if (pbmt != 0 && (!svpbmt || pbmt == 3)) return false;
    if ((pte & pte_n) && !hart_.config.has(Extension::Svnapot)) return false;
    u64 ppn = bits(pte, 10, 44);
    if (!(pte & (pte_r | pte_x))) {  // pointer to the next level
      if (level == 0 || (pte & (pte_d | pte_a | pte_u | pte_n)) || pbmt) return false;
      table = PhysAddr{ppn << page_bits};
      continue;
    }
    if (mode.privilege == Privilege::User ? !(pte & pte_u)
                                          : (pte & pte_u) && (kind == AccessKind::Fetch || !mode.sum))
      return false;
    const bool allowed = kind == AccessKind::Fetch   ? (pte & pte_x)
                         : kind == AccessKind::Store ? (pte & pte_w)
                                                     : (pte & pte_r) || (mode.mxr && (pte & pte_x));
    if (!allowed) return false;
    if (ppn & ((u64{1} << (9 * level)) - 1)) return false;  // misaligned superpage
    if (pte & pte_n) {
      if (level != 0 || bits(ppn, 0, 4) != 8) return false;  // only 64 KiB is defined
      ppn = (ppn & ~u64{15}) | bits(address, page_bits, 4);
    }
    const u64 wanted = pte | pte_a | (kind == AccessKind::Store ? pte_d : 0);
    if (wanted != pte) {
      if (!(hart_.csr.menvcfg & envcfg::ADUE)) return false;  // Svade
      if (!pmp_allows(at, 8, AccessKind::Store, Privilege::Supervisor, uniform)) {
        page_fault = false;
        return false;
      }
      if (update && !update_accessed(at, pte, wanted)) {
        page_fault = false;
        return false;
      }
    }
    const u64 span = (u64{1} << shift) - 1;
    walk.physical = PhysAddr{(ppn << page_bits & ~span) | (address & span)};
    walk.level = static_cast<u8>(level);
    return true;
  }
  return false;
}

MemoryStatus Mmu::translate(u64 address, unsigned size, AccessKind kind, const Mode& mode, Walk& walk) {
  walk = Walk{};
  walk.physical = PhysAddr{address};
  if (mode.translated) {
    bool page_fault = false;
    if (!walk_tables(address, kind, mode, true, walk, page_fault)) return fail(kind, page_fault, address);
  } else if (address >> 56) {
    return fail(kind, false, address);  // beyond the 56-bit physical address space
  }
  bool uniform = true;
  if (!pmp_allows(walk.physical, size, kind, mode.privilege, uniform)) return fail(kind, false, address);
  walk.cacheable = uniform;
  last = {walk.physical, true};
  return MemoryStatus::Ok;
}

void Mmu::fill(u64 address, AccessKind kind, u64 context, PhysAddr physical) {
  const PhysAddr page{align_down(physical.value(), page_size)};
  Ram* ram = memory_.ram_at(page, page_size);
  if (!ram || (kind == AccessKind::Store && ram->marks(page))) return;
  const u64 virtual_page = align_down(address, page_size);
  tlb_[static_cast<int>(kind)][index(address)] = {
      virtual_page | context, reinterpret_cast<u64>(ram->host(page)) - virtual_page};
}

MemoryStatus Mmu::device_load(PhysAddr address, unsigned size, u64& value, u64 fault_address) {
  last.ram = false;
  bool good = true;
  if (hart_.oracle && hart_.oracle->replaying()) {
    good = hart_.oracle->decide(hart_, Oracle::Kind::DeviceLoad, address.value(), 0) != 0;
    if (good) value = hart_.oracle->decide(hart_, Oracle::Kind::DeviceLoad, address.value(), 0);
  } else {
    if (hart_.time > hart_.device_tick) return MemoryStatus::Wait;
    good = memory_.read(address, size, value, hart_.time);
    if (hart_.oracle) {
      hart_.oracle->decide(hart_, Oracle::Kind::DeviceLoad, address.value(), good);
      if (good) hart_.oracle->decide(hart_, Oracle::Kind::DeviceLoad, address.value(), value);
    }
  }
  attention = true;
  return good ? MemoryStatus::Ok : fail(AccessKind::Load, false, fault_address);
}

MemoryStatus Mmu::device_store(PhysAddr address, unsigned size, u64 value, u64 fault_address) {
  last.ram = false;
  bool good = true;
  if (hart_.oracle && hart_.oracle->replaying()) {
    good = hart_.oracle->decide(hart_, Oracle::Kind::DeviceStore, address.value(), value) != 0;
  } else {
    if (hart_.time > hart_.device_tick) return MemoryStatus::Wait;
    good = memory_.write(address, size, value, hart_.time);
    if (hart_.oracle) hart_.oracle->decide(hart_, Oracle::Kind::DeviceStore, address.value(), good);
  }
  attention = true;
  return good ? MemoryStatus::Ok : fail(AccessKind::Store, false, fault_address);
}

MemoryStatus Mmu::load_part(u64 address, unsigned size, u64& value) {
  Walk walk;
  const Mode mode = data_mode();
  if (const auto s = translate(address, size, AccessKind::Load, mode, walk); s != MemoryStatus::Ok) return s;
  if (const Ram* ram = memory_.ram_at(walk.physical, size)) {
    value = 0;
    std::memcpy(&value, ram->host(walk.physical), size);
    if (walk.cacheable) fill(address, AccessKind::Load, data_context_, walk.physical);
    return MemoryStatus::Ok;
  }
  if (address & (size - 1)) return fail(AccessKind::Load, false, address);
  return device_load(walk.physical, size, value, address);
}

MemoryStatus Mmu::load_slow(u64 address, unsigned size, u64& value) {
  const u64 offset = address & (page_size - 1);
  const bool misaligned = address & (size - 1);
  if (misaligned && !hart_.config.misaligned) {
    trap_ = {Cause::LoadMisaligned, address};
    return MemoryStatus::Trap;
  }
  if (offset + size <= page_size) return load_part(address, size, value);
  // Two pages, each with its own translation; neither may be a device.
  const unsigned low_size = static_cast<unsigned>(page_size - offset);
  const Mode mode = data_mode();
  Walk low, high;
  if (const auto s = translate(address, low_size, AccessKind::Load, mode, low); s != MemoryStatus::Ok) return s;
  const u64 second = address + low_size;
  if (const auto s = translate(second, size - low_size, AccessKind::Load, mode, high); s != MemoryStatus::Ok) return s;
  const Ram* a = memory_.ram_at(low.physical, low_size);
  const Ram* b = memory_.ram_at(high.physical, size - low_size);
  if (!a || !b) return fail(AccessKind::Load, false, a ? second : address);
  value = 0;
  std::memcpy(&value, a->host(low.physical), low_size);
  std::memcpy(reinterpret_cast<u8*>(&value) + low_size, b->host(high.physical), size - low_size);
  last = {low.physical, true};
  return MemoryStatus::Ok;
}

MemoryStatus Mmu::store_slow(u64 address, unsigned size, u64 value) {
  const u64 offset = address & (page_size - 1);
  const bool misaligned = address & (size - 1);
  if (misaligned && !hart_.config.misaligned) {
    trap_ = {Cause::StoreMisaligned, address};
    return MemoryStatus::Trap;
  }
  const Mode mode = data_mode();
  Walk low;
  const unsigned low_size = offset + size <= page_size ? size : static_cast<unsigned>(page_size - offset);
  if (const auto s = translate(address, low_size, AccessKind::Store, mode, low); s != MemoryStatus::Ok) return s;
  Walk high;
  if (low_size != size) {
    const auto s = translate(address + low_size, size - low_size, AccessKind::Store, mode, high);
    if (s != MemoryStatus::Ok) return s;
  }
  Ram* a = memory_.ram_at(low.physical, low_size);
  if (!a) {
    if (misaligned) return fail(AccessKind::Store, false, address);
    return device_store(low.physical, size, value, address);
  }
  Ram* b = low_size == size ? nullptr : memory_.ram_at(high.physical, size - low_size);
  if (low_size != size && !b) return fail(AccessKind::Store, false, address + low_size);
  const auto put = [&](Ram& ram, PhysAddr at, const u8* bytes, unsigned count) {
    if (ram.marks(at)) {
      ram.before_write(at, count);
      attention = true;
    }
    std::memcpy(ram.host(at), bytes, count);
  };
  const u8* bytes = reinterpret_cast<const u8*>(&value);
  put(*a, low.physical, bytes, low_size);
  if (b) put(*b, high.physical, bytes + low_size, size - low_size);
  last = {low.physical, true};
  // After a store to marked memory the translation just used may be the one that changed.
  if (!b && low.cacheable && !attention) fill(address, AccessKind::Store, data_context_, low.physical);
  return MemoryStatus::Ok;
}

// The TLB as a short cut to a host pointer and, through it, the physical address.
bool Mmu::find_host(u64 address, AccessKind kind, u8*& host, PhysAddr& physical) const {
  const Entry& e = tlb_[static_cast<int>(kind)][index(address)];
  if (e.tag != tag<1>(address, kind == AccessKind::Fetch ? fetch_context_ : data_context_)) return false;
  host = reinterpret_cast<u8*>(address + e.addend);
  for (const auto& region : memory_.regions()) {
    if (!region.ram) continue;
    const u64 offset = static_cast<u64>(host - region.ram->host(region.base));
    if (offset >= region.size) continue;
    physical = region.base + offset;
    return true;
  }
  return false;
}

std::optional<PhysAddr> Mmu::cached(u64 address, AccessKind kind) const {
  u8* host = nullptr;
  PhysAddr physical;
  if (!find_host(address, kind, host, physical)) return {};
  return physical;
}

MemoryStatus Mmu::atomic(u64 address, unsigned size, u8*& host, PhysAddr& physical) {
  if (address & (size - 1)) {
    trap_ = {Cause::StoreMisaligned, address};
    return MemoryStatus::Trap;
  }
  if (find_host(address, AccessKind::Store, host, physical)) return MemoryStatus::Ok;
  Walk walk;
  if (const auto s = translate(address, size, AccessKind::Store, data_mode(), walk); s != MemoryStatus::Ok) return s;
  Ram* ram = memory_.ram_at(walk.physical, size);
  if (!ram) return fail(AccessKind::Store, false, address);
  if (ram->marks(walk.physical)) {
    ram->before_write(walk.physical, size);
    attention = true;
  }
  host = ram->host(walk.physical);
  physical = walk.physical;
  if (walk.cacheable && !attention) fill(address, AccessKind::Store, data_context_, physical);
  return MemoryStatus::Ok;
}

MemoryStatus Mmu::reserve(u64 address, unsigned size, u8*& host, PhysAddr& physical) {
  if (address & (size - 1)) {
    trap_ = {Cause::LoadMisaligned, address};
    return MemoryStatus::Trap;
  }
  if (find_host(address, AccessKind::Load, host, physical)) return MemoryStatus::Ok;
  Walk walk;
  if (const auto s = translate(address, size, AccessKind::Load, data_mode(), walk); s != MemoryStatus::Ok) return s;
  Ram* ram = memory_.ram_at(walk.physical, size);
  if (!ram) return fail(AccessKind::Load, false, address);
  host = ram->host(walk.physical);
  physical = walk.physical;
  if (walk.cacheable) fill(address, AccessKind::Load, data_context_, physical);
  return MemoryStatus::Ok;
}

MemoryStatus Mmu::translate_fetch(u64 address, PhysAddr& physical) {
  u8* host = nullptr;
  if (find_host(address, AccessKind::Fetch, host, physical)) return MemoryStatus::Ok;
  Walk walk;
  if (const auto s = translate(address, 2, AccessKind::Fetch, fetch_mode(), walk); s != MemoryStatus::Ok) return s;
  if (walk.cacheable) fill(address, AccessKind::Fetch, fetch_context_, walk.physical);
  physical = walk.physical;
  return MemoryStatus::Ok;
}

MemoryStatus Mmu::fetch(u64 address, u32& bits_) {
  const auto half = [&](u64 at, u16& out) {
    PhysAddr physical;
    if (const auto s = translate_fetch(at, physical); s != MemoryStatus::Ok) return s;
    // Fetching from a device: only ROM-like targets answer; a device with side effects must not
    // be fetched from, as on hardware where such ranges are not executable.
    const AddressSpace::Region* region = memory_.find(physical, 2);
    if (!region) return fail(AccessKind::Fetch, false, at);
    u64 value = 0;
    if (region->ram) {
      std::memcpy(&value, region->ram->host(physical), 2);
    } else if (!region->target->executable() ||
               !region->target->read(physical - region->base, 2, value, hart_.time)) {
      return fail(AccessKind::Fetch, false, at);
    }
    out = static_cast<u16>(value);
    return MemoryStatus::Ok;
  };
  u16 low = 0, high = 0;
  if (const auto s = half(address, low); s != MemoryStatus::Ok) return s;
  bits_ = low;
  if ((low & 3) != 3) return MemoryStatus::Ok;
  if (const auto s = half(address + 2, high); s != MemoryStatus::Ok) return s;
  bits_ |= static_cast<u32>(high) << 16;
  return MemoryStatus::Ok;
}

Mmu::Probe Mmu::probe(u64 address, AccessKind kind) const {
  const Mode mode = kind == AccessKind::Fetch ? fetch_mode() : data_mode();
  Walk walk;
  walk.physical = PhysAddr{address};
  bool page_fault = false;
  const bool good = !mode.translated || walk_tables(address, kind, mode, false, walk, page_fault);
  Probe result{walk.entries, walk.count, walk.level, {}};
  if (good) result.physical = walk.physical;
  return result;
}

std::optional<PhysAddr> Mmu::peek(u64 address, AccessKind kind) const {
  return probe(address, kind).physical;
}

std::optional<u32> Mmu::peek_fetch(u64 address) const {
  u32 result = 0;
  for (unsigned part = 0; part < 2; ++part) {
    const auto physical = peek(address + 2 * part, AccessKind::Fetch);
    u64 value = 0;
    const AddressSpace::Region* region = physical ? memory_.find(*physical, 2) : nullptr;
    if (!region || (region->target && !region->target->executable()) ||
        !memory_.read(*physical, 2, value, hart_.time))
      return {};
    result |= static_cast<u32>(value) << (16 * part);
    if (part == 0 && (value & 3) != 3) break;
  }
  return result;
}

MemoryStatus Mmu::check_block(u64 address, u64 size) {
  // Cache-block management needs load or store permission; faults are reported as stores (II, 19.3).
  Walk walk;
  const u64 block = align_down(address, size);
  const Mode mode = data_mode();
  MemoryStatus s = translate(block, static_cast<unsigned>(size), AccessKind::Load, mode, walk);
  if (s != MemoryStatus::Ok) s = translate(block, static_cast<unsigned>(size), AccessKind::Store, mode, walk);
  if (s == MemoryStatus::Trap) {
    const bool page_fault = trap_.cause == Cause::LoadPage || trap_.cause == Cause::StorePage;
    return fail(AccessKind::Store, page_fault, address);
  }
  return memory_.find(walk.physical, size) ? s : fail(AccessKind::Store, false, address);
}

MemoryStatus Mmu::zero_block(u64 address, u64 size) {
  Walk walk;
  const u64 block = align_down(address, size);
  if (const auto s = translate(block, static_cast<unsigned>(size), AccessKind::Store, data_mode(), walk);
      s != MemoryStatus::Ok) {
    trap_.value = address;
    return s;
  }
  Ram* ram = memory_.ram_at(walk.physical, size);
  if (!ram) return fail(AccessKind::Store, false, address);
  if (ram->marks(walk.physical)) {
    ram->before_write(walk.physical, size);
    attention = true;
  }
  std::memset(ram->host(walk.physical), 0, size);
  return MemoryStatus::Ok;
}

}  // namespace orrery
