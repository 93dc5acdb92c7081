#include "devices/device_tree.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "base/error.h"
#include "base/random.h"
#include "tests/devices/rig.h"
#include "tests/environment.h"

namespace orrery::test {
namespace {

// A whole machine's tree, as the boot code would write it.
DeviceTree machine_tree() {
  BoardBench bench;
  DeviceTree tree;
  DeviceTree::Node& root = tree.root();
  root.cells("#address-cells", {2}).cells("#size-cells", {2});
  root.string("compatible", "riscv-virtio").string("model", "a test");
  DeviceTree::Node& cpus = root.add("cpus");
  cpus.cells("#address-cells", {1}).cells("#size-cells", {0});
  cpus.cells("timebase-frequency", {10'000'000});
  std::vector<u32> harts;
  for (u32 id = 0; id < 2; ++id) {
    DeviceTree::Node& cpu = cpus.add("cpu@" + std::to_string(id));
    cpu.string("device_type", "cpu").cells("reg", {id}).string("compatible", "riscv");
    DeviceTree::Node& intc = cpu.add("interrupt-controller");
    intc.flag("interrupt-controller").cells("#interrupt-cells", {1});
    intc.cells("#address-cells", {0}).string("compatible", "riscv,cpu-intc");
    harts.push_back(intc.phandle());
  }
  root.add("memory@80000000").string("device_type", "memory").reg(PhysAddr{0x80000000}, 1 << 28);
  DeviceTree::Node& soc = root.add("soc");
  soc.cells("#address-cells", {2}).cells("#size-cells", {2}).string("compatible", "simple-bus");
  soc.flag("ranges");
  DeviceTree::Node* console = bench.board.describe(tree, soc, harts);
  root.add("chosen").string("stdout-path", console->path());
  tree.reserve(PhysAddr{0x80000000}, 0x40000);
  return tree;
}

// What a command prints, and its exit status.
std::pair<int, std::string> run(const std::string& command) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return {-1, ""};
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  return {pclose(pipe), output};
}

bool dtc_missing() { return run("dtc --version").first != 0; }

struct File {
  std::string path = testing::TempDir() + "orrery_" + std::to_string(getpid()) + "_" +
                     testing::UnitTest::GetInstance()->current_test_info()->name();
  template <class Range>
  explicit File(const Range& contents) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(contents.data()),
               static_cast<std::streamsize>(contents.size()));
  }
  ~File() { std::remove(path.c_str()); }
};

TEST(DeviceTree, is_parsed_back_as_it_was_written) {
  const std::vector<u8> blob = machine_tree().serialise();
  const DeviceTree parsed = DeviceTree::parse(blob);
  EXPECT_EQ(parsed.serialise(), blob);
  EXPECT_EQ(parsed.source(), machine_tree().source());
  EXPECT_EQ(parsed.boot_hart(), 0u);
  ASSERT_EQ(parsed.reservations().size(), 1u);
  EXPECT_EQ(parsed.reservations()[0].size, 0x40000u);
}

TEST(DeviceTree, dtc_accepts_the_blob_without_a_warning) {
  if (dtc_missing()) GTEST_SKIP() << "dtc (device-tree-compiler) is not installed";
  const File file(machine_tree().serialise());
  const auto [status, output] = run("dtc -q -I dtb -O dts -o /dev/null " + file.path);
  EXPECT_EQ(status, 0) << output;
  EXPECT_EQ(run("dtc -I dtb -O dts -o /dev/null " + file.path).second, "");
}

TEST(DeviceTree, dtc_compiles_the_source_to_the_same_tree) {
  if (dtc_missing()) GTEST_SKIP() << "dtc (device-tree-compiler) is not installed";
  const DeviceTree tree = machine_tree();
  const File file(tree.source());
  const std::string compiled = run("dtc -q -b 1 -I dts -O dtb " + file.path).second;
  const std::vector<u8> blob(compiled.begin(), compiled.end());
  EXPECT_EQ(DeviceTree::parse(blob).source(), tree.source());
}

TEST(DeviceTree, the_uart_node_is_that_of_virt) {
  DeviceTree tree = machine_tree();
  DeviceTree::Node* uart = tree.find("/soc/serial@10000000");
  ASSERT_NE(uart, nullptr);
  EXPECT_EQ(uart->text("compatible"), "ns16550a");
  EXPECT_EQ(uart->cell("interrupts"), 10u);
  EXPECT_EQ(uart->cell("interrupt-parent"), tree.find("/soc/plic")->cell("phandle"));
  EXPECT_EQ(uart->cell("clock-frequency"), 3'686'400u);
  EXPECT_EQ(uart->cell("reg", 1), 0x10000000u);
  EXPECT_EQ(uart->cell("reg", 3), 0x100u);
  EXPECT_EQ(tree.find("/chosen")->text("stdout-path"), "/soc/serial@10000000");
}

