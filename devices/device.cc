#include "devices/device.h"

#include <fmt/format.h>

namespace orrery {

DeviceTree::Node& Device::describe_as(const DeviceSite& site, std::string_view kind) {
  DeviceTree::Node& node = site.soc.add(fmt::format("{}@{:x}", kind, site.base.value()));
  node.reg(site.base, site.size);
  if (site.interrupt && site.interrupt_parent)
    node.cells("interrupts", {site.interrupt}).cells("interrupt-parent", {site.interrupt_parent});
  return node;
}

void Device::connect_to_harts(const DeviceSite& site, DeviceTree::Node& node,
                              std::span<const u32> inputs) {
  std::vector<u32> pairs;
  for (const u32 hart : site.harts)
    for (const u32 input : inputs) pairs.insert(pairs.end(), {hart, input});
  node.cells("interrupts-extended", pairs);
}

}  // namespace orrery
