// Random programs on Orrery and on an independent implementation: the same registers, traps, page
// tables and memory, line by line. A sample by default; ORRERY_LONG=1 runs a large campaign,
// ORRERY_SEED=n a single program again, and ORRERY_QEMU names another QEMU: version 10 (Debian 13's,
// unpacked where one likes) has what 7.2 lacks, Zicbom, Zicboz and Svadu.
#include "checkpoint/lockstep.h"
#include "tests/environment.h"
#include "tests/lockstep/random/reference_qemu.h"

namespace orrery::random_programs {
namespace {

// Seeds go round the modes, the depths of translation and protection.
ProgramOptions options_of(u64 seed) {
  ProgramOptions o;
  o.seed = seed;
  o.mode = static_cast<ProgramMode>(seed % 3);
  o.levels = seed / 3 % 2 ? static_cast<unsigned>(3 + seed / 6 % 3) : 0;
  o.pmp = seed / 9 % 4 == 3;
  o.gaps = qemu_gaps;
  return o;
}

void write_elf(const std::string& path, const Program& program) {
  const std::vector<u8> elf = elf_file(program);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(elf.data()), static_cast<std::streamsize>(elf.size()));
}

// Programs themselves must be the same everywhere, or a seed would not repeat a failure.
TEST(RandomPrograms, AreTheSameForTheSameSeed) {
  const ProgramOptions options = options_of(7);
  EXPECT_EQ(Generator(options).make().image, Generator(options).make().image);
}

// With all that programs leave out for QEMU. Often enough to find the place, and rarely, which leaves
// more in flight: to be compared, a timing model drains.
TEST(RandomPrograms, AgreeUnderTheTimingModels) {
  const WorkFolder folder;
  const u64 first = variable("ORRERY_SEED").value_or(1);
  for (u64 seed = first; seed < first + (long_run() ? 200 : 4); ++seed) {
    ProgramOptions options = options_of(seed);
    options.gaps = {};
    options.cache_blocks = true;
    write_elf(folder.file("program"), Generator(options).make());
    const Json description = {{"machine", {{"memory", "64MiB"}, {"boot", {{"kernel", folder.file("program")}}}}}};
    for (const char* model : {"inorder", "outoforder"}) {
      Machine machine(read_machine(description, nullptr, nullptr));
      machine.boot();
      Lockstep lockstep(machine, model, {.compare_every = seed % 2 ? 61u : 5'000u});
      const auto divergence = lockstep.run({20'000'000, never});
      ASSERT_FALSE(divergence) << "seed " << seed << '\n' << divergence->text();
      EXPECT_EQ(lockstep.stop().why, Stop::Why::Poweroff) << "seed " << seed;
      EXPECT_GT(machine.steps(), 1'000u) << "seed " << seed;
    }
  }
}

TEST(RandomPrograms, AgreeWithQemu) {
  const std::string qemu = find_qemu();
  if (qemu.empty()) GTEST_SKIP() << "qemu-system-riscv64 is not installed";
  const auto peer = reference(qemu);
  if (!peer) GTEST_SKIP() << "the rules of comparison are those of QEMU 7.2 and 10, of which " << qemu << " is neither";
  const auto single = variable("ORRERY_SEED");
  const u64 first = single.value_or(1);
  const u64 count = single ? 1 : long_run() ? 2000 : 60;
  const WorkFolder folder;
  for (u64 seed = first; seed < first + count; ++seed) {
    ProgramOptions options = options_of(seed);
    options.cache_blocks = peer->cache_blocks;
    options.adue = !peer->adue_is_a_bit || seed % 2;
    const Program program = Generator(options).make();
    write_elf(folder.file("program"), program);
    const Report ours = run_on_orrery(folder.file("program"), peer->isa, "interpreter");
    const Report theirs = run_on_qemu(*peer, folder.file("program"), folder.file("report"));
    EXPECT_GT(ours.size(), result_words);
    EXPECT_EQ(run_on_orrery(folder.file("program"), peer->isa, "direct"), ours) << "seed " << seed;
    EXPECT_EQ(Comparison(program)(ours, theirs), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace orrery::random_programs
