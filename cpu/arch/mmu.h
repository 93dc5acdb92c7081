// A hart's way to memory: translation (II, 12), protection (II, 3.7) and access, always by value.
//
// Fast path: an inline software TLB per kind of access whose entry gives a host pointer; entries
// are tagged with an address-space context, so privilege changes and context switches cost no
// flush. Slow path (mmu.cc): walk the page tables, check PMP, find the region; always right. A page
// that is a device, or whose contents something derives from (PageMark), has no host pointer for
// stores, so every such access takes the slow path.
//
// Translations are never stale: pages walked as page tables are marked, and a store to one of them
// that changes a valid entry drops whatever derives from it, whoever stores (walked_tables.cc).
#pragma once

#include <array>
#include <bitset>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cpu/arch/trap.h"
#include "memory/address_space.h"
#include "memory/ram.h"

namespace orrery {

class Hart;

enum class AccessKind : u8 { Load, Store, Fetch };

enum class MemoryStatus : u8 {
  Ok,
  Trap,  // hart.mmu.trap() says which
  Wait,  // a device beyond the horizon's device_tick: nothing was done, run the others first
};

// Where an access went, for timing models: noted by the slow path and, on demand, by locate().
struct Location {
  PhysAddr physical;
  bool ram = true;
};

class Mmu final : public WriteWatcher {
 public:
  Mmu(Hart& hart, AddressSpace& memory);
  ~Mmu() override;

  // Loads sizeof(T) bytes at `address`, zero-extended into `value`; false: take load_slow().
  template <class T>
  bool load_fast(u64 address, u64& value) const {
    const Entry& e = loads_[index<load_entries>(address)];
    if (e.tag != tag<sizeof(T)>(address, data_context_)) [[unlikely]] return false;
    T narrow;
    std::memcpy(&narrow, reinterpret_cast<const void*>(address + e.addend), sizeof(T));
    value = narrow;
    return true;
  }
  template <class T>
  bool store_fast(u64 address, u64 value) const {
    const Entry& e = stores_[index<store_entries>(address)];
    if (e.tag != tag<sizeof(T)>(address, data_context_)) [[unlikely]] return false;
    const T narrow = static_cast<T>(value);
    std::memcpy(reinterpret_cast<void*>(address + e.addend), &narrow, sizeof(T));
    return true;
  }
  // Any access, always right. The hart's pc, time and steps must be exact when these are called.
  MemoryStatus load_slow(u64 address, unsigned size, u64& value);
  MemoryStatus store_slow(u64 address, unsigned size, u64 value);

  // Host address of naturally aligned RAM that may be read and written (an AMO's word), after all
  // checks of a store. Traps with store causes (II, 13.1), also where memory is not RAM.
  MemoryStatus atomic(u64 address, unsigned size, u8*& host, PhysAddr& physical);
  // The same for a load-reserved: load checks and causes.
  MemoryStatus reserve(u64 address, unsigned size, u8*& host, PhysAddr& physical);

  // The instruction at `address` (16 or 32 bits in the low part). A 32-bit one may cross pages.
  MemoryStatus fetch(u64 address, u32& bits);
  // Physical address of the instruction's first byte, for keys of decoded code.
  MemoryStatus translate_fetch(u64 address, PhysAddr& physical);
  // The page of `address`, just translated for fetching, may be fetched from as a whole.
  bool fetchable_page(u64 address) const {
    const Entry& e = fetches_[index<fetch_entries>(address)];
    return e.tag == tag<1>(address, fetch_context_);
  }
  // Without any effect (no A bit, no cached entry), for tracers and debuggers.
  std::optional<u32> peek_fetch(u64 address) const;
  std::optional<PhysAddr> peek(u64 address, AccessKind kind) const;

  // Zeroes or checks a cache block (II, 19): permission of a store; `size` is a power of two.
  MemoryStatus zero_block(u64 address, u64 size);
  MemoryStatus check_block(u64 address, u64 size);

