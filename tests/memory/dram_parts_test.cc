// Every part in configs/dram: its times fit each other, and it delivers what it promises.
#include <filesystem>

#include "base/random.h"
#include "frontend/description.h"
#include "memory/dram_timing.h"
#include "tests/memory/dram_fixture.h"

namespace orrery {
namespace {

const std::string directory = ORRERY_SOURCE_DIR "/configs/dram/";

Json part_named(const std::string& name) { return read_description(directory + name + ".json")["machine"]["dram"]; }

std::vector<std::string> parts(bool only_ddr) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (const std::string name = entry.path().stem(); !only_ddr || part_named(name)["type"] == "ddr")
      names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

// Peak bandwidth as vendors give it, in MB/s.
const std::map<std::string, u64> peaks = {{"ddr4_2400", 19'200}, {"ddr4_3200", 25'600}, {"ddr5_4800", 38'400},
                                          {"ddr5_6400", 51'200}, {"lpddr5_6400", 51'200}, {"hbm2e", 409'600}};

struct Part : testing::TestWithParam<std::string> {
  Part() {
    source = part_named(GetParam());
    Params params(source, "machine.dram");
    Drams::Choice choice("banked");
    choice.visit(params);
    params.finish();
    json = params.resolved();
    dram = choice.create(root);
    if (is_ddr()) {
      timing = read_ddr_timing();
      channels = json["channels"];
      width = json["width"];
    }
  }

  bool is_ddr() const { return json["type"] == "ddr"; }
  DramTiming read_ddr_timing() {
    Json own = Json::object();
    for (const auto& [key, value] : json.items())
      if (key.starts_with("t") && key != "type") own[key] = value;
    own["data_rate"] = json["data_rate"], own["burst_length"] = json["burst_length"];
    return read_config<DramTiming>(own);
  }
  // The part of the time that a bank does not spend in refresh.
  double refreshed() const {
    if (json["refresh"] == "off") return 1;
    const u64 length = json["refresh"] == "all_bank" ? timing.tRFC.ticks : timing.tRFCpb.ticks;
    return 1 - static_cast<double>(length) / static_cast<double>(timing.tREFI.ticks);
  }
  double peak() const {  // bytes per ps
    return static_cast<double>(channels * width / 8 * burst_length()) / static_cast<double>(timing.burst());
  }
  u64 burst_length() const { return timing.burst_length; }
  u64 in_bytes(const char* name) const { return parse_quantity(json[name].get<std::string>(), Unit::Bytes).value(); }
  u64 in_ticks(const char* name) const { return parse_quantity(json[name].get<std::string>(), Unit::Duration).value(); }

  // Bytes per ps of reads of 64 bytes, `window` of them under way.
  template <class Next>
  double bandwidth(u64 window, u64 count, Next&& next) {
    std::vector<u64> ends(window);
    u64 now = 0, end = 0;
    for (u64 i = 0; i < count; ++i) {
      now = std::max(now, ends[i % window]);
      ends[i % window] = dram->submit(request_for(next(i), RequestKind::Load, 64), Tick{now}).tick.value();
      end = std::max(end, ends[i % window]);
    }
    return static_cast<double>(count * 64) / static_cast<double>(end);
  }

  Component root{nullptr, "machine"};
  Json source, json;
  std::unique_ptr<Dram> dram;
  DramTiming timing;
  u64 channels = 1, width = 64;
};
struct DdrPart : Part {};
INSTANTIATE_TEST_SUITE_P(Dram, Part, testing::ValuesIn(parts(false)), [](const auto& each) { return each.param; });
INSTANTIATE_TEST_SUITE_P(Dram, DdrPart, testing::ValuesIn(parts(true)), [](const auto& each) { return each.param; });

TEST_P(Part, SaysWhereItsValuesAreFrom) {
  const Json description = read_description(directory + GetParam() + ".json");
  EXPECT_GT(description["//"].get<std::string>().size(), 40u);
}

TEST_P(DdrPart, TimesFitEachOther) {
  const auto near = [](u64 ticks, u64 low, u64 high) { return ticks >= low && ticks <= high; };
  // What no generation has changed by much: the core of the array.
  EXPECT_TRUE(near(timing.tRCD.ticks, 12'000, 20'000));
  EXPECT_TRUE(near(timing.tRP.ticks, 12'000, 20'000));
  EXPECT_TRUE(near(timing.tRAS.ticks, 28'000, 45'000));
  EXPECT_TRUE(near(timing.tRAS.ticks + timing.tRP.ticks, 44'000, 62'000));  // tRC
  EXPECT_TRUE(near(timing.tCL.ticks, 12'000, 27'000));
  EXPECT_LE(timing.tCWL.ticks, timing.tCL.ticks);
  EXPECT_GE(timing.tFAW.ticks, 4 * timing.tRRD_S.ticks - 4);  // rounding
  EXPECT_GE(timing.tRAS.ticks, timing.tRCD.ticks + timing.tRTP.ticks - 1000);
  EXPECT_GE(timing.tCCD_S.ticks + 1, timing.burst());
  EXPECT_GE(timing.tCCD_L_WR.ticks, timing.tCCD_L.ticks);
  EXPECT_GT(refreshed(), 0.9);
  EXPECT_EQ(timing.burst_length * width / 8 % 32, 0u);
}

TEST_P(Part, PeakBandwidthIsThatOfItsName) {
  ASSERT_TRUE(peaks.contains(GetParam())) << "a part without a peak bandwidth in this test";
  const double named = static_cast<double>(peaks.at(GetParam())) * 1e-6;  // bytes per ps
  if (is_ddr()) {
    EXPECT_NEAR(peak(), named, named / 100);
    EXPECT_NEAR(static_cast<double>(timing.data_rate * channels * width / 8) * 1e-6, named, named / 100);
  } else {
    EXPECT_NEAR(64.0 / static_cast<double>(in_ticks("tBURST")), named, named / 100);
  }
}

TEST_P(DdrPart, IdleLatenciesAreTheSumsOfTheirTimes) {
  const u64 burst = burst_length() * width / 8;
  const u64 hit = timing.tCL.ticks + timing.burst() + in_ticks("controller");
  u64 now = 1'000'000;  // before the first refresh
  const auto read = [&](u64 address) {
    now += 200'000;
    return dram->submit(request_for(address, RequestKind::Load, static_cast<u32>(burst)), Tick{now}).tick.value() - now;
  };
  // Two bits that a hash folds onto each other: another row of the same bank.
  const u64 banks = json["bank_groups"].get<u64>() * json["banks"].get<u64>();
  const u64 row_above = (1 + banks) << 35;
  EXPECT_EQ(read(0), timing.tRCD.ticks + hit);
  EXPECT_EQ(read(0), hit);
  EXPECT_EQ(read(row_above), timing.tRP.ticks + timing.tRCD.ticks + hit);
}

TEST_P(Part, StreamsComeNearTheBandwidthThatRefreshLeaves) {
  const double measured = bandwidth(32 * channels, 100'000, [](u64 i) { return i * 64; });
  const double limit = is_ddr() ? peak() * refreshed() : static_cast<double>(peaks.at(GetParam())) * 1e-6;
  EXPECT_GT(measured, 0.85 * limit);
  EXPECT_LE(measured, is_ddr() ? peak() : limit * 1.01);
}

TEST_P(DdrPart, RandomReadsAreBoundedByOpenings) {
  Random random(6);
  const double measured = bandwidth(64 * channels, 100'000, [&](u64) { return random.below(u64{1} << 26) * 64; });
  const u64 ranks = channels * json["ranks"].get<u64>();
  const u64 banks = json["bank_groups"].get<u64>() * json["banks"].get<u64>();
  const u64 openings_of_read = std::max<u64>(1, 64 / std::max<u64>(in_bytes("interleave"), burst_length() * width / 8));
  const double by_faw = 4.0 * 64 / static_cast<double>(timing.tFAW.ticks) * static_cast<double>(ranks);
  const double by_rc = 64.0 / static_cast<double>(timing.tRAS.ticks + timing.tRP.ticks) * static_cast<double>(ranks * banks);
  const double bound = std::min({by_faw, by_rc, peak()}) / static_cast<double>(openings_of_read);
  EXPECT_LT(measured, bound * 1.02);  // a few hit by chance
  EXPECT_GT(measured, bound * 0.5);
}

TEST_P(DdrPart, WritesReachHalfOfThePeak) {
  u64 now = 0;
  const u64 count = 50'000;
  for (u64 i = 0; i < count; ++i)
    now = std::max(now, dram->submit(request_for(i * 64, RequestKind::Writeback, 64), Tick{now}).tick.value() - in_ticks("controller"));
  const double measured = static_cast<double>(count * 64) / static_cast<double>(now);
  EXPECT_GT(measured, 0.5 * static_cast<double>(peaks.at(GetParam())) * 1e-6);
  EXPECT_LE(measured, 1.01 * static_cast<double>(peaks.at(GetParam())) * 1e-6);
}

}  // namespace
}  // namespace orrery
