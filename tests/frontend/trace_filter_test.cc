// What --trace selects.
#include <gtest/gtest.h>

#include "frontend/trace.h"
#include "tests/base/config_message.h"

namespace orrery {
namespace {

std::string mistake(const char* text) {
  return config_message([&] { parse_trace(text); });
}

TEST(TraceFilter, EverythingByDefault) {
  const TraceFilter all = parse_trace("instructions");
  EXPECT_TRUE(all.wants(0, Privilege::Machine, 0));
  EXPECT_TRUE(all.wants(7, Privilege::User, ~u64{0} - 1));
  EXPECT_EQ(all.count, ~u64{0});
}

TEST(TraceFilter, RangeIsHalfOpen) {
  const TraceFilter f = parse_trace("instructions:from=0x1000,to=2000");
  EXPECT_FALSE(f.wants(0, Privilege::User, 0xffe));
  EXPECT_TRUE(f.wants(0, Privilege::User, 0x1000));
  EXPECT_TRUE(f.wants(0, Privilege::User, 0x1ffe));
  EXPECT_FALSE(f.wants(0, Privilege::User, 0x2000));
}

TEST(TraceFilter, PrivilegeHartAndCount) {
  const TraceFilter f = parse_trace("instructions:privilege=S,hart=1,count=2k");
  EXPECT_TRUE(f.wants(1, Privilege::Supervisor, 0));
  EXPECT_FALSE(f.wants(0, Privilege::Supervisor, 0));
  EXPECT_FALSE(f.wants(1, Privilege::User, 0));
  EXPECT_EQ(f.count, 2000u);
}

TEST(TraceFilter, HostCode) {
  EXPECT_EQ(parse_trace("instructions").what, TraceFilter::What::Instructions);
  const TraceFilter f = parse_trace("host-code:from=0x1000,to=2000,count=3");
  EXPECT_EQ(f.what, TraceFilter::What::HostCode);
  EXPECT_EQ(f.from, 0x1000u);
  EXPECT_EQ(f.to, 0x2000u);
  EXPECT_EQ(f.count, 3u);
  EXPECT_EQ(parse_trace("host-code").count, ~u64{0});
  // A translation belongs to no hart and no privilege.
  EXPECT_EQ(mistake("host-code:hart=0"), "--trace: unknown \"hart\"; known: from to count");
  EXPECT_EQ(mistake("host-code:privilege=U"),
            "--trace: unknown \"privilege\"; known: from to count");
}

TEST(TraceFilter, Pipeline) {
  const TraceFilter f = parse_trace("pipeline:format=perfetto,start=2k,start_cycle=7,count=3,hart=1,from=10");
  EXPECT_EQ(f.what, TraceFilter::What::Pipeline);
  EXPECT_EQ(f.format, TraceFilter::Format::Perfetto);
  EXPECT_EQ(f.start, 2000u);
  EXPECT_EQ(f.start_cycle, 7u);
  EXPECT_EQ(f.count, 3u);
  EXPECT_EQ(f.hart, HartId{1});
  EXPECT_EQ(f.from, 0x10u);
  EXPECT_EQ(parse_trace("pipeline").format, TraceFilter::Format::Konata);
  EXPECT_EQ(mistake("pipeline:format=vcd"),
            "--trace: format: expected konata or perfetto, found \"vcd\"");
  EXPECT_EQ(mistake("pipeline:privilege=U"),
            "--trace: unknown \"privilege\"; known: from to count format hart start start_cycle");
  EXPECT_EQ(mistake("instructions:start=1"),
            "--trace: unknown \"start\" (did you mean \"hart\"?); known: from to count privilege hart");
}

TEST(TraceFilter, Mistakes) {
  EXPECT_EQ(mistake("instructions:form=1"),
            "--trace: unknown \"form\" (did you mean \"from\"?); known: from to count privilege hart");
  EXPECT_EQ(mistake("instructions:privilege=X"), "--trace: privilege: expected U, S or M, found \"X\"");
  for (const char* text :
       {"", "memory", "instruction", "host-code:", "host", "instructions:", "instructions:,", "instructions:from",
        "instructions:from=", "instructions:from=zz", "instructions:from=0x",
        "instructions:from=11111111111111111", "instructions:from=2,to=1", "instructions:count=-1",
        "instructions:hart=99999999999", "instructions:to=1,"})
    EXPECT_TRUE(mistake(text).starts_with("--trace: ")) << text;
}

}  // namespace
}  // namespace orrery