  // What a walk for `address` reads and finds, without any effect; for timing models.
  struct Probe {
    std::array<PhysAddr, 5> entries;  // addresses of the page-table entries, root first
    u8 count = 0;                     // 0: not translated
    u8 level = 0;                     // of the page found: 0 4 KiB, 1 2 MiB ...
    std::optional<PhysAddr> physical;
  };
  Probe probe(u64 address, AccessKind kind) const;
  // Whether protection (PMP) lets such an access reach `address`, as things are now.
  bool allows(PhysAddr address, u64 size, AccessKind kind) const;

  const Trap& trap() const { return trap_; }

  // Privilege, satp, mstatus.{MPRV,MPP,SUM,MXR} may have changed: chooses the contexts anew.
  void update_context();
  // Identifies, among all harts, the address space that instruction addresses are in. A number is
  // never used again for another one, so what is keyed by (address, space) needs no flush.
  u64 fetch_space() const { return fetch_space_; }
  // Drops every cached translation (sfence.vma needs nothing, see above).
  void flush();
  // PMP or menvcfg changed.
  void protection_changed();
  void before_write(PhysAddr address, u64 size, u8 marks) override;
  void page_marked(PhysAddr page) override;
  bool derives(PhysAddr page, PageMark mark) const override;

  // Set by a slow path that may have changed what follows in the instruction stream (a device was
  // accessed, marked memory written): the model looks at everything again before the next
  // instruction, and clears it.
  bool attention = false;

  // Physical address of RAM that an access of this kind has just reached, from the TLB; nothing when
  // it is not cached there (`last` has it then).
  std::optional<PhysAddr> cached(u64 address, AccessKind kind) const;
  // The same, and where those bytes are; null when it is not cached there.
  const u8* peek_host(u64 address, AccessKind kind, PhysAddr& physical) const {
    u8* host = nullptr;
    return find_host(address, kind, host, physical) ? host : nullptr;
  }

  // Where the last access went that took the slow path.
  Location last;

  // For code that does what load_fast() and store_fast() do: the entries {tag, addend}, 16 bytes
  // each, by the lowest bits of the page's number, and the context that the tag has besides the page.
  const void* inline_loads() const { return loads_.data(); }
  const void* inline_stores() const { return stores_.data(); }
  const u64* inline_context() const { return &data_context_; }
  // Each page that is marked costs a search among the stores, so there are fewer of these.
  static constexpr u64 load_entries = 4096;
  static constexpr u64 store_entries = 1024;
  static constexpr u64 fetch_entries = 1024;

 private:
  struct Entry {
    u64 tag = ~u64{0};
    u64 addend = 0;  // host address = guest virtual address + addend
  };
  // A context is kept in bits 3..11 of a tag; bits 0..2 are the address's own, so that a
  // misaligned access never hits.
  static constexpr u64 context_limit = 512;
  static constexpr unsigned context_shift = 3;

  template <u64 entries>
  static u64 index(u64 address) {
    return (address >> page_bits) & (entries - 1);
  }
  Entry& entry(AccessKind kind, u64 address) {
    if (kind == AccessKind::Load) return loads_[index<load_entries>(address)];
    return kind == AccessKind::Store ? stores_[index<store_entries>(address)]
                                     : fetches_[index<fetch_entries>(address)];
  }
  const Entry& entry(AccessKind kind, u64 address) const { return const_cast<Mmu*>(this)->entry(kind, address); }
  template <class Do>
  void for_each_entry(Do&& act) {
    for (Entry& e : loads_) act(e);
    for (Entry& e : stores_) act(e);
    for (Entry& e : fetches_) act(e);
  }
  template <unsigned size>
  static u64 tag(u64 address, u64 context) {
    return (address & (~(page_size - 1) | (size - 1))) | context;
  }

  struct Mode {  // how an access is translated
    bool translated = false;
    Privilege privilege = Privilege::Machine;
    bool sum = false;
    bool mxr = false;
    bool operator==(const Mode&) const = default;
    u32 packed() const { return static_cast<u32>(privilege) | sum << 2 | mxr << 3 | translated << 4; }
  };
  static constexpr u32 packed_modes = 32;
  struct Walk {
    PhysAddr physical;      // of the address asked for
    bool cacheable = true;  // the whole 4 KiB page translates alike
    std::array<PhysAddr, 5> entries{};  // page-table entries read, root first
    u8 count = 0;
    u8 level = 0;
    bool wrote_marked = false;  // an accessed or dirty bit, into memory that somebody watches
  };
  struct Context {
    Mode mode;
    u64 satp = 0;
    u64 number = 0;  // shifted as in a tag
  };

