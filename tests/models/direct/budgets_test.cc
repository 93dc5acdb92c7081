// A run in pieces of N instructions is one run, whatever N; and it goes on after being saved, or
// under another model, at any instruction.
#include "tests/checkpoint/guest.h"
#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

std::string states(Guest& a, Guest& b) {
  std::string text;
  for (const std::string& line : differences(save_tree(*a.machine, false), save_tree(*b.machine, false), 10)) text += line + "\n";
  const u64 size = a.machine->ram().size();
  const PhysAddr base = a.machine->ram().base();
  if (std::memcmp(a.machine->ram().host(base), b.machine->ram().host(base), size) != 0) text += "RAM\n";
  return text;
}

TEST(DirectBudgets, OfEverySizeGiveTheSameRun) {
  for (const u32 harts : {1u, 2u})
    for (u64 piece = 1; piece <= (harts == 1 ? 200 : 40); ++piece) {
      Guest whole(guest_description(harts, "interpreter")), pieces(guest_description(harts, "direct"));
      const u64 steps = 5 * piece + 300;
      whole.machine->run({steps});
      for (u64 left = steps; left != 0;) {
        const u64 now = std::min(left, piece);
        pieces.machine->run({now});
        left -= now;
      }
      ASSERT_EQ(states(whole, pieces), "") << harts << " harts, pieces of " << piece;
    }
}

void loop_of(Twins& twins, u64 instructions) {
  std::vector<u32> loop(instructions - 1, encode(RowId::addi, {.rd = 10, .rs1 = 10, .imm = 1}));
  loop.push_back(jump_by(-4 * static_cast<i32>(loop.size())));
  twins.program(Twins::code, loop);
}

// What is cut anywhere in a loop goes on to the loop as it was translated: no copies of it are made.
TEST(DirectBudgets, NothingIsTranslatedFromWhereTheyEnd) {
  Twins twins(1, {{"translate_after", 16}});
  loop_of(twins, 10);
  twins.run({10 * 100});
  ASSERT_EQ(twins.regions_translated(), 1u);
  for (int i = 0; i < 20'000; ++i) twins.run({7});  // ends everywhere in the loop
  EXPECT_EQ(twins.regions_translated(), 1u);
  EXPECT_TWINS_EQUAL(twins);
}

// The warmer is told of some thousands of instructions at a time, so budgets are cut for it.
TEST(DirectBudgets, NothingIsTranslatedFromWhereTheWarmerIsTold) {
  Twins twins(1, {{"translate_after", 16}}, {{"memory", "1MiB"}, {"warm", "inorder"}});
  std::vector<u32> loop;
  for (int piece = 0; piece < 5; ++piece) {
    loop.insert(loop.end(), static_cast<std::size_t>(6 + piece), encode(RowId::addi, {.rd = 10, .rs1 = 10, .imm = 1}));
    loop.push_back(encode(RowId::bne, {.imm = 400}));
  }
  loop.push_back(jump_by(-4 * static_cast<i32>(loop.size())));
  twins.program(Twins::code, loop);
  twins.direct.run({10'000'000});
  EXPECT_EQ(twins.regions_translated(), 1u);
}

TEST(DirectBudgets, OfABlocksLengthDoNotKeepItFromBeingTranslated) {
  Twins twins(1, {{"translate_after", 16}});
  loop_of(twins, 10);
  for (int i = 0; i < 20'000; ++i) twins.run({10});
  EXPECT_EQ(twins.regions_translated(), 1u);
}

TEST(DirectBudgets, ModelsAreExchangedEveryFewInstructions) {
  static constexpr const char* models[] = {"direct", "interpreter"};
  for (u64 piece = 1; piece < 40; piece += 3) {
    Guest one(guest_description(2, "interpreter")), other(guest_description(2, "direct"));
    for (u64 n = 0; n < 60; ++n) {
      one.machine->run({piece});
      other.machine->run({piece});
      other.machine->use_model(models[n % 2]);
    }
    ASSERT_EQ(states(one, other), "") << "pieces of " << piece;
  }
}

TEST(DirectBudgets, SavedInMidLoopAndResumed) {
  for (u64 first = 300; first < 360; first += 7) {
    Guest one(guest_description(2, "direct")), whole(guest_description(2, "interpreter"));
    one.machine->run({first});
    whole.machine->run({first});
    Guest resumed(guest_description(2, "direct"), false);
    load_tree(*resumed.machine, save_tree(*one.machine, false), false);
    const PhysAddr base = one.machine->ram().base();
    std::memcpy(resumed.machine->ram().host(base), one.machine->ram().host(base), one.machine->ram().size());
    resumed.machine->for_each([](Component& component) { component.after_restore(); });
    resumed.machine->run({4'000});
    whole.machine->run({4'000});
    ASSERT_EQ(states(whole, resumed), "") << first;
  }
}

}  // namespace
}  // namespace orrery
