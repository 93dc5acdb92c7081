// Flattened device trees (Devicetree Specification 0.4, chapter 5). All numbers are big-endian.
//
//   header | memory reservations, ended by (0, 0) | structure: tokens | strings: property names
#include <algorithm>
#include <map>
#include <set>

#include "base/bits.h"
#include "base/error.h"
#include "devices/device_tree.h"

namespace orrery {
namespace {

constexpr u32 magic = 0xd00dfeed;
constexpr u32 format_version = 17;
constexpr u32 last_compatible_version = 16;
constexpr std::size_t header_size = 40;
constexpr std::size_t deepest = 64;                   // nodes inside nodes
constexpr std::size_t largest_blob = u64{16} << 20;   // an operating system reads a few hundred KiB
enum Token : u32 { BeginNode = 1, EndNode = 2, Prop = 3, Nop = 4, End = 9 };

class Writer {
 public:
  void u32be(u64 value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes_.push_back(static_cast<u8>(value >> shift));
  }
  void u64be(u64 value) {
    u32be(value >> 32);
    u32be(value);
  }
  template <class Range>
  void append(const Range& range) {
    bytes_.insert(bytes_.end(), range.begin(), range.end());
  }
  void text(std::string_view text) {
    append(text);
    bytes_.push_back(0);
  }
  void align(u64 to) { bytes_.resize(align_up(bytes_.size(), to)); }
  std::size_t size() const { return bytes_.size(); }
  std::vector<u8>& bytes() { return bytes_; }

 private:
  std::vector<u8> bytes_;
};

class Flattener {
 public:
  void node(const DeviceTree::Node& node) {
    structure.u32be(BeginNode);
    structure.text(node.name());
    structure.align(4);
    for (const DeviceTree::Property& property : node.properties()) {
      structure.u32be(Prop);
      structure.u32be(property.value.size());
      structure.u32be(name_offset(property.name));
      structure.append(property.value);
      structure.align(4);
    }
    for (const auto& child : node.children()) this->node(*child);
    structure.u32be(EndNode);
  }

  Writer structure;
  Writer strings;

 private:
  std::size_t name_offset(const std::string& name) {
    const auto [at, added] = offsets_.emplace(name, strings.size());
    if (added) strings.text(name);
    return at->second;
  }
  std::map<std::string, std::size_t> offsets_;
};

}  // namespace

std::vector<u8> DeviceTree::serialise() const {
  Flattener parts;
  parts.node(*root_);
  parts.structure.u32be(End);

  const std::size_t reservations_at = align_up(header_size, 8);
  const std::size_t structure_at = reservations_at + 16 * (reservations_.size() + 1);
  const std::size_t strings_at = structure_at + parts.structure.size();
  Writer out;
  out.u32be(magic);
  out.u32be(align_up(strings_at + parts.strings.size(), 8));
  out.u32be(structure_at);
  out.u32be(strings_at);
  out.u32be(reservations_at);
  out.u32be(format_version);
  out.u32be(last_compatible_version);
  out.u32be(boot_hart_);
  out.u32be(parts.strings.size());
  out.u32be(parts.structure.size());
  out.align(8);
  for (const Reservation& reservation : reservations_) {
    out.u64be(reservation.base.value());
    out.u64be(reservation.size);
  }
  out.u64be(0);
  out.u64be(0);
  out.append(parts.structure.bytes());
  out.append(parts.strings.bytes());
  out.align(8);
  return std::move(out.bytes());
}

// Reads foreign bytes: every access goes through need(), depth and sizes are bounded.
class DeviceTreeReader {
 public:
  explicit DeviceTreeReader(std::span<const u8> blob) : blob_(blob) {}

  DeviceTree read() {
    need(0, header_size, "header");
    if (cell(0) != magic) config_error("device tree: does not begin with {:#x}", magic);
    const u64 total = cell(4);
    if (total < header_size || total > blob_.size() || total > largest_blob)
      config_error("device tree: its size field says {}, the data has {} bytes", total,
                   blob_.size());
    blob_ = blob_.first(total);
    if (cell(20) < format_version || cell(24) > format_version)
      config_error("device tree: version {} (compatible down to {}); known: {}", cell(20), cell(24),
                   format_version);
    DeviceTree tree;
    tree.boot_hart_ = cell(28);
    strings_at_ = cell(12);
    strings_size_ = cell(32);
    need(strings_at_, strings_size_, "strings");
    reservations(tree, cell(16));
    structure(tree, cell(8), cell(36));
    return tree;
  }

 private:
  struct Open {
    DeviceTree::Node* node;
    std::set<std::string_view> children;  // names so far
    std::set<std::string_view> properties;
  };

