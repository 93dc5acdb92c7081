// Warm mode: what translated code leaves out changes nothing. The interpreter reports every access, and
// direct what its filters do not hold; both leave the same caches, TLBs and predictors, and the
// architecture is the one without warming. Their statistics count the same.
#include <fmt/ranges.h>
#include <unistd.h>

#include <functional>

#include "base/random.h"
#include "tests/lockstep/guests.h"
#include "tests/lockstep/random/generator.h"

namespace orrery {
namespace {

// Caches and TLBs so small that everything is replaced often, and of different geometries.
Json small_hierarchy() {
  return {{"l1i", {{"size", "2KiB"}, {"ways", 2}, {"line", "32B"}}},
          {"l1d", {{"size", "4KiB"}, {"ways", 4}, {"replacement", {{"type", "tree_plru"}}}}},
          {"l2", {{"size", "16KiB"}, {"ways", 4}}},
          {"itlb", {{"entries", 2}, {"ways", 2}}},
          {"dtlb", {{"entries", 4}, {"ways", 2}, {"replacement", {{"type", "random"}}}}},
          {"l2tlb", {{"entries", 8}, {"ways", 4}}}};
}

Json with(Json description, const std::string& model, const std::string& warm, const Json& more = Json::object()) {
  set_value(description, "machine.cpu", model);
  set_value(description, "machine.warm", warm);
  description["machine"].update(more);
  return description;
}

u64 statistic(Machine& machine, const std::string& path) {
  const auto dot = path.rfind('.');
  const Component* part = machine.find(path.substr(0, dot));
  if (part)
    for (const Statistic* s : part->statistics())
      if (s->name() == path.substr(dot + 1)) return static_cast<const Counter*>(s)->value();
  ADD_FAILURE() << path;
  return 0;
}

// What the timing state and the warmed model have counted.
Json counted(Machine& machine, const std::string& warm) {
  Json all = report_statistics(machine, nullptr);
  for (auto i = all.begin(); i != all.end();) {
    const Component* part = machine.find(i.key().substr(0, i.key().rfind('.')).substr(std::string("machine.").size()));
    const bool is_counted = (part && part->is_timing_state()) || i.key().starts_with("machine." + warm + ".");
    i = is_counted ? std::next(i) : all.erase(i);
  }
  return all;
}

u64 accesses_told(Machine& machine) {
  for (const HostFigure& figure : machine.model().host_figures())
    if (figure.name == std::string("warm_accesses")) return figure.value;
  return 0;
}

std::string timing_differences(Machine& a, Machine& b) {
  a.drain();
  b.drain();
  return fmt::format("{}", fmt::join(differences(save_tree(a, true), save_tree(b, true), 5), "\n"));
}

// Runs `steps` under both models, direct in random pieces, and without warming.
void expect_the_same(const Json& description, const Json& more, u64 steps, u64 seed,
                     const std::function<void(Machine&)>& start = [](Machine& m) { m.boot(); }) {
  for (const char* warm : {"inorder", "outoforder"}) {
    SCOPED_TRACE(warm);
    GuestMachine all(with(description, "interpreter", warm, more));
    GuestMachine filtered(with(description, "direct", warm, more));
    GuestMachine cold(with(description, "direct", "", more));
    for (GuestMachine* guest : {&all, &filtered, &cold}) start(*guest->machine);
    all.machine->run({steps});
    cold.machine->run({steps});
    Random random(seed);
    while (!filtered.machine->is_off() && filtered.machine->steps() < all.machine->steps())
      filtered.machine->run({std::min(1 + random.below(200'000), all.machine->steps() - filtered.machine->steps())});
    ASSERT_EQ(filtered.machine->steps(), all.machine->steps());
    EXPECT_EQ(timing_differences(*all.machine, *filtered.machine), "");
    EXPECT_EQ(machine_digest(*filtered.machine), machine_digest(*cold.machine));
    EXPECT_EQ(Json::diff(counted(*all.machine, warm), counted(*filtered.machine, warm)).dump(1), "[]");
    // It was no empty exercise.
    EXPECT_GT(counted(*all.machine, warm).size(), 50u);
    EXPECT_GT(statistic(*filtered.machine, "hart0.l1d.warm_misses"), 0u);
    EXPECT_EQ(statistic(*filtered.machine, "hart0.l1d.load_hits"), 0u);
    EXPECT_GT(statistic(*filtered.machine, std::string(warm) + ".hart0.predictor.branches"), 10u);
    EXPECT_LT(accesses_told(*filtered.machine), accesses_told(*all.machine));
  }
}

TEST(Warm, FiltersChangeNothingInTheBareProgram) {
  SKIP_WITHOUT(no_harts_program());
  for (const u32 harts : {1u, 4u}) {
    SCOPED_TRACE(harts);
    expect_the_same(harts_description("direct", harts), Json::object(), 50'000'000, harts);
    expect_the_same(harts_description("direct", harts), small_hierarchy(), 50'000'000, harts);
  }
}

TEST(Warm, FiltersChangeNothingInRandomPrograms) {
  using namespace random_programs;
  for (u64 seed = 1; seed <= (long_run() ? 300 : 12); ++seed) {
    SCOPED_TRACE(seed);
    ProgramOptions options;
    options.seed = seed;
    options.mode = static_cast<ProgramMode>(seed % 3);
    options.levels = seed % 2 ? static_cast<unsigned>(3 + seed / 2 % 3) : 0;
    options.cache_blocks = seed % 4 == 3;
    const Program program = Generator(options).make();
    const Json description = {
        {"machine", {{"memory", "64MiB"}, {"cpu", "direct"}, {"direct", {{"translate_after", seed % 5}}}}}};
    expect_the_same(description, seed % 3 ? small_hierarchy() : Json::object(), 20'000'000, seed, [&](Machine& machine) {
      machine.memory().write_bytes(PhysAddr{layout::boot}, program.image);
      machine.hart(0).reset(layout::boot, 0, 0, 0);
      machine.images().tohost = PhysAddr{layout::tohost};
      machine.after_restore();
    });
  }
}

TEST(Warm, FiltersChangeNothingInABoot) {
  SKIP_WITHOUT(no_linux());
  for (const u32 harts : {1u, 2u}) {
    SCOPED_TRACE(harts);
    expect_the_same(linux_description("direct", harts), Json::object(), long_run() ? 400'000'000 : 30'000'000, harts);
  }
}

// Resumed, a warmed machine runs as one that was exchanged, and misses little of what a cold one does.
TEST(Warm, ACheckpointIsWarm) {
  SKIP_WITHOUT(no_linux());
  constexpr u64 boot = 40'000'000, interval = 100'000;
  const std::string directory = testing::TempDir() + "orrery-warm-" + std::to_string(getpid());
  GuestMachine guest(with(linux_description("direct", 1), "direct", "outoforder"));
  guest.machine->boot();
  guest.machine->run({boot});
  save_checkpoint(*guest.machine, guest.resolved, guest.fixed, directory, {.replace = true, .parent = ""});
  const Checkpoint checkpoint = Checkpoint::open(directory);

  struct Result {
    u64 ticks, reads;
  };
  const auto run = [&](Machine& machine) {
    const Tick before = machine.now();
    const u64 reads = statistic(machine, "dram.reads");
    machine.run({interval});
    machine.drain();
    return Result{machine.now() - before, statistic(machine, "dram.reads") - reads};
  };
  const auto resume = [&](const std::string& warm, bool expected) {
    GuestMachine resumed(with(linux_description("outoforder", 1), "outoforder", warm));
    bool timing = false;
    checkpoint.restore(*resumed.machine, resumed.resolved, &timing);
    EXPECT_EQ(timing, expected);
    const Result first = run(*resumed.machine);
    return std::pair(first, run(*resumed.machine));
  };
  const auto [warm, after] = resume("outoforder", true);
  guest.machine->use_model("outoforder");
  const Result exchanged = run(*guest.machine);
  EXPECT_EQ(warm.ticks, exchanged.ticks);
  EXPECT_EQ(warm.reads, exchanged.reads);

  GuestMachine cold(with(linux_description("direct", 1), "direct", ""));
  cold.machine->boot();
  cold.machine->run({boot});
  cold.machine->use_model("outoforder");
  const Result from_cold = run(*cold.machine);
  EXPECT_LT(warm.ticks, from_cold.ticks);
  EXPECT_LT(2 * warm.reads, from_cold.reads);
  EXPECT_LT(after.ticks, from_cold.ticks);  // the same code goes on
  std::filesystem::remove_all(directory);
}

TEST(Warm, NeedsATimingModel) {
  for (const char* warm : {"direct", "inordre"}) {
    try {
      GuestMachine guest(with(harts_description("direct", 1), "direct", warm));
      ADD_FAILURE() << warm << " was accepted";
    } catch (const ConfigError& error) {
      EXPECT_NE(std::string(error.what()).find("machine.warm"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace orrery
