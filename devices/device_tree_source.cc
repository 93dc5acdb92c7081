// Device tree source text (Devicetree Specification 0.4, chapter 6).
#include <fmt/format.h>

#include <iterator>

#include "devices/device_tree.h"

namespace orrery {
namespace {

using Out = std::back_insert_iterator<std::string>;

// A list of texts: printable, each of at least one character and ended by NUL.
bool looks_like_text(const std::vector<u8>& value) {
  if (value.empty() || value.back() != 0) return false;
  u8 before = 0;
  for (const u8 byte : value) {
    if (byte == 0 ? before == 0 : byte < 0x20 || byte > 0x7e) return false;
    before = byte;
  }
  return true;
}

void print_text(const std::vector<u8>& value, std::string& out) {
  const char* separator = "\"";
  for (const u8 byte : value) {
    out += separator;
    separator = "";
    if (byte == 0) {
      out += '"';
      separator = ", \"";
      continue;
    }
    if (byte == '"' || byte == '\\') out += '\\';
    out += static_cast<char>(byte);
  }
}

void print_value(const std::vector<u8>& value, std::string& out) {
  const Out to = std::back_inserter(out);
  if (looks_like_text(value)) {
    print_text(value, out);
  } else if (value.size() % 4 == 0) {
    out += '<';
    for (std::size_t i = 0; i < value.size(); i += 4)
      fmt::format_to(to, "{}{:#x}", i ? " " : "",
                     u32{value[i]} << 24 | u32{value[i + 1]} << 16 | u32{value[i + 2]} << 8 |
                         u32{value[i + 3]});
    out += '>';
  } else {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i)
      fmt::format_to(to, "{}{:02x}", i ? " " : "", value[i]);
    out += ']';
  }
}

void print_node(const DeviceTree::Node& node, std::size_t depth, std::string& out) {
  const std::string indent(depth, '\t');
  out += indent + (node.parent() ? node.name() : "/") + " {\n";
  for (const DeviceTree::Property& property : node.properties()) {
    out += indent + '\t' + property.name;
    if (!property.value.empty()) {
      out += " = ";
      print_value(property.value, out);
    }
    out += ";\n";
  }
  bool first = node.properties().empty();
  for (const auto& child : node.children()) {
    if (!first) out += '\n';
    first = false;
    print_node(*child, depth + 1, out);
  }
  out += indent + "};\n";
}

}  // namespace

std::string DeviceTree::source() const {
  std::string out = "/dts-v1/;\n";
  for (const Reservation& reservation : reservations_)
    fmt::format_to(std::back_inserter(out), "/memreserve/ {:#x} {:#x};\n",
                   reservation.base.value(), reservation.size);
  out += '\n';
  print_node(*root_, 0, out);
  return out;
}

}  // namespace orrery
