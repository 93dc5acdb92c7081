// --profile: samples, and what they are attributed to.
#include "frontend/profile.h"

#include <gtest/gtest.h>

#include <chrono>

namespace orrery {
namespace {

Translation translation_of(std::span<const u8> code, u64 pc) {
  Translation t;
  t.code = code;
  t.body_end = code.size() / 2;
  t.pieces.emplace_back().instructions.push_back(
      {.pc = pc, .physical = PhysAddr{0x8000'0000}, .length = 4, .host_offset = 0, .roots = {}});
  return t;
}

TEST(Profile, SamplesBelongToTheGuestCodeThatStandsThere) {
  const SymbolTable symbols;
  Profile profile(symbols);
  const u8 code[32] = {};
  const u64 begin = reinterpret_cast<u64>(code);
  profile.translated(translation_of(std::span(code).first(16), 0x1234'5678));
  profile.sample(begin);
  profile.sample(begin + 15);
  const std::string report = profile.report();
  EXPECT_NE(report.find("translated code"), std::string::npos) << report;
  EXPECT_NE(report.find("0000000080000000  0000000012345678      1      4     16     1"),
            std::string::npos)
      << report;
}

TEST(Profile, SamplesBelongToAnInstructionOutsideRarePaths) {
  const SymbolTable symbols;
  Profile profile(symbols);
  const u8 code[16] = {};
  const u64 begin = reinterpret_cast<u64>(code);
  Translation t = translation_of(code, 0x1000);
  t.pieces[0].instructions.push_back({.pc = 0x1004, .physical = PhysAddr{0x8000'0004}, .length = 4,
                                      .host_offset = 4, .roots = {}});
  profile.translated(t);
  profile.sample(begin + 7);  // the second one
  EXPECT_NE(profile.report().find("  0000000080000004  0000000000001004\n"), std::string::npos);
  EXPECT_EQ(profile.report().find("  0000000080000000  0000000000001000\n"), std::string::npos);
  profile.sample(begin + 8);  // rare paths
  EXPECT_EQ(profile.report().find("  0000000080000000  0000000000001000\n"), std::string::npos);
  profile.sample(begin + 3);  // the first one
  EXPECT_NE(profile.report().find("  0000000080000000  0000000000001000\n"), std::string::npos);
}

TEST(Profile, ClearedCodeIsNobodys) {
  const SymbolTable symbols;
  Profile profile(symbols);
  const u8 code[16] = {};
  profile.translated(translation_of(code, 0x1234'5678));
  profile.cleared();
  profile.sample(reinterpret_cast<u64>(code));
  profile.sample(reinterpret_cast<u64>(code) + 16);
  EXPECT_EQ(profile.report().find("12345678"), std::string::npos);
}

TEST(Profile, PartsOfTheSimulator) {
  EXPECT_EQ(part_of("orrery::Mmu::translate"), "mmu");
  EXPECT_EQ(part_of("orrery::BlockOp const* orrery::do_add<(orrery::Dispatch)0>"), "interpreter");
  EXPECT_EQ(part_of("orrery::direct::Emitter::emit"), "translation");
  EXPECT_EQ(part_of("orrery::TimingModel<orrery::Pipeline>::run"), "functional execution");
  EXPECT_EQ(part_of("orrery::Pipeline::fetch_wrong_path"), "wrong path");
  EXPECT_EQ(part_of("orrery::ooo::Prediction::predict"), "predictors");
  EXPECT_EQ(part_of("orrery::ooo::Core::dispatch"), "pipeline");
  EXPECT_EQ(part_of("orrery::Srrip::victim"), "memory hierarchy");
  EXPECT_EQ(part_of("orrery::describe_statistics"), "simulator, other");
  EXPECT_EQ(part_of("orrery::PipelineTrace::reached"), "frontend");
  EXPECT_EQ(part_of("main"), "simulator, other");
}

TEST(Profile, KnowsTheProgramsFunctions) {
  const HostSymbols symbols;
  const auto place = symbols.find(reinterpret_cast<u64>(&part_of) + 1);
  EXPECT_EQ(place.function.substr(0, 15), "orrery::part_of");
  EXPECT_EQ(symbols.find(16).part, "");
}

TEST(Sampler, CountsProcessorTimeOfThisThread) {
  Sampler sampler;
  u64 samples = 0;
  volatile u64 work = 0;
  const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (samples < 3 && std::chrono::steady_clock::now() < late) {
    for (unsigned i = 0; i < 1'000'000; ++i) work = work + i;
    sampler.drain([&](u64 pc) { samples += pc != 0; });
  }
  EXPECT_GE(samples, 3u);
  EXPECT_GT(sampler.seconds(), 0.0);
  EXPECT_EQ(sampler.lost(), 0u);
}

}  // namespace
}  // namespace orrery
