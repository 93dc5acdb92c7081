#include "devices/plic.h"

#include "tests/devices/rig.h"

namespace orrery::test {
namespace {

constexpr u64 priority(u32 source) { return 4 * source; }
constexpr u64 enable(u32 context, u32 word = 0) { return 0x2000 + 0x80 * context + 4 * word; }
constexpr u64 threshold(u32 context) { return 0x200000 + 0x1000 * context; }
constexpr u64 claim(u32 context) { return threshold(context) + 4; }

struct PlicTest : testing::Test, Bench {
  Levels contexts;
  Plic plic{&root, "plic", 2};

  PlicTest() {
    for (u32 i = 0; i < 4; ++i) plic.context(i).connect(contexts, i);
    plic.reset();
  }
  void enable_source(u32 context, u32 source, u32 its_priority) {
    write(plic, priority(source), 4, its_priority);
    const u64 at = enable(context, source / 32);
    write(plic, at, 4, read(plic, at, 4) | u64{1} << source % 32);
  }
  bool pending(u32 source) { return bit(read(plic, 0x1000 + 4 * (source / 32), 4), source % 32); }
};

TEST_F(PlicTest, an_enabled_source_interrupts_its_context_alone) {
  enable_source(1, 10, 1);
  plic.set_wire(10, true);
  EXPECT_FALSE(contexts[0]);
  EXPECT_TRUE(contexts[1]);
  EXPECT_FALSE(contexts[3]);
}

TEST_F(PlicTest, the_last_source_works) {
  enable_source(3, 95, 7);
  plic.set_wire(95, true);
  EXPECT_TRUE(contexts[3]);
  EXPECT_EQ(read(plic, claim(3), 4), 95u);
}

TEST_F(PlicTest, a_source_that_is_not_enabled_is_only_pending) {
  write(plic, priority(10), 4, 1);
  plic.set_wire(10, true);
  EXPECT_TRUE(pending(10));
  EXPECT_FALSE(contexts[0]);
  EXPECT_EQ(read(plic, claim(0), 4), 0u);
}

TEST_F(PlicTest, priority_0_never_interrupts) {
  enable_source(0, 10, 0);
  plic.set_wire(10, true);
  EXPECT_FALSE(contexts[0]);
  EXPECT_EQ(read(plic, claim(0), 4), 0u);
}

TEST_F(PlicTest, the_threshold_masks_priorities_up_to_it) {
  enable_source(0, 10, 3);
  plic.set_wire(10, true);
  write(plic, threshold(0), 4, 3);
  EXPECT_FALSE(contexts[0]);
  write(plic, threshold(0), 4, 2);
  EXPECT_TRUE(contexts[0]);
}

TEST_F(PlicTest, a_claim_ignores_the_threshold) {
  enable_source(0, 10, 3);
  write(plic, threshold(0), 4, 7);
  plic.set_wire(10, true);
  EXPECT_EQ(read(plic, claim(0), 4), 10u);
}

TEST_F(PlicTest, claims_come_by_priority_then_number) {
  enable_source(0, 40, 5);
  enable_source(0, 7, 2);
  enable_source(0, 3, 2);
  for (const u32 source : {3u, 7u, 40u}) plic.set_wire(source, true);
  EXPECT_EQ(read(plic, claim(0), 4), 40u);
  EXPECT_EQ(read(plic, claim(0), 4), 3u);
  EXPECT_EQ(read(plic, claim(0), 4), 7u);
  EXPECT_EQ(read(plic, claim(0), 4), 0u);
}

TEST_F(PlicTest, a_claim_lowers_the_output_of_every_context) {
  enable_source(0, 10, 1);
  enable_source(2, 10, 1);
  plic.set_wire(10, true);
  EXPECT_TRUE(contexts[0] && contexts[2]);
  read(plic, claim(2), 4);
  EXPECT_FALSE(contexts[0] || contexts[2]);
}

TEST_F(PlicTest, a_level_still_high_at_completion_interrupts_again) {
  enable_source(0, 10, 1);
  plic.set_wire(10, true);
  read(plic, claim(0), 4);
  EXPECT_FALSE(pending(10));
  write(plic, claim(0), 4, 10);
  EXPECT_TRUE(pending(10));
  EXPECT_TRUE(contexts[0]);
}

TEST_F(PlicTest, a_level_low_at_completion_does_not) {
  enable_source(0, 10, 1);
  plic.set_wire(10, true);
  read(plic, claim(0), 4);
  plic.set_wire(10, false);
  write(plic, claim(0), 4, 10);
  EXPECT_FALSE(contexts[0]);
}

TEST_F(PlicTest, a_source_in_service_waits_for_completion) {
  enable_source(0, 10, 1);
  plic.set_wire(10, true);
  read(plic, claim(0), 4);
  plic.set_wire(10, false);
  plic.set_wire(10, true);
  EXPECT_FALSE(pending(10));
}

TEST_F(PlicTest, an_interrupt_stays_pending_when_its_level_drops) {
  enable_source(0, 10, 1);
  plic.set_wire(10, true);
  plic.set_wire(10, false);
  EXPECT_TRUE(contexts[0]);
}

TEST_F(PlicTest, completion_of_what_is_not_enabled_is_ignored) {
  enable_source(0, 10, 1);
  plic.set_wire(10, true);
  read(plic, claim(0), 4);
  write(plic, claim(1), 4, 10);
  EXPECT_FALSE(contexts[0]);
  for (const u64 nonsense : {u64{0}, u64{96}, u64{0xffff'ffff}}) write(plic, claim(0), 4, nonsense);
  EXPECT_FALSE(contexts[0]);
}

TEST_F(PlicTest, source_0_does_not_exist) {
  write(plic, 0, 4, 7);
  EXPECT_EQ(read(plic, 0, 4), 0u);
  write(plic, enable(0), 4, ~u32{0});
  EXPECT_EQ(read(plic, enable(0), 4), 0xffff'fffeu);
}

TEST_F(PlicTest, pending_bits_are_read_only) {
  write(plic, 0x1000, 4, ~u32{0});
  EXPECT_EQ(read(plic, 0x1000, 4), 0u);
}

TEST_F(PlicTest, contexts_and_words_beyond_the_last_are_unmapped) {
  write(plic, enable(0, 3), 4, 1);
  write(plic, enable(4), 4, 1);
  read(plic, claim(4), 4);
  EXPECT_EQ(plic.unmapped_writes.value(), 2u);
  EXPECT_EQ(plic.unmapped_reads.value(), 1u);
}

TEST_F(PlicTest, only_words_are_accepted) {
  u64 value = 0;
  EXPECT_FALSE(plic.read(claim(0) & ~u64{7}, 8, value, now));
  EXPECT_FALSE(plic.read(4, 1, value, now));
}

}  // namespace
}  // namespace orrery::test
