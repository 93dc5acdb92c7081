#include "devices/device_tree.h"

#include <algorithm>

#include "base/error.h"

namespace orrery {
namespace {

constexpr std::size_t longest_name = 255;  // a bound on what foreign blobs can make us store

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void append(std::vector<u8>& out, u64 value, unsigned size) {
  for (unsigned i = size; i-- > 0;) out.push_back(static_cast<u8>(value >> (8 * i)));
}

}  // namespace

bool is_node_name(std::string_view name) {
  const auto good = [](char c) {
    return is_alphanumeric(c) || std::string_view(",._+-").find(c) != std::string_view::npos;
  };
  const std::size_t at = name.find('@');
  const std::string_view base = name.substr(0, at);
  if (base.empty() || name.size() > longest_name || !std::all_of(base.begin(), base.end(), good))
    return false;
  if (at == std::string_view::npos) return true;
  const std::string_view unit = name.substr(at + 1);
  return !unit.empty() && std::all_of(unit.begin(), unit.end(), good);
}

bool is_property_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_alphanumeric(c) ||
                  std::string_view(",._+?#*-").find(c) != std::string_view::npos;
         });
}

DeviceTree::DeviceTree() : root_(new Node(nullptr, "")) {}

std::string DeviceTree::Node::path() const {
  if (!parent_) return "/";
  return (parent_->parent_ ? parent_->path() : "") + "/" + name_;
}

DeviceTree::Node& DeviceTree::Node::add(std::string name) {
  ORRERY_CHECK(is_node_name(name), "device tree: {}: bad node name \"{}\"", path(), name);
  for (const auto& child : children_)
    ORRERY_CHECK(child->name_ != name, "device tree: two nodes {}", child->path());
  children_.emplace_back(new Node(this, std::move(name)));
  return *children_.back();
}

DeviceTree::Node& DeviceTree::Node::bytes(std::string_view name, std::span<const u8> value) {
  ORRERY_CHECK(is_property_name(name), "device tree: {}: bad property name \"{}\"", path(), name);
  std::vector<u8> copy(value.begin(), value.end());
  for (Property& property : properties_) {
    if (property.name != name) continue;
    property.value = std::move(copy);
    return *this;
  }
  properties_.push_back({std::string(name), std::move(copy)});
  return *this;
}

DeviceTree::Node& DeviceTree::Node::flag(std::string_view name) { return bytes(name, {}); }

DeviceTree::Node& DeviceTree::Node::cells(std::string_view name, std::span<const u32> values) {
  std::vector<u8> out;
  for (const u32 value : values) append(out, value, 4);
  return bytes(name, out);
}

DeviceTree::Node& DeviceTree::Node::cells(std::string_view name,
                                          std::initializer_list<u32> values) {
  return cells(name, std::span(values.begin(), values.size()));
}

DeviceTree::Node& DeviceTree::Node::cells64(std::string_view name,
                                            std::initializer_list<u64> values) {
  std::vector<u8> out;
  for (const u64 value : values) append(out, value, 8);
  return bytes(name, out);
}

DeviceTree::Node& DeviceTree::Node::string(std::string_view name, std::string_view text) {
  return strings(name, {text});
}

DeviceTree::Node& DeviceTree::Node::strings(std::string_view name,
                                            std::initializer_list<std::string_view> texts) {
  std::vector<u8> out;
  for (const std::string_view text : texts) {
    out.insert(out.end(), text.begin(), text.end());
    out.push_back(0);
  }
  return bytes(name, out);
}

DeviceTree::Node& DeviceTree::Node::reg(PhysAddr base, u64 size) {
  ORRERY_CHECK(name_.ends_with(fmt::format("@{:x}", base.value())),
               "device tree: {} is at {:#x}", path(), base.value());
  return cells64("reg", {base.value(), size});
}

u32 DeviceTree::Node::phandle() {
  if (const auto given = cell("phandle")) return *given;
  Node* top = this;
  while (top->parent_) top = top->parent_;
  const u32 number = top->next_phandle_++;
  cells("phandle", {number});
  return number;
}

const DeviceTree::Property* DeviceTree::Node::find_property(std::string_view name) const {
  for (const Property& property : properties_)
    if (property.name == name) return &property;
  return nullptr;
}

std::optional<u32> DeviceTree::Node::cell(std::string_view name, std::size_t index) const {
  const Property* found = find_property(name);
  if (!found || index >= found->value.size() / 4) return std::nullopt;
  u32 value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | found->value[4 * index + i];
  return value;
}

std::optional<std::string> DeviceTree::Node::text(std::string_view name) const {
  const Property* found = find_property(name);
  if (!found) return std::nullopt;
  const auto end = std::find(found->value.begin(), found->value.end(), u8{0});
  if (end == found->value.end()) return std::nullopt;
  return std::string(found->value.begin(), end);
}

void DeviceTree::Node::remove_property(std::string_view name) {
  std::erase_if(properties_, [&](const Property& property) { return property.name == name; });
}

DeviceTree::Node* DeviceTree::find(std::string_view path) {
  if (!path.starts_with('/')) return nullptr;
  Node* node = root_.get();
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    Node* exact = nullptr;
    Node* without_unit = nullptr;
    std::size_t matches = 0;
    for (const auto& child : node->children_) {
      const std::string_view full = child->name();
      if (full == name) exact = child.get();
      if (full.substr(0, full.find('@')) != name) continue;
      without_unit = child.get();
      ++matches;
    }
    node = exact ? exact : matches == 1 ? without_unit : nullptr;
    if (!node) return nullptr;
  }
  return node;
}

}  // namespace orrery
