// Random programs on random machines: descriptions drawn from the parameters (machine_drawer.h), mostly
// near the ends of their ranges, each with a program. The timing model does what the interpreter
// does, its caches and statistics agree with each other wherever it stops, and a machine restored in the
// middle goes on as the one that was saved. A sample by default; ORRERY_LONG=1 draws thousands,
// ORRERY_SEED=n the same one again.
#include "base/statistics.h"
#include "checkpoint/lockstep.h"
#include "tests/lockstep/guests.h"
#include "tests/lockstep/random/generator.h"
#include "tests/lockstep/random/machine_drawer.h"
#include "tests/memory/hierarchy_checker.h"
#include "tests/memory/hierarchy_counts.h"

namespace orrery::random_programs {
namespace {

// A description and a program.
struct Subject {
  explicit Subject(u64 number) : seed(number), model(number % 2 ? "outoforder" : "inorder") {
    Random random(seed);
    const u64 harts = random.below(2) ? 1 : 2 + random.below(3);
    Json given = {{"harts", harts}, {"memory", "4MiB"}, {"quantum", "1ms"}, {"cpu", model}};
    if (seed % 5 == 0 && no_harts_program().empty()) given["boot"] = {{"kernel", harts_program()}};
    if (seed % 7 == 0) given["warm"] = model;
    if (seed % 3 == 0) given["dram"] = part(random);
    description = MachineDrawer(seed, given, left_alone()).draw();
    ProgramOptions options;
    options.seed = seed;
    options.items = 300;
    options.passes = 1000;  // most ends come from the log of traps
    options.mode = static_cast<ProgramMode>(random.below(3));
    options.levels = random.below(2) ? static_cast<unsigned>(3 + random.below(3)) : 0;
    options.pmp = random.below(4) == 0;
    options.cache_blocks = true;
    program = Generator(options).make();
    config = read_machine(description, nullptr, nullptr);
  }

  // What the architecture and the guest see, what only other models have, and what decides when a pipeline
  // that is merely slow is taken for one that stands still.
  std::set<std::string> left_alone() const {
    std::set<std::string> names = {"hart", "board", "boot", "timebase", "warm", "stuck_cycles"};
    for (const std::string& other : CpuModels::names())
      if (other != model) names.insert(other);
    return names;
  }

  static Json part(Random& random) {
    static constexpr const char* parts[] = {"ddr4_2400", "ddr4_3200", "ddr5_4800", "ddr5_6400", "hbm2e", "lpddr5_6400"};
    const std::string name = parts[random.below(std::size(parts))];
    return read_description(fmt::format("{}/configs/dram/{}.json", ORRERY_SOURCE_DIR, name))["machine"]["dram"];
  }

  std::unique_ptr<Machine> start() const {
    auto machine = std::make_unique<Machine>(config);
    if (!config.boot.kernel.empty()) {
      machine->boot();
    } else {
      machine->memory().write_bytes(PhysAddr{layout::boot}, program.image);
      for (Hart* hart : machine->harts()) hart->reset(layout::boot, hart->id, 0, 0);
      machine->images().tohost = PhysAddr{layout::tohost};
      machine->after_restore();
    }
    return machine;
  }