  void need(u64 offset, u64 size, std::string_view what) const {
    if (offset > blob_.size() || size > blob_.size() - offset)
      config_error("device tree: {} at {:#x}, {} bytes, is outside of the {} bytes there are", what,
                   offset, size, blob_.size());
  }

  u32 cell(u64 offset) const {
    need(offset, 4, "a cell");
    u32 value = 0;
    for (const u8 byte : blob_.subspan(offset, 4)) value = value << 8 | byte;
    return value;
  }

  // The text from `offset`, its NUL before `end`.
  std::string_view text(u64 offset, u64 end, std::string_view what) const {
    const auto begin = blob_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, end));
    const auto limit = blob_.begin() + static_cast<std::ptrdiff_t>(end);
    const auto nul = std::find(begin, limit, u8{0});
    if (nul == limit) config_error("device tree: {} at {:#x} does not end", what, offset);
    return {reinterpret_cast<const char*>(blob_.data()) + offset,
            static_cast<std::size_t>(nul - begin)};
  }

  void reservations(DeviceTree& tree, u64 offset) const {
    if (offset % 8) config_error("device tree: memory reservations at {:#x}", offset);
    for (;; offset += 16) {
      need(offset, 16, "a memory reservation");
      const u64 base = u64{cell(offset)} << 32 | cell(offset + 4);
      const u64 size = u64{cell(offset + 8)} << 32 | cell(offset + 12);
      if (base == 0 && size == 0) return;
      tree.reserve(PhysAddr{base}, size);
    }
  }

  void structure(DeviceTree& tree, u64 offset, u64 size) {
    need(offset, size, "structure");
    if (offset % 4) config_error("device tree: structure at {:#x}", offset);
    at_ = offset;
    end_ = offset + size;
    bool root_seen = false;
    for (;;) {
      const u32 token = next();
      if (token == Nop) continue;
      if (token == End) break;
      if (token == BeginNode && open_.size() < deepest && (!open_.empty() || !root_seen)) {
        begin_node(tree);
        root_seen = true;
      } else if (token == EndNode && !open_.empty()) {
        open_.pop_back();
      } else if (token == Prop && !open_.empty()) {
        property(tree);
      } else {
        config_error("device tree: unexpected token {:#x} at {:#x}, {} nodes deep", token, at_ - 4,
                     open_.size());
      }
    }
    if (!open_.empty() || !root_seen) config_error("device tree: ends within a node");
  }

  u32 next() {
    if (end_ - at_ < 4) config_error("device tree: the structure does not end");
    at_ += 4;
    return cell(at_ - 4);
  }

  // Continues after `size` bytes and their padding.
  void skip(u64 size) { at_ = std::min(align_up(at_ + size, 4), end_); }

  void begin_node(DeviceTree& tree) {
    const std::string_view name = text(at_, end_, "a node's name");
    skip(name.size() + 1);
    if (open_.empty()) {
      open_.push_back({tree.root_.get(), {}, {}});
      return;
    }
    DeviceTree::Node& parent = *open_.back().node;
    if (!is_node_name(name)) config_error("device tree: {}: a child has a bad name", parent.path());
    if (!open_.back().children.insert(name).second)
      config_error("device tree: {}: two children {}", parent.path(), name);
    parent.children_.emplace_back(new DeviceTree::Node(&parent, std::string(name)));
    open_.push_back({parent.children_.back().get(), {}, {}});
  }

  void property(DeviceTree& tree) {
    DeviceTree::Node& node = *open_.back().node;
    const u64 size = next();
    const u64 name_at = next();
    if (size > end_ - at_) config_error("device tree: {}: a value does not end", node.path());
    const std::span<const u8> value = blob_.subspan(at_, size);
    skip(size);
    if (name_at >= strings_size_)
      config_error("device tree: {}: a property's name is at {:#x}", node.path(), name_at);
    const std::string_view name =
        text(strings_at_ + name_at, strings_at_ + strings_size_, "a property's name");
    if (!is_property_name(name))
      config_error("device tree: {}: a property has a bad name", node.path());
    if (!open_.back().properties.insert(name).second)
      config_error("device tree: {}: two properties {}", node.path(), name);
    node.properties_.push_back({std::string(name), {value.begin(), value.end()}});
    if (name != "phandle") return;
    const u32 given = node.cell(name).value_or(0);
    if (given >= tree.root_->next_phandle_ && given < ~u32{1})
      tree.root_->next_phandle_ = given + 1;
  }

  std::span<const u8> blob_;
  u64 strings_at_ = 0;
  u64 strings_size_ = 0;
  u64 at_ = 0;
  u64 end_ = 0;
  std::vector<Open> open_;
};

DeviceTree DeviceTree::parse(std::span<const u8> blob) { return DeviceTreeReader(blob).read(); }

}  // namespace orrery
