// The device tree: what a machine tells its operating system about itself.
//
// A tree of nodes with named properties, built by whoever knows each part (devices describe
// themselves, the boot code writes cpus, memory and chosen), serialised as a flattened device tree
// (Devicetree Specification 0.4, chapter 5, version 17), parsed back, and printed as source text.
//
//   DeviceTree tree;
//   DeviceTree::Node& soc = tree.root().add("soc");
//   soc.cells("#address-cells", {2}).cells("#size-cells", {2}).flag("ranges");
//   soc.add("serial@10000000").reg(PhysAddr{0x10000000}, 0x100).string("compatible", "ns16550a");
//   std::vector<u8> blob = tree.serialise();
//
// Contract: names that our own code gives are checked (a bad one is our bug); everything parse()
// reads is foreign and answers a ConfigError. Nodes and properties keep the order they came in.
// References to nodes stay valid until the tree dies.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace orrery {

class DeviceTree {
 public:
  struct Property {
    std::string name;
    std::vector<u8> value;  // big-endian cells, texts with their NUL
  };

  class Node {
   public:
    const std::string& name() const { return name_; }
    std::string path() const;  // "/soc/serial@10000000"; "/" is the root
    Node* parent() const { return parent_; }
    const std::vector<Property>& properties() const { return properties_; }
    const std::vector<std::unique_ptr<Node>>& children() const { return children_; }

    // A new child: "name" or "name@unit", the unit in hexadecimal without leading zeros.
    Node& add(std::string name);

    // Each sets a property, in place of one that has the name, and returns this node.
    Node& flag(std::string_view name);
    Node& cells(std::string_view name, std::span<const u32> values);
    Node& cells(std::string_view name, std::initializer_list<u32> values);
    Node& cells64(std::string_view name, std::initializer_list<u64> values);
    Node& string(std::string_view name, std::string_view text);
    Node& strings(std::string_view name, std::initializer_list<std::string_view> texts);
    Node& bytes(std::string_view name, std::span<const u8> value);
    // "reg" of one range, in two address and two size cells; the unit of the name must agree.
    Node& reg(PhysAddr base, u64 size);

    // The number other nodes refer to this one by; given out on the first call.
    u32 phandle();

    const Property* find_property(std::string_view name) const;
    std::optional<u32> cell(std::string_view name, std::size_t index = 0) const;
    std::optional<std::string> text(std::string_view name) const;  // the first of a list
    void remove_property(std::string_view name);

   private:
    friend class DeviceTree;
    friend class DeviceTreeReader;
    Node(Node* parent, std::string name) : parent_(parent), name_(std::move(name)) {}

    Node* parent_;
    std::string name_;
    std::vector<Property> properties_;
    std::vector<std::unique_ptr<Node>> children_;
    u32 next_phandle_ = 1;  // of the whole tree; used in the root only
  };

  struct Reservation {
    PhysAddr base;
    u64 size;
  };

  DeviceTree();

  Node& root() { return *root_; }
  const Node& root() const { return *root_; }

  // The node at an absolute path; a name without unit finds "name@unit" when only one matches.
  Node* find(std::string_view path);

  // Memory the operating system must leave alone.
  void reserve(PhysAddr base, u64 size) { reservations_.push_back({base, size}); }
  const std::vector<Reservation>& reservations() const { return reservations_; }

  u32 boot_hart() const { return boot_hart_; }

  std::vector<u8> serialise() const;

  // Reads a blob. ConfigError ("device tree: ...") for anything that is not a sound tree.
  static DeviceTree parse(std::span<const u8> blob);

  // Source text (DTS). The type of a value is guessed from its bytes, as dtc does.
  std::string source() const;

 private:
  friend class DeviceTreeReader;

  std::unique_ptr<Node> root_;
  std::vector<Reservation> reservations_;
  u32 boot_hart_ = 0;
};

// The rules of names (Devicetree Specification 2.2.1 and 2.2.4), without their limit of 31.
bool is_node_name(std::string_view name);
bool is_property_name(std::string_view name);

}  // namespace orrery