  const u64 seed;
  const std::string model;
  Json description;
  MachineConfig config;
  Program program;
};

RunLimit random_piece(Random& random, const Machine& machine) {
  if (random.below(4) == 0) return {.time = machine.now() + 1 + random.below(30'000'000)};
  return {1 + random.below(random.below(3) ? 5'000 : 100)};
}

// Of the statistics of a core those that say where its cycles went, and their sum.
struct Stack {
  Stack(const Json& statistics, const std::string& core) {
    for (const auto& [path, value] : statistics.items())
      if (path.starts_with(core) && path.ends_with("_slots")) sum += value.get<u64>();
    total = statistics.at(core + "slots");
  }
  u64 sum = 0, total = 0;
};

struct RandomMachines : testing::TestWithParam<u64> {
  const Subject subject{GetParam()};
  Random random{GetParam() + 1'000'000};

  std::string described() const {
    return fmt::format("seed {}, {}", subject.seed, subject.description.dump());
  }

  static u64 counted(const Json& statistics, const std::string& path) { return statistics.value(path, u64{0}); }

  // Invariants that hold whenever the machine stands still.
  void expect_sound(Machine& machine) {
    ASSERT_EQ(HierarchyChecker(machine.hierarchy()).check_all(), "");
    const Json statistics = report_statistics(machine, nullptr);
    for (const Hart* hart : machine.harts()) {
      const std::string name = machine.name() + "." + hart->name() + ".";
      const std::string core = machine.model().path() + "." + hart->name() + ".";
      const Stack stack(statistics, core);
      ASSERT_EQ(stack.sum, stack.total) << core;
      // What misses in one TLB is looked up in the next one, or walked.
      u64 missed = 0;
      for (const char* tlb : {"itlb", "dtlb"})
        for (const char* kind : {".misses", ".warm_misses"}) missed += counted(statistics, name + tlb + kind);
      if (subject.config.hierarchy.l2tlb) {
        ASSERT_EQ(counted(statistics, name + "l2tlb.hits") + counted(statistics, name + "l2tlb.misses"), missed) << name;
        missed = counted(statistics, name + "l2tlb.misses");
      }
      if (subject.config.warm.empty()) {
        ASSERT_EQ(counted(statistics, core + "walks"), missed) << core;
      }
    }
    if (!subject.config.hierarchy.uncacheable.empty() || !subject.config.warm.empty()) return;
    const BytesMoved bytes(machine);
    ASSERT_EQ(bytes.above(), bytes.below());
  }

  // Under a fast model first, where the description keeps the timing model warm.
  void warm_up(Machine& machine) {
    if (subject.config.warm.empty()) return;
    machine.use_model("direct");
    machine.run({2'000});
    machine.use_model(subject.model);
  }
};

TEST_P(RandomMachines, DoWhatTheInterpreterDoes) {
  SCOPED_TRACE(described());
  const auto machine = subject.start();
  warm_up(*machine);
  Lockstep lockstep(*machine, "interpreter", {.compare_every = GetParam() % 4 < 2 ? 97u : 4'000u});
  for (u64 steps = 0; steps < 20'000;) {
    const u64 before = machine->steps();
    const auto divergence = lockstep.run(random_piece(random, *machine));
    ASSERT_FALSE(divergence) << divergence->text();
    expect_sound(*machine);
    if (HasFatalFailure() || (lockstep.stop().why != Stop::Why::Steps && lockstep.stop().why != Stop::Why::Time)) break;
    steps += machine->steps() - before;
  }
}

// One machine is drained in the middle; the other one is saved there, and a restored one goes on.
TEST_P(RandomMachines, GoOnWhenRestored) {
  SCOPED_TRACE(described());
  const auto drained = subject.start();
  auto saved = subject.start();
  for (Machine* machine : {drained.get(), saved.get()}) warm_up(*machine);
  const auto run = [&](u64 steps) {
    for (u64 done = 0; done < steps;) {
      const RunLimit piece = random_piece(random, *drained);
      const u64 before = drained->steps();
      const Stop stop = drained->run(piece);
      ASSERT_EQ(saved->run(piece).why, stop.why);
      if (stop.why != Stop::Why::Steps && stop.why != Stop::Why::Time) break;
      done += drained->steps() - before;
    }
  };
  run(8'000);
  if (HasFatalFailure()) return;
  EXPECT_EQ(report_statistics(*drained, nullptr).dump(1), report_statistics(*saved, nullptr).dump(1));
  drained->drain();
  expect_sound(*drained);
  if (HasFatalFailure()) return;
  auto restored = copy_machine(*saved, subject.model);
  load_tree(*restored, save_tree(*saved, true), true);
  restored->for_each([](Component& part) { part.after_restore(); });
  saved = std::move(restored);
  for (Machine* machine : {drained.get(), saved.get()}) reset_statistics(*machine);
  ASSERT_EQ(whole_digest(*saved), whole_digest(*drained));
  run(8'000);
  if (HasFatalFailure()) return;
  EXPECT_EQ(report_statistics(*saved, nullptr).dump(1), report_statistics(*drained, nullptr).dump(1));
  EXPECT_EQ(whole_digest(*saved), whole_digest(*drained));
  drained->drain();
  EXPECT_EQ(taken(*drained, drained->now() + 1'000'000'000'000), "");
}

TEST(MachineDrawer, DrawsTheSameForTheSameSeed) {
  EXPECT_EQ(Subject(8).description.dump(), Subject(8).description.dump());
}

std::vector<u64> seeds() {
  if (const auto single = variable("ORRERY_SEED")) return {*single};
  std::vector<u64> all;
  for (u64 seed = 1; seed <= (long_run() ? 2'000 : 20); ++seed) all.push_back(seed);
  return all;
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomMachines, testing::ValuesIn(seeds()));

}  // namespace
}  // namespace orrery::random_programs
