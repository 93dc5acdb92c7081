// What is cached here derives from page tables; this file knows from which, and drops as little as a
// change to them demands.
//
// Every page walked is noted with the virtual addresses that its entries translate, so a store to a
// valid entry drops these addresses alone, in every context (kernels share tables between address
// spaces). A page walked at two places drops everything. Whoever fetches through (pc, fetch_space)
// without asking again is told by a new fetch space, but only when fetches may have come from there.
#include "base/bits.h"
#include "cpu/arch/hart.h"
#include "cpu/arch/mmu.h"

namespace orrery {
namespace {

constexpr u64 pte_valid = 1, pte_leaf = 2 | 4 | 8;  // any of R W X
// A table that is written so often without being walked is one no more, or is being taken down: all
// that derives from it is dropped, so that stores to it become fast.
constexpr u32 most_writes = 64;

u64 fetched_index(u64 address, u64 size) { return (address >> page_bits ^ address >> 24) % size; }

}  // namespace

// A walk for `address` has succeeded, and what it found may be cached.
void Mmu::note_tables(u64 address, AccessKind kind, const Walk& walk) {
  const u8 depth = static_cast<u8>(walk.level + walk.count);
  const u8 va_bits = static_cast<u8>(page_bits + 9 * depth);
  for (u8 i = 0; i < walk.count; ++i) {
    const u8 level = static_cast<u8>(depth - 1 - i);
    const u64 covered = page_bits + 9 * (level + 1u);  // bits of an address below the table's own
    const u64 base = i == 0 ? 0 : address >> covered << covered;
    const u64 page = walk.entries[i].value() >> page_bits;
    const u32 shape = u32{level} << 8 | va_bits;
    Noted& noted = noted_[page % noted_size];
    if (noted.page == page && noted.base == base && noted.shape == shape) [[likely]] continue;
    const auto [at, is_new] = tables_.try_emplace(page, Table{base, level, va_bits, false, 0});
    if (is_new) memory_.ram_at(walk.entries[i], 8)->mark(walk.entries[i], MarkPageTable);
    Table& table = at->second;
    table.writes = 0;
    table.ambiguous |= table.base != base || table.level != level || table.va_bits != va_bits;
    noted = {page, base, shape};
  }
  if (kind == AccessKind::Fetch) fetched_.set(fetched_index(address, fetched_size));
}

bool Mmu::derives(PhysAddr page, PageMark mark) const {
  return mark == MarkPageTable && tables_.contains(page.value() >> page_bits);
}

// Nothing derives from any table any more. Their marks go when they are written to.
void Mmu::forget_tables() {
  tables_.clear();
  noted_.fill(Noted{});
  fetched_.reset();
}

void Mmu::flush() {
  contexts_.clear();
  forget_numbers();
  forget_tables();
  update_context();
}

void Mmu::renew_fetch_space() {
  ++generation_;
  fetches_.fill(Entry{});
  fetched_.reset();
  update_context();
}

// Drops what is cached of these virtual addresses, in all contexts.
void Mmu::drop_range(u64 first, u64 size) {
  const auto drop = [&](Entry& e) {
    if ((e.tag & ~(page_size - 1)) - first < size) e = Entry{};
  };
  // A last-level table's pages one by one; of more, every entry is looked at.
  const bool few = size <= page_size << 9;
  bool fetched = !few && fetched_.any();
  if (!few) for_each_entry(drop);
  for (u64 at = 0; few && at < size; at += page_size) {
    for (const AccessKind kind : {AccessKind::Load, AccessKind::Store, AccessKind::Fetch}) drop(entry(kind, first + at));
    fetched = fetched || fetched_.test(fetched_index(first + at, fetched_size));
  }
  if (fetched) renew_fetch_space();
}

// A valid entry of a table is about to be another one.
void Mmu::entry_changes(const Table& table, u64 offset, u64 entry) {
  const u64 first = sign_extend(table.base + offset / 8 * table.span(), table.va_bits);
  drop_range(first, table.span());
  if (entry & pte_leaf || table.level == 0) return;
  // Nothing derives from the next table any more; it may soon be one elsewhere, or data.
  const PhysAddr next{bits(entry, 10, 44) << page_bits};
  const auto found = tables_.find(next.value() >> page_bits);
  if (found != tables_.end() && !found->second.ambiguous && found->second.base == first &&
      found->second.level + 1 == table.level)
    forget_table(next);
}

void Mmu::forget_table(PhysAddr page) {
  const u64 number = page.value() >> page_bits;
  tables_.erase(number);
  noted_[number % noted_size] = Noted{};
  if (Ram* ram = memory_.ram_at(page, page_size)) ram->release(page, MarkPageTable);
}

// An address space is taken down or laid out anew: nothing else derives from its root.
void Mmu::forget_root(PhysAddr page) {
  std::erase_if(contexts_, [page](const Context& c) { return bits(c.satp, 0, 44) == page.value() >> page_bits; });
  forget_numbers();
  forget_table(page);
  update_context();
}

void Mmu::before_write(PhysAddr address, u64 size, u8 marks) {
  if (!(marks & MarkPageTable)) return;
  Ram* ram = memory_.ram_at(address, size);
  const PhysAddr page{align_down(address.value(), page_size)};
  const auto found = tables_.find(page.value() >> page_bits);
  if (found == tables_.end()) return ram->release(page, MarkPageTable);
  noted_[found->first % noted_size] = Noted{};  // the next walk finds that it was written
  const bool worn_out = ++found->second.writes > most_writes;
  const Table table = found->second;
  if (worn_out && !table.ambiguous && !table.is_root()) {
    drop_range(table.base, table.span() * (page_size / 8));
    return forget_table(page);
  }
  const u64 final = address + (size - 1) - page;
  for (u64 offset = (address - page) & ~u64{7}; offset <= final; offset += 8) {
    u64 entry = 0;
    std::memcpy(&entry, ram->host(page + offset), 8);
    // Invalid entries are never cached, so only a change to a valid one matters.
    if (!(entry & pte_valid) && !worn_out) continue;
    if (table.is_root() && !table.ambiguous) return forget_root(page);
    if (table.ambiguous || worn_out) {
      flush();
      return ram->release(page, MarkPageTable);
    }
    entry_changes(table, offset, entry);
  }
}

void Mmu::page_marked(PhysAddr page) {
  Ram* ram = memory_.ram_at(page, page_size);
  const u64 host = reinterpret_cast<u64>(ram->host(page));
  for (Entry& e : stores_)
    if (e.tag != ~u64{0} && (e.tag & ~(page_size - 1)) + e.addend == host) e = Entry{};
}

}  // namespace orrery
