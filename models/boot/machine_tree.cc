#include "models/boot/machine_tree.h"

#include "base/random.h"
#include "cpu/arch/events.h"
#include "cpu/isa/op.h"

namespace orrery {
namespace {

using Node = DeviceTree::Node;

void set_strings(Node& node, std::string_view name, const std::vector<std::string>& texts) {
  std::vector<u8> value;
  for (const std::string& text : texts) {
    value.insert(value.end(), text.begin(), text.end());
    value.push_back(0);
  }
  node.bytes(name, value);
}

const char* mmu_type(const HartConfig& hart) {
  if (!hart.has(Extension::S)) return nullptr;
  switch (hart.satp) {
    case SatpMode::Bare: break;
    case SatpMode::Sv39: return "riscv,sv39";
    case SatpMode::Sv48: return "riscv,sv48";
    case SatpMode::Sv57: return "riscv,sv57";
  }
  return nullptr;
}

// Linux, Documentation/devicetree/bindings/riscv/cpus.yaml and extensions.yaml.
Node& describe_hart(Node& cpus, HartId id, const HartConfig& hart) {
  Node& cpu = cpus.add(fmt::format("cpu@{:x}", id));
  cpu.string("device_type", "cpu").cells("reg", {id}).string("status", "okay");
  cpu.string("compatible", "riscv");
  cpu.string("riscv,isa", hart.isa_string());
  cpu.string("riscv,isa-base", "rv64i");
  set_strings(cpu, "riscv,isa-extensions", hart.extension_names());
  if (const char* type = mmu_type(hart)) cpu.string("mmu-type", type);
  if (hart.has(Extension::Zicbom)) cpu.cells("riscv,cbom-block-size", {cache_block_bytes});
  if (hart.has(Extension::Zicbop)) cpu.cells("riscv,cbop-block-size", {cache_block_bytes});
  if (hart.has(Extension::Zicboz)) cpu.cells("riscv,cboz-block-size", {cache_block_bytes});
  Node& interrupts = cpu.add("interrupt-controller");
  interrupts.cells("#interrupt-cells", {1}).flag("interrupt-controller");
  interrupts.string("compatible", "riscv,cpu-intc");
  return cpu;
}

// The phandles of the harts' interrupt controllers.
std::vector<u32> describe_harts(Node& root, const MachineFacts& facts, const HartConfig& hart) {
  if (facts.timebase.hertz > ~u32{0})  // one cell holds it
    config_error("machine.timebase: must be below 4.29GHz, found {}",
                 format_quantity(facts.timebase.hertz, Unit::Frequency));
  Node& cpus = root.add("cpus");
  cpus.cells("#address-cells", {1}).cells("#size-cells", {0});
  cpus.cells("timebase-frequency", {static_cast<u32>(facts.timebase.hertz)});
  std::vector<u32> controllers, cores;
  for (HartId id = 0; id < facts.harts; ++id) {
    Node& cpu = describe_hart(cpus, id, hart);
    if (facts.numa.nodes > 1) cpu.cells("numa-node-id", {facts.numa.of_hart(id)});
    cores.push_back(cpu.phandle());
    controllers.push_back(cpu.children().front()->phandle());
  }
  Node& cluster = cpus.add("cpu-map").add("cluster0");
  for (HartId id = 0; id < facts.harts; ++id)
    cluster.add(fmt::format("core{}", id)).cells("cpu", {cores[id]});
  return controllers;
}

// RAM, node by node, and how far apart nodes are (the binding "numa-distance-map-v1": 10 is one's own).
void describe_memory(Node& root, const MachineFacts& facts) {
  const u32 nodes = facts.numa.nodes;
  std::vector<u32> distances;
  for (u32 node = 0; node < nodes; ++node) {
    const PhysAddr base = nodes == 1 ? facts.ram_base : facts.numa.first(node);
    Node& memory = root.add(fmt::format("memory@{:x}", base.value()));
    memory.string("device_type", "memory");
    memory.reg(base, nodes == 1 ? facts.ram_size : facts.numa.bytes(node));
    if (nodes > 1) memory.cells("numa-node-id", {node});
    for (u32 other = 0; other < nodes; ++other)
      distances.insert(distances.end(), {node, other, node == other ? 10u : 20u});
  }
  if (nodes == 1) return;
  Node& map = root.add("distance-map");
  map.string("compatible", "numa-distance-map-v1").cells("distance-matrix", distances);
}

// Tells the firmware which counters can count what (OpenSBI, docs/pmu_support.md).
void describe_counters(Node& root, const HartConfig& hart) {
  if (!hart.has(Extension::Sscofpmf)) return;
  const u32 programmable = ((u32{1} << hart.hpm_counters) - 1) << 3;
  std::vector<u32> selectors, counters;
  for (const CountedEvent& event : counted_events) {
    const u32 which = programmable | event.fixed_counters;
    selectors.insert(selectors.end(), {event.sbi, 0, event.selector});
    counters.insert(counters.end(), {event.sbi, event.sbi, which});
  }
  Node& pmu = root.add("pmu");
  pmu.string("compatible", "riscv,pmu");
  pmu.cells("riscv,event-to-mhpmevent", selectors);
  pmu.cells("riscv,event-to-mhpmcounters", counters);
  // Raw events: any selector of 24 bits, as two cells, the bits that must agree, and the counters.
  pmu.cells("riscv,raw-event-to-mhpmcounters", {0, 0, 0xffff'ffff, 0xff00'0000, programmable});
}

void describe_chosen(DeviceTree& tree, const MachineFacts& facts, const ChosenFacts& facts_of_boot,
                     const Node* console) {
  Node& chosen = tree.root().add("chosen");
  chosen.string("bootargs", facts_of_boot.bootargs);
  if (facts_of_boot.initrd_start && facts_of_boot.initrd_end) {
    chosen.cells64("linux,initrd-start", {facts_of_boot.initrd_start->value()});
    chosen.cells64("linux,initrd-end", {facts_of_boot.initrd_end->value()});
  }
  if (console) chosen.string("stdout-path", console->path());
  std::vector<u8> seed;
  Random random(facts.seed);
  constexpr int words = 8;
  for (int i = 0; i < words; ++i) {
    const u64 word = random.next();
    for (unsigned shift = 0; shift < 64; shift += 8) seed.push_back(static_cast<u8>(word >> shift));
  }
  chosen.bytes("rng-seed", seed);
}

}  // namespace

DeviceTree make_machine_tree(const MachineFacts& facts, const HartConfig& hart,
                             const ChosenFacts& chosen, const DescribeBoard& describe_board) {
  DeviceTree tree;
  Node& root = tree.root();
  root.cells("#address-cells", {2}).cells("#size-cells", {2});
  root.string("compatible", "riscv-virtio").string("model", "orrery,virt");

  describe_memory(root, facts);
  const std::vector<u32> harts = describe_harts(root, facts, hart);
  describe_counters(root, hart);

  Node& soc = root.add("soc");
  soc.cells("#address-cells", {2}).cells("#size-cells", {2});
  soc.string("compatible", "simple-bus").flag("ranges");
  const Node* console = describe_board(tree, soc, harts);
  describe_chosen(tree, facts, chosen, console);
  return tree;
}

}  // namespace orrery