TEST(DeviceTree, poweroff_refers_to_the_test_finisher) {
  DeviceTree tree = machine_tree();
  EXPECT_EQ(tree.find("/poweroff")->cell("regmap"), tree.find("/soc/test")->phandle());
  EXPECT_EQ(tree.find("/poweroff")->cell("value"), 0x5555u);
  EXPECT_EQ(tree.find("/reboot")->cell("value"), 0x7777u);
}

TEST(DeviceTree, interrupt_controllers_list_both_modes_of_every_hart) {
  DeviceTree tree = machine_tree();
  DeviceTree::Node* plic = tree.find("/soc/plic");
  const u32 expected[] = {1, 11, 1, 9, 2, 11, 2, 9};
  for (std::size_t i = 0; i < std::size(expected); ++i)
    EXPECT_EQ(plic->cell("interrupts-extended", i), expected[i]) << i;
  EXPECT_EQ(plic->cell("riscv,ndev"), 95u);
}

TEST(DeviceTree, setting_a_property_again_replaces_it) {
  DeviceTree tree;
  tree.root().cells("x", {1}).cells("x", {2});
  EXPECT_EQ(tree.root().properties().size(), 1u);
  EXPECT_EQ(tree.root().cell("x"), 2u);
}

TEST(DeviceTree, phandles_given_by_hand_in_a_blob_are_not_given_again) {
  DeviceTree tree;
  tree.root().add("a").cells("phandle", {7});
  DeviceTree parsed = DeviceTree::parse(tree.serialise());
  EXPECT_EQ(parsed.find("/a")->phandle(), 7u);
  EXPECT_EQ(parsed.root().add("b").phandle(), 8u);
}

TEST(DeviceTree, names_follow_the_specification) {
  EXPECT_TRUE(is_node_name("serial@10000000"));
  EXPECT_TRUE(is_node_name("virtio_mmio@10001000"));
  for (const char* bad : {"", "a b", "@1", "a@", "a/b", "a@1@2"}) EXPECT_FALSE(is_node_name(bad));
  EXPECT_TRUE(is_property_name("#address-cells"));
  for (const char* bad : {"", "a b", "a/b", "a@1"}) EXPECT_FALSE(is_property_name(bad));
}

TEST(DeviceTree, source_shows_texts_cells_and_bytes) {
  DeviceTree tree;
  tree.root().strings("texts", {"a", "say \"b\""}).cells("cells", {1, 0xff}).flag("empty");
  tree.root().bytes("bytes", std::vector<u8>{1, 2, 3}).cells64("wide", {u64{1} << 32});
  tree.reserve(PhysAddr{0x1000}, 0x10);
  EXPECT_EQ(tree.source(),
            "/dts-v1/;\n/memreserve/ 0x1000 0x10;\n\n/ {\n\ttexts = \"a\", \"say \\\"b\\\"\";\n"
            "\tcells = <0x1 0xff>;\n\tempty;\n\tbytes = [01 02 03];\n\twide = <0x1 0x0>;\n};\n");
}

TEST(DeviceTree, a_tree_too_deep_is_refused) {
  DeviceTree tree;
  DeviceTree::Node* node = &tree.root();
  for (int i = 0; i < 100; ++i) node = &node->add("n");
  EXPECT_THROW(DeviceTree::parse(tree.serialise()), ConfigError);
}

TEST(DeviceTree, every_truncation_is_refused) {
  const std::vector<u8> blob = machine_tree().serialise();
  for (std::size_t size = 0; size < blob.size(); ++size)
    EXPECT_THROW(DeviceTree::parse(std::span(blob).first(size)), ConfigError) << size;
}

// Any bytes give a tree or a ConfigError; a tree can be printed, written and read again.
TEST(DeviceTree, survives_100000_mutations) {
  const std::vector<u8> good = machine_tree().serialise();
  Random random(1);
  int accepted = 0;
  for (int round = 0; round < 100'000 * fuzz_scale(); ++round) {
    std::vector<u8> blob = good;
    for (u64 changes = 1 + random.below(4); changes > 0; --changes) {
      const std::size_t at = random.below(4) ? random.below(blob.size()) : random.below(40);
      switch (random.below(3)) {
        case 0: blob[at] = static_cast<u8>(random.next()); break;
        case 1: blob[at] = static_cast<u8>(blob[at] ^ (1 << random.below(8))); break;
        default:  // a cell that is small, or huge
          for (std::size_t i = 0; i < 4 && (at & ~std::size_t{3}) + i < blob.size(); ++i)
            blob[(at & ~std::size_t{3}) + i] =
                i < 3 ? (random.below(2) ? 0 : 0xff) : static_cast<u8>(random.next());
      }
    }
    try {
      const DeviceTree tree = DeviceTree::parse(blob);
      ++accepted;
      if (round % 16) continue;
      EXPECT_FALSE(tree.source().empty());
      const std::vector<u8> again = tree.serialise();
      EXPECT_EQ(DeviceTree::parse(again).serialise(), again);
    } catch (const ConfigError& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("device tree: ")) << error.what();
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace orrery::test
