#include "checkpoint/log_entry.h"

#include "base/error.h"

namespace orrery {
namespace {

using Kind = LogEntry::Kind;

struct Layout {
  const char* name;
  bool hart, address, value, bytes;
};

constexpr Layout layouts[] = {
    {"run", true, false, true, false},
    {"interrupt", true, false, true, false},
    {"CSR read", true, true, true, false},
    {"device load", true, true, true, false},
    {"store-conditional", true, true, true, false},
    {"device store", true, true, true, false},
    {"memory write", true, true, true, true},
    {"input", false, false, false, true},
    {"check", true, false, true, true},
    {"RAM check", false, false, false, true},
    {"end", false, true, true, false},
};
static_assert(std::size(layouts) == static_cast<std::size_t>(Kind::End) + 1);

constexpr unsigned kind_bits = 4;  // of the first number; the hart is above

const Layout& layout_of(Kind kind) { return layouts[static_cast<std::size_t>(kind)]; }

// Seven bits a byte, the lowest first, the top bit says that more follow.
void put(std::vector<u8>& out, u64 value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<u8>(value | 0x80));
  out.push_back(static_cast<u8>(value));
}

bool get(std::span<const u8>& in, u64& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const u64 group = in[0] & 0x7f;
    const bool last = !(in[0] & 0x80);
    in = in.subspan(1);
    if (shift == 63 && group > 1) return false;
    value |= group << shift;
    if (last) return true;
  }
  return false;
}

}  // namespace

const char* kind_name(Kind kind) { return layout_of(kind).name; }

bool is_decision(Kind kind) { return kind >= Kind::Csr && kind <= Kind::DeviceStore; }

void encode(const LogEntry& entry, std::vector<u8>& out) {
  ORRERY_CHECK(entry.bytes.size() <= most_entry_bytes, "{} of {} bytes", kind_name(entry.kind),
               entry.bytes.size());
  const Layout& layout = layout_of(entry.kind);
  put(out, static_cast<u64>(entry.kind) | (layout.hart ? u64{entry.hart} << kind_bits : 0));
  if (layout.address) put(out, entry.address);
  if (layout.value) put(out, entry.value);
  if (!layout.bytes) return;
  put(out, entry.bytes.size());
  out.insert(out.end(), entry.bytes.begin(), entry.bytes.end());
}

bool decode(std::span<const u8>& in, LogEntry& entry) {
  u64 first = 0;
  if (!get(in, first)) return false;
  const u64 kind = first & ((1u << kind_bits) - 1);
  const u64 hart = first >> kind_bits;
  if (kind >= std::size(layouts) || hart > ~u32{0}) return false;
  entry = {static_cast<Kind>(kind), static_cast<u32>(hart), 0, 0, {}};
  const Layout& layout = layout_of(entry.kind);
  if (!layout.hart && hart != 0) return false;
  if (layout.address && !get(in, entry.address)) return false;
  if (layout.value && !get(in, entry.value)) return false;
  if (!layout.bytes) return true;
  u64 size = 0;
  if (!get(in, size) || size > most_entry_bytes || size > in.size()) return false;
  entry.bytes.assign(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(size));
  in = in.subspan(size);
  return true;
}

}  // namespace orrery
