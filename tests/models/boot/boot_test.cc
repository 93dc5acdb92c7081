// Where the parts of a guest are put, and what the machine is told about them.
#include "models/boot/boot.h"

#include "base/json.h"
#include "models/boot/file.h"
#include "models/boot/reset_vector.h"
#include "tests/models/boot/blobs.h"

namespace orrery {
namespace {

using namespace blobs;
constexpr u64 mib = u64{1} << 20;

TEST(Boot, BareMetalElf) {
  const Folder folder;
  Memory memory;
  BootConfig config;
  config.kernel = folder.write("p.elf", elf());
  const BootImages images = memory.load(config);
  EXPECT_EQ(images.entry, 0x8000'0000u);
  EXPECT_TRUE(images.rom.empty());
  EXPECT_EQ(memory.read(PhysAddr{0x8000'0000}, 2), (Blob{1, 2}));
  EXPECT_EQ(memory.read(PhysAddr{0x8000'1000}, 2), (Blob{65, 66}));
  EXPECT_EQ(images.tohost, PhysAddr{0x8000'1000}) << "where it is loaded, not where it is seen";
  EXPECT_EQ(images.begin_signature, PhysAddr{0x8000'1008});
  EXPECT_EQ(images.end_signature, PhysAddr{0x8000'1010});
  EXPECT_EQ(images.fromhost, std::nullopt);
  EXPECT_EQ(images.symbols.describe(0x8000'0010), "main");
  EXPECT_EQ(images.device_tree, PhysAddr{0x83e0'0000}) << "the last large page";
  EXPECT_EQ(memory.read(images.device_tree, 1), (Blob{0xdd}));
  EXPECT_EQ(memory.chosen.initrd_start, std::nullopt);
}

TEST(Boot, LinuxWithFirmware) {
  const Folder folder;
  Memory memory;
  BootConfig config;
  config.firmware = folder.write("fw.bin", Blob(5000, 0xf0));
  config.kernel = folder.write("kernel", zboot(gzip(linux_image()), "gzip"));
  config.initramfs = folder.write("initramfs", gzip(Blob(100)));
  config.append = "console=ttyS0";
  config.command = "uname";
  config.add = {config.initramfs + ":/etc/"};
  const BootImages images = memory.load(config);
  EXPECT_EQ(images.entry, 0x1000u);
  EXPECT_EQ(images.kernel_entry, PhysAddr{0x8020'0000});
  EXPECT_EQ(memory.read(PhysAddr{0x8000'0000}, 1), (Blob{0xf0}));
  EXPECT_EQ(memory.read(PhysAddr{0x8020'0000}, 4096), linux_image());
  EXPECT_EQ(memory.chosen.bootargs, "console=ttyS0");
  ASSERT_TRUE(memory.chosen.initrd_start && memory.chosen.initrd_end);
  EXPECT_EQ(memory.chosen.initrd_start->value() % 4096, 0u);
  const u64 size = *memory.chosen.initrd_end - *memory.chosen.initrd_start;
  const Blob archive = memory.read(*memory.chosen.initrd_start, size);
  EXPECT_TRUE(matches(archive, 0, "\x1f\x8b"));
  const std::string text(archive.begin(), archive.end());
  EXPECT_NE(text.find("uname\n"), text.npos);
  EXPECT_NE(text.find("etc/initramfs"), text.npos);
  EXPECT_EQ(images.device_tree.value() % (2 * mib), 0u);
}

TEST(Boot, AddedFilesAloneMakeAnInitramfs) {
  const Folder folder;
  Memory memory;
  BootConfig config;
  config.kernel = folder.write("p.elf", elf());
  config.add = {folder.write("file", bytes_of("treasure")) + ":/chest"};
  memory.load(config);
  ASSERT_TRUE(memory.chosen.initrd_start && memory.chosen.initrd_end);
  const Blob archive = memory.read(*memory.chosen.initrd_start,
                                   *memory.chosen.initrd_end - *memory.chosen.initrd_start);
  EXPECT_TRUE(matches(archive, 0, "070701"));
  const std::string text(archive.begin(), archive.end());
  EXPECT_NE(text.find("chest"), text.npos);
  EXPECT_NE(text.find("treasure"), text.npos);
}

TEST(Boot, AFileLargerThanTheHostsMemoryIsRefused) {
  const Folder folder;
  const std::string path = folder.write("sparse", {});
  std::error_code error;
  std::filesystem::resize_file(path, u64{8} << 40, error);
  if (error) GTEST_SKIP() << "no sparse files here: " << error.message();
  EXPECT_EQ(error_of([&] { read_host_file("machine.boot.kernel", path, ~u64{0}); }),
            "machine.boot.kernel: " + path + " has 8796093022208 bytes, more than the host has memory for");
}

TEST(Boot, ResetVector) {
  const Blob rom = make_reset_rom({PhysAddr{0x8000'0000}, PhysAddr{0x9fe0'0000},
                                   PhysAddr{0x8020'0000}});
  // The words that QEMU's virt board has there.
  const u32 words[] = {0x00000297, 0x02828613, 0xf1402573, 0x0202b583, 0x0182b283, 0x00028067,
                       0x80000000, 0,          0x9fe00000, 0,          0x4942534f, 0,
                       2,          0,          0x80200000, 0,          1,          0,
                       0,          0,          0,          0};
  ASSERT_EQ(rom.size(), sizeof(words));
  for (u64 i = 0; i < std::size(words); ++i) EXPECT_EQ(field<u32>(rom, 4 * i), words[i]) << i;
}

TEST(Boot, EntryIsAlignedAsTheHartsAre) {
  const Folder folder;
  BootConfig config;
  config.kernel = folder.write("bytes", Blob(8));
  config.kernel_address = "0x80000002";
  const auto error = [&](u64 alignment) {
    Memory memory;
    return error_of([&] {
      load_images(config, memory.space, memory.ram, [](const ChosenFacts&) { return Blob(100); },
                  alignment);
    });
  };
  EXPECT_EQ(error(2), "");
  EXPECT_EQ(error(4), "machine.boot.kernel: " + config.kernel + ": begins at 0x80000002, and "
                      "instructions of these harts stand at multiples of 4");
}

TEST(Boot, FirmwareElfThatIsPositionIndependent) {
  const Folder folder;
  Memory memory;
  Blob firmware = elf();
  for (const u64 at : {first_segment, second_segment})
    poke(firmware, at + 24, field<u64>(firmware, at + 24) - 0x8000'0000);
  BootConfig config;
  config.firmware = folder.write("fw.elf", firmware);
  config.kernel = folder.write("kernel", linux_image());
  const BootImages images = memory.load(config);
  EXPECT_EQ(memory.read(PhysAddr{0x8000'0000}, 2), (Blob{1, 2}));
  EXPECT_EQ(field<u64>(images.rom, 24), 0x8000'0000u);
  EXPECT_EQ(images.symbols.describe(0x8000'0010), "main");
  EXPECT_EQ(images.tohost, std::nullopt) << "only a bare-metal program's counts";
}

TEST(Boot, NamesMoveWithAProgramThatRunsWhereItIsLoaded) {
  const Folder folder;
  Memory memory;
  Blob program = elf();
  poke(program, second_segment + 16, u64{0x8000'1000});
  BootConfig config;
  config.kernel = folder.write("p.elf", program);
  config.kernel_address = "0x80100000";
  const BootImages images = memory.load(config);
  EXPECT_EQ(images.entry, 0x8010'0000u);
  EXPECT_EQ(images.symbols.describe(0x8010'0011), "main+0x1");
  EXPECT_EQ(images.symbols.describe(0x8000'0010), "");
}

TEST(Boot, RawProgram) {
  const Folder folder;
  BootConfig config;
  config.kernel = folder.write("p.bin", Blob{0x13, 0, 0, 0});
  EXPECT_EQ(Memory().load(config).entry, 0x8000'0000u);
  config.kernel_address = "0x80001234";
  EXPECT_EQ(Memory().load(config).entry, 0x8000'1234u);
}

TEST(Boot, KernelWaitsBehindALargeFirmware) {
  const Folder folder;
  BootConfig config;
  config.firmware = folder.write("fw.bin", Blob(3 * mib, 1));
  config.kernel = folder.write("kernel", linux_image());
  EXPECT_EQ(Memory().load(config).kernel_entry, PhysAddr{0x8040'0000});
}

TEST(Boot, SmallMemory) {
  const Folder folder;
  Memory memory(64 << 10);
  BootConfig config;
  config.kernel = folder.write("p.elf", elf());
  const BootImages images = memory.load(config);
  EXPECT_TRUE(memory.ram.contains(images.device_tree, 2000));
  EXPECT_EQ(error_of([&] { Memory(8192).load(config, 7000); }),
            "machine.memory: 8KiB leaves no room for the device tree of 7000 bytes");
}

TEST(Boot, LargeMemoryKeepsImagesLow) {
  const Folder folder;
  Memory memory(u64{8} << 30);
  BootConfig config;
  config.firmware = folder.write("fw.bin", Blob(10, 1));
  config.initramfs = folder.write("i", gzip({}));
  const BootImages images = memory.load(config);
  EXPECT_LT(images.device_tree, PhysAddr{0xc000'0000});
  EXPECT_LT(*memory.chosen.initrd_end, PhysAddr{0xc000'0001});
}

TEST(Boot, MistakesAreNamed) {
  const Folder folder;
  const std::string program = folder.write("p.elf", elf());
  const std::string image = folder.write("Image", linux_image());
  const std::string firmware = folder.write("fw.bin", Blob(5000, 0xf0));
  Blob far = elf();
  poke(far, second_segment + 24, u64{0x1'0000});
  const std::string outside = folder.write("far.elf", far);
  Blob lost = elf();
  poke(lost, 24, u64{0x1234});
  const std::string no_entry = folder.write("lost.elf", lost);
  Blob uneven = elf();
  poke(uneven, 24, u64{0x8000'0003});
  const std::string odd_entry = folder.write("uneven.elf", uneven);
  Blob turned = elf();
  poke(turned, 336 + 7 * 24 + 8, u64{0x9000'0000});  // end_signature
  const std::string signature = folder.write("turned.elf", turned);
  const std::string huge = folder.write("huge", linux_image(0x20'0000, u64{1} << 40));
  const std::string odd = folder.write("odd", linux_image(~u64{0}));
  const std::string rubbish = folder.write("rubbish", Blob(1000, 1));
  const std::string large = folder.write("large", gzip(Blob(10)));
  std::filesystem::resize_file(large, 63 * mib);

  const std::string here = folder.file("");
  const std::pair<Json, std::string> cases[] = {
      {Json::object(), "machine.boot.kernel: nothing to start; name a program or a kernel"},
      {{{"kernel", here + "guests/linux/kernel"}},
       "machine.boot.kernel: " + here + "guests/linux/kernel not found; run "
       "configs/guests/guest.sh"},
      {{{"kernel", here + "none"}}, "machine.boot.kernel: " + here + "none not found"},
      {{{"kernel", here}}, "machine.boot.kernel: " + here + " is a directory"},
      {{{"kernel", "/dev/zero"}}, "machine.boot.kernel: /dev/zero is not a regular file"},
      {{{"kernel", outside}},
       "machine.boot.kernel: " + outside + ": 0x10000..0x100ff is outside the machine's memory, "
       "0x80000000..0x83ffffff (64MiB)"},
      {{{"kernel", no_entry}},
       "machine.boot.kernel: " + no_entry + ": the entry point 0x1234 lies in no segment"},
      {{{"kernel", signature}},
       "machine.boot.kernel: " + signature + ": end_signature (0x80001000) lies before "
       "begin_signature (0x80001008)"},
      {{{"kernel", image}},
       "machine.boot.kernel: " + image + ": a Linux kernel for S mode, which needs "
       "machine.boot.firmware"},
      {{{"firmware", image}},
       "machine.boot.firmware: " + image + ": a Linux kernel, which belongs into "
       "machine.boot.kernel"},
      {{{"firmware", firmware}, {"kernel", program}},
       "machine.boot.kernel: " + program + ": 0x80000000..0x8000003f overlaps "
       "0x80000000..0x80001387 of machine.boot.firmware: " + firmware},
      {{{"firmware", firmware}, {"kernel", huge}},
       "machine.boot.kernel: " + huge + ": 0x80200000..0x100801fffff is outside"},
      {{{"firmware", firmware}, {"kernel", odd}},
       "machine.boot.kernel: " + odd + ": the Linux image asks to stand 0xffffffffffffffff bytes"},
      {{{"firmware", firmware}, {"kernel", image}, {"kernel_address", "0x80300000"}},
       "machine.boot.kernel: " + image + ": a Linux kernel must stand at a multiple of 2MiB, found "
       "machine.boot.kernel_address = 0x80300000"},
      {{{"kernel", program}, {"kernel_address", "0x80zz"}},
       "machine.boot.kernel_address: must be \"auto\" or an address such as \"0x80200000\", found "
       "\"0x80zz\""},
      {{{"kernel", program}, {"command", "ls"}},
       "machine.boot.command: needs a guest with an initramfs or firmware, found \"ls\""},
      {{{"firmware", firmware}, {"initramfs", rubbish}},
       "machine.boot.initramfs: " + rubbish + ": not an initramfs"},
      {{{"firmware", firmware}, {"kernel", image}, {"initramfs", large}},
       "machine.boot.initramfs: 66060288 bytes do not fit into what the kernel leaves"},
      {{{"firmware", firmware}, {"add", {"nothing"}}},
       "machine.boot.add: expected FILE:/path, found \"nothing\""},
      {{{"firmware", firmware}, {"add", {here + "no:/x"}}},
       "machine.boot.add: " + here + "no not found"},
      {{{"kernel", folder.write("bytes", Blob(8))}, {"kernel_address", "0x80000001"}},
       "machine.boot.kernel: " + folder.file("bytes") + ": begins at 0x80000001, and instructions of "
       "these harts stand at multiples of 2"},
      {{{"kernel", odd_entry}},
       "machine.boot.kernel: " + odd_entry + ": begins at 0x80000003, and instructions of these "
       "harts stand at multiples of 2"},
      {{{"kernal", program}},
       "machine.boot.kernal: unknown parameter (did you mean \"kernel\"?)"},
  };
  for (const auto& [json, text] : cases) {
    const std::string error = error_of([&, &description = json] {
      Params params(description, "machine.boot");
      BootConfig config;
      config.visit(params);
      params.finish();
      Memory().load(config);
    });
    EXPECT_EQ(error.find(text), 0u) << "expected: " << text << "\nfound: " << error;
  }
}

}  // namespace
}  // namespace orrery
