// Access to memory by value: the slow paths behind the inline TLB, fetches and cache blocks.
#include "cpu/arch/mmu.h"

#include "base/bits.h"
#include "cpu/arch/hart.h"

namespace orrery {

Mmu::Mmu(Hart& hart, AddressSpace& memory) : hart_(hart), memory_(memory) {
  forget_numbers();
  for (const auto& region : memory_.regions())
    if (region.ram) region.ram->watch(*this);
}

Mmu::~Mmu() {
  for (const auto& region : memory_.regions())
    if (region.ram) region.ram->unwatch(*this);
}

MemoryStatus Mmu::fail(AccessKind kind, bool page_fault, u64 address) {
  static constexpr Cause page[] = {Cause::LoadPage, Cause::StorePage, Cause::InstructionPage};
  static constexpr Cause access[] = {Cause::LoadAccess, Cause::StoreAccess, Cause::InstructionAccess};
  const int k = static_cast<int>(kind);
  trap_ = {page_fault ? page[k] : access[k], address};
  return MemoryStatus::Trap;
}

void Mmu::fill(u64 address, AccessKind kind, u64 context, PhysAddr physical) {
  const PhysAddr page{align_down(physical.value(), page_size)};
  Ram* ram = memory_.ram_at(page, page_size);
  if (!ram || (kind == AccessKind::Store && ram->marks(page))) return;
  const u64 virtual_page = align_down(address, page_size);
  entry(kind, address) = {
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
  // Misaligned accesses miss the fast path's tags, but need no walk where the page is at hand.
  if (u8* host = nullptr; misaligned && offset + size <= page_size &&
                          find_host(address, AccessKind::Load, host, last.physical)) {
    last.ram = true;
    value = 0;
    std::memcpy(&value, host, size);
    return MemoryStatus::Ok;
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
  if (u8* host = nullptr; misaligned && offset + size <= page_size &&
                          find_host(address, AccessKind::Store, host, last.physical)) {
    last.ram = true;
    std::memcpy(host, &value, size);
    return MemoryStatus::Ok;
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
  const Entry& e = entry(kind, address);
  if (e.tag != tag<1>(address, kind == AccessKind::Fetch ? fetch_context_ : data_context_)) return false;
  host = reinterpret_cast<u8*>(address + e.addend);
  for (const Ram* ram : memory_.rams()) {
    const u64 offset = static_cast<u64>(host - ram->host(ram->base()));
    if (offset >= ram->size()) continue;
    physical = ram->base() + offset;
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
  const u64 block = align_down(address, size);
  if (u8* host = nullptr; find_host(block, AccessKind::Store, host, last.physical)) {
    last.ram = true;
    std::memset(host, 0, size);
    return MemoryStatus::Ok;
  }
  Walk walk;
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
  if (walk.cacheable && !attention) fill(block, AccessKind::Store, data_context_, walk.physical);
  return MemoryStatus::Ok;
}

}  // namespace orrery