  // A page walked as a page table: where in the address space its entries stand.
  struct Table {
    u64 base = 0;           // virtual address of what its first entry translates
    u8 level = 0;           // of the entries: 0 translates 4 KiB, 1 2 MiB ...
    u8 va_bits = 0;         // of the address space
    bool ambiguous = false;  // walked at several places
    u32 writes = 0;         // since it was walked last

    u64 span() const { return page_size << (9 * level); }  // that an entry translates
    bool is_root() const { return page_bits + 9 * (level + 1u) == va_bits; }
  };
  // What was noted last and not written since, so that a walk need not look for its tables.
  struct Noted {
    u64 page = ~u64{0};
    u64 base = 0;
    u32 shape = 0;  // level and va_bits
  };
  static constexpr u64 noted_size = 64;
  static constexpr u64 fetched_size = 4096;

  Mode data_mode() const;
  Mode fetch_mode() const;
  u64 context_of(const Mode& mode);
  u64 new_context(const Mode& mode);
  void forget_numbers() { numbers_.fill(no_number); }
  MemoryStatus fail(AccessKind kind, bool page_fault, u64 address);
  // Translates and protects; fills the TLB where the page allows it.
  MemoryStatus translate(u64 address, unsigned size, AccessKind kind, const Mode& mode, Walk& walk);
  bool walk_tables(u64 address, AccessKind kind, const Mode& mode, bool update, Walk& walk,
                   bool& page_fault) const;
  bool update_accessed(PhysAddr pte_address, u64 new_pte, Walk& walk) const;
  void note_tables(u64 address, AccessKind kind, const Walk& walk);
  void forget_tables();
  void forget_table(PhysAddr page);
  void forget_root(PhysAddr page);
  void entry_changes(const Table& table, u64 offset, u64 entry);
  void drop_range(u64 first, u64 size);
  void renew_fetch_space();
  bool pmp_allows(PhysAddr address, u64 size, AccessKind kind, Privilege privilege,
                  bool& uniform) const;
  void fill(u64 address, AccessKind kind, u64 context, PhysAddr physical);
  bool find_host(u64 address, AccessKind kind, u8*& host, PhysAddr& physical) const;
  MemoryStatus load_part(u64 address, unsigned size, u64& value);
  MemoryStatus device_load(PhysAddr address, unsigned size, u64& value, u64 fault_address);
  MemoryStatus device_store(PhysAddr address, unsigned size, u64 value, u64 fault_address);

  Hart& hart_;
  AddressSpace& memory_;
  // Physical memory cut into ranges that one PMP entry, or none, decides (II, 3.7.1); ascending.
  struct ProtectedRange {
    u64 first, last;  // inclusive
    u8 config;        // of the entry that decides
    bool matched;     // by an entry
  };
  std::vector<ProtectedRange> protection_;
  mutable std::size_t recent_ = 0;  // of these, the one that decided last
  std::array<Entry, load_entries> loads_;
  std::array<Entry, store_entries> stores_;
  std::array<Entry, fetch_entries> fetches_;
  u64 data_context_ = 0;   // already shifted
  u64 fetch_context_ = 0;
  u64 generation_ = 0;     // counts the times that context numbers, or fetch spaces, began again
  u64 fetch_space_ = 0;
  std::unordered_map<u64, Table> tables_;  // by page number: all that something here derives from
  std::array<Noted, noted_size> noted_{};
  std::bitset<fetched_size> fetched_;  // by virtual page: may have been fetched from in fetch spaces
                                       // of this generation
  std::vector<Context> contexts_;  // of the current contents of the TLBs
  // The contexts' numbers under satp as it was last, by mode: privilege changes all the time.
  static constexpr u64 no_number = ~u64{0};
  std::array<u64, packed_modes> numbers_;
  u64 numbered_satp_ = 0;
  u64 next_context_ = 0;
  Trap trap_{};
};

}  // namespace orrery
