// Translation and protection (II, 3.7 and 12): the slow and always right side of the Mmu.
#include <algorithm>
#include <bit>

#include "base/bits.h"
#include "cpu/arch/hart.h"
#include "cpu/arch/mmu.h"

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
  if (hart_.csr.satp != numbered_satp_) {
    forget_numbers();
    numbered_satp_ = hart_.csr.satp;
  }
  u64 number = numbers_[mode.packed()];
  if (number == no_number) numbers_[mode.packed()] = number = new_context(mode);
  return number;
}

u64 Mmu::new_context(const Mode& mode) {
  const u64 satp = mode.translated ? hart_.csr.satp : 0;
  for (std::size_t i = contexts_.size(); i-- > 0;)
    if (contexts_[i].satp == satp && contexts_[i].mode == mode) return contexts_[i].number;
  if (next_context_ == context_limit) {
    // Out of numbers: start again with empty TLBs.
    ++generation_;
    next_context_ = 0;
    contexts_.clear();
    forget_numbers();
    for_each_entry([](Entry& e) { e = Entry{}; });
    forget_tables();
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
  recent_ = 0;
  flush();
}

bool Mmu::pmp_allows(PhysAddr address, u64 size, AccessKind kind, Privilege privilege,
                     bool& uniform) const {
  static constexpr u8 needed[] = {1, 2, 4};  // R W X
  const u64 first = address.value(), final = first + size - 1;
  const u64 page = align_down(first, page_size), page_end = page + page_size - 1;
  const auto allows = [&](const ProtectedRange& range) {
    const bool open = privilege == Privilege::Machine && !(range.config & pmp_locked);
    return open || (range.matched && (range.config & needed[static_cast<int>(kind)]));
  };
  // Nearly always the range that held the last page holds this one.
  if (const ProtectedRange& recent = protection_[recent_]; recent.first <= page && std::max(final, page_end) <= recent.last)
    return allows(recent);
  bool allowed = true;
  for (const ProtectedRange& range : protection_) {
    if (range.last < first) continue;
    if (range.first > final) break;
    if (page < range.first || page_end > range.last) uniform = false;
    // An access that one entry matches only in part fails, whatever the entries allow.
    if (first < range.first || final > range.last) return false;
    allowed = allows(range);
    recent_ = static_cast<std::size_t>(&range - protection_.data());
  }
  return allowed;
}

bool Mmu::update_accessed(PhysAddr pte_address, u64 new_pte, Walk& walk) const {
  Ram* ram = memory_.ram_at(pte_address, 8);
  if (!ram) return false;
  // Cached translations stay right (they hold no more permission than before), decoded code may
  // not; so the page-table mark is not among what watchers are told.
  if (const u8 marks = ram->marks(pte_address); marks & ~MarkPageTable) {
    const bool table = marks & MarkPageTable;
    if (table) ram->unmark(pte_address, MarkPageTable);
    ram->before_write(pte_address, 8);
    if (table) ram->mark(pte_address, MarkPageTable);
    walk.wrote_marked = true;
  }
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
      if (update && !update_accessed(at, wanted, walk)) {
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
    const bool found = walk_tables(address, kind, mode, true, walk, page_fault);
    if (walk.wrote_marked) attention = true;
    if (!found) return fail(kind, page_fault, address);
    note_tables(address, kind, walk);
  } else if (address >> 56) {
    return fail(kind, false, address);  // beyond the 56-bit physical address space
  }
  bool uniform = true;
  if (!pmp_allows(walk.physical, size, kind, mode.privilege, uniform)) return fail(kind, false, address);
  walk.cacheable = uniform;
  last = {walk.physical, true};
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

bool Mmu::allows(PhysAddr address, u64 size, AccessKind kind) const {
  bool uniform = true;
  return pmp_allows(address, size, kind,
                    (kind == AccessKind::Fetch ? fetch_mode() : data_mode()).privilege, uniform);
}

std::optional<PhysAddr> Mmu::peek(u64 address, AccessKind kind) const {
  return probe(address, kind).physical;
}

}  // namespace orrery
