// What a core is told of an instruction.
#include "models/timing/describe.h"

#include "cpu/exec/step.h"
#include "tests/models/direct/twins.h"

namespace orrery {
namespace {

// Of the instruction, executed with x10 = address.
Record described(u32 word, u64 address) {
  Twins twins;
  Machine& machine = twins.interpreter;
  Hart& hart = machine.hart(0);
  csr_write(hart, 0x30a, ~u64{0});  // cache-block instructions are allowed
  twins.program(Twins::code, {word});
  hart.x[10] = address;
  Stepper stepper(machine.memory(), machine.harts());
  const BlockOp* const op = stepper.next_op(hart);
  const Preview ahead = preview(hart, op->op);
  Executed executed;
  stepper.step(hart, op, executed, ahead.physical);
  Record record;
  describe(hart, executed, ahead, record);
  return record;
}

TEST(Describe, AcquireIsABitOfAtomics) {
  for (u32 bits = 0; bits < 4; ++bits) {  // aq rl
    const u32 amo = encode(RowId::amoadd_w, {.rd = 5, .rs1 = 10, .rs2 = 6}) | bits << 25;
    EXPECT_EQ(described(amo, Twins::data).acquire, (bits & 2) != 0) << bits;
  }
  EXPECT_FALSE(described(encode(RowId::fadd_d, {.rd = 5, .rs1 = 1, .rs2 = 2, .rm = 2}), 0).acquire);
}

TEST(Describe, AccessesAcrossPages) {
  const u32 ld = encode(RowId::ld, {.rd = 5, .rs1 = 10});
  const Record crossing = described(ld, Twins::data + page_size - 4);
  EXPECT_EQ(crossing.second, PhysAddr{Twins::data + page_size});
  EXPECT_EQ(crossing.size, 8u);
  EXPECT_EQ(described(ld, Twins::data + page_size - 8).second, Record::nowhere);
}

// Whatever place in it was named.
TEST(Describe, CacheBlocksAreAligned) {
  const Record block = described(encode(RowId::cbo_zero, {.rs1 = 10}), Twins::data + page_size - 8);
  EXPECT_EQ(block.memory, Record::Memory::Store);
  EXPECT_EQ(block.address, Twins::data + page_size - 64);
  EXPECT_EQ(block.physical, PhysAddr{Twins::data + page_size - 64});
  EXPECT_EQ(block.size, 64u);
  EXPECT_EQ(block.second, Record::nowhere);
}

}  // namespace
}  // namespace orrery
