// Events of timing models in the programmable counters: what they count, and when that interrupts.
#include "base/archive.h"
#include "tests/cpu/rig.h"

namespace orrery {
namespace {

constexpr u64 overflow = u64{1} << 63;
const u32 nop = encode(RowId::addi, {});

constexpr u32 selector_of(Event event) {
  for (const CountedEvent& e : counted_events)
    if (e.event == event) return e.selector;
  return 0;
}

struct EventRig : Rig {
  explicit EventRig(const char* model = "inorder") { machine.use_model(model); }

  void count(Event event, u64 value = 0) {
    csr_write(hart, 0x323, selector_of(event));
    csr_write(hart, 0xb03, value);
  }
  u64 counted() const { return read_counter(hart, 3); }
  // A loop of `iterations` that ends in an endless one: two instructions each time round.
  void load_loop(u64 iterations) {
    hart.x[10] = iterations;
    program(code, {encode(RowId::addi, {.rd = 10, .rs1 = 10, .imm = -1}),
                   encode(RowId::bne, {.rs1 = 10, .imm = -4}), nop, nop});
  }
  // Loads from `pages` pages, a line each, through x11.
  void load_sweep(u64 pages) {
    hart.x[10] = pages;
    hart.x[11] = data;
    hart.x[12] = page_size + 64;
    program(code, {encode(RowId::ld, {.rd = 13, .rs1 = 11}), encode(RowId::add, {.rd = 11, .rs1 = 11, .rs2 = 12}),
                   encode(RowId::addi, {.rd = 10, .rs1 = 10, .imm = -1}),
                   encode(RowId::bne, {.rs1 = 10, .imm = -12})});
  }
};

TEST(Event, SelectorsAreDistinctAndKnown) {
  for (const CountedEvent& e : counted_events) EXPECT_EQ(event_of(e.selector), e.event) << e.selector;
  EXPECT_FALSE(event_of(0));
}

// What both timing models count; outoforder when an instruction commits, hence the drain.
struct TimingEvent : testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, TimingEvent, testing::Values("inorder", "outoforder"),
                         [](const auto& name) { return std::string(name.param); });

TEST_P(TimingEvent, BranchesAreCountedExactly) {
  for (const u64 iterations : {u64{1}, u64{2}, u64{100}}) {
    EventRig rig(GetParam());
    rig.load_loop(iterations);
    rig.count(Event::Branches);
    rig.run(2 * iterations + 1);
    rig.machine.drain();
    EXPECT_EQ(rig.counted(), iterations);
  }
}

TEST_P(TimingEvent, TheLoopsEndIsMispredicted) {
  EventRig rig(GetParam());
  rig.load_loop(100);
  rig.count(Event::BranchMisses);
  rig.run(202);
  rig.machine.drain();
  EXPECT_GE(rig.counted(), 1u);
  EXPECT_LT(rig.counted(), 20u);
}

TEST_P(TimingEvent, CacheMissesOfFetchesAndLoads) {
  EventRig fetches(GetParam());
  fetches.load_loop(100);
  fetches.count(Event::L1iMisses);
  fetches.run(200);
  fetches.machine.drain();
  EXPECT_GE(fetches.counted(), 1u);
  EXPECT_LT(fetches.counted(), 5u);

  EventRig loads(GetParam());
  loads.load_sweep(50);
  loads.count(Event::L1dMisses);
  loads.run(200);
  loads.machine.drain();
  EXPECT_EQ(loads.counted(), 50u);
}

TEST_P(TimingEvent, TlbMissesOfFetchesLoadsAndStores) {
  const struct {
    Event event;
    RowId row;
    u64 misses;
  } cases[] = {{Event::DtlbLoadMisses, RowId::ld, 3}, {Event::DtlbStoreMisses, RowId::ld, 0},
               {Event::DtlbLoadMisses, RowId::sd, 0}, {Event::DtlbStoreMisses, RowId::sd, 3},
               {Event::ItlbMisses, RowId::ld, 1}};
  for (const auto& c : cases) {
    EventRig rig(GetParam());
    for (u64 page = 0; page < 3; ++page)
      rig.map(Rig::data + page * page_size, Rig::data, pte::V | pte::R | pte::W | pte::A | pte::D);
    rig.translate();
    rig.hart.x[11] = Rig::data;
    rig.hart.x[12] = page_size;
    const u32 access = c.row == RowId::ld ? encode(c.row, {.rd = 10, .rs1 = 11}) : encode(c.row, {.rs1 = 11, .rs2 = 10});
    const u32 next = encode(RowId::add, {.rd = 11, .rs1 = 11, .rs2 = 12});
    rig.program(Rig::code, {access, next, access, next, access, access, nop});
    rig.count(c.event);
    rig.run(6);
    rig.machine.drain();
    EXPECT_EQ(rig.counted(), c.misses) << static_cast<int>(c.event) << ' ' << static_cast<int>(c.row);
  }
}

// A fast model has none of them.
TEST(Event, TheInterpreterCountsNothing) {
  EventRig rig("interpreter");
  rig.load_loop(100);
  rig.count(Event::Branches, u64{0} - 1);
  rig.run(200);
  EXPECT_EQ(rig.counted(), ~u64{0});
}

TEST(Event, OverflowInterruptsAtTheRightInstruction) {
  for (const u64 left : {u64{1}, u64{2}, u64{50}, u64{99}}) {
    EventRig rig;
    rig.load_loop(100);
    csr_write(rig.hart, 0x304, interrupt::LCOFI);
    csr_write(rig.hart, 0x300, mstatus::MIE);
    rig.count(Event::Branches, u64{0} - left);
    rig.run(2 * left - 1);  // all but the branch that overflows
    EXPECT_EQ(rig.hart.pc, Rig::code + 4) << left;
    EXPECT_EQ(rig.counted(), ~u64{0});
    rig.run(1);
    EXPECT_EQ(rig.hart.x[10], 100 - left);
    EXPECT_EQ(rig.counted(), 0u);
    EXPECT_EQ(rig.hart.csr.mcause, u64{1} << 63 | 13) << left;
    EXPECT_EQ(rig.hart.csr.mepc, Rig::code) << left;
    EXPECT_TRUE(rig.hart.csr.mhpmevent[3] & overflow);
  }
}

// The out-of-order core has fetched on when the branch that overflows commits.
TEST(Event, OverflowInterruptsAnOutOfOrderCoreSoon) {
  EventRig rig("outoforder");
  rig.load_loop(1000);
  csr_write(rig.hart, 0x304, interrupt::LCOFI);
  csr_write(rig.hart, 0x300, mstatus::MIE);
  rig.count(Event::Branches, u64{0} - 50);
  for (int i = 0; i < 500 && rig.hart.csr.mcause == 0; ++i) rig.run(1);
  EXPECT_EQ(rig.hart.csr.mcause, u64{1} << 63 | 13);
  EXPECT_LE(rig.hart.x[10], 1000u - 50);
  EXPECT_GT(rig.hart.x[10], 1000u - 50 - 100);
  EXPECT_TRUE(rig.hart.csr.mhpmevent[3] & overflow);
}

// A load behind a branch that goes the other way misses, but does not commit.
TEST(Event, AWrongPathCountsNothing) {
  EventRig rig("outoforder");
  rig.hart.x[11] = Rig::data;
  rig.hart.x[10] = 7;
  rig.program(Rig::code, {encode(RowId::divu, {.rd = 12, .rs1 = 10, .rs2 = 10}),
                          encode(RowId::bne, {.rs1 = 12, .imm = 12}),  // predicted not to be taken
                          encode(RowId::ld, {.rd = 13, .rs1 = 11}), nop, nop, nop});
  rig.count(Event::L1dMisses);
  rig.run(4);
  rig.machine.drain();
  EXPECT_EQ(report_statistics(rig.machine, nullptr)["machine.hart0.l1d.load_misses"], 1);
  EXPECT_EQ(rig.counted(), 0u);
}

TEST(Event, CountsGoOnAfterACheckpointAndAnExchange) {
  EventRig rig;
  rig.load_loop(100);
  rig.count(Event::Branches);
  rig.run(100);
  rig.machine.drain();
  EventRig other;
  other.load_loop(0);
  load_tree(other.machine, save_tree(rig.machine, false), false);
  other.machine.for_each([](Component& component) { component.after_restore(); });
  EXPECT_EQ(other.counted(), 50u);
  other.run(20);
  EXPECT_EQ(other.counted(), 60u);
  other.machine.use_model("interpreter");
  other.run(20);
  other.machine.use_model("inorder");
  other.run(20);
  EXPECT_EQ(other.counted(), 70u);
}

}  // namespace
}  // namespace orrery
