// What ends the reservation of another hart under a timing model: every store to its bytes.
#include "tests/lockstep/guests.h"

namespace orrery {
namespace {

constexpr u64 entry = 0x8000'0000;
constexpr u64 reserved = 0x8000'2000;
constexpr u32 lr_d = 0x1005b62f;  // lr.d a2, (a1)

struct Reservation : testing::Test {
  // Hart 1 sleeps, with eight bytes reserved. Hart 0 executes `program` with a1 = `address`, a0 = 1.
  bool ends(const std::vector<u32>& program, u64 address) {
    const Json description = {{"machine", {{"harts", 2}, {"memory", "1MiB"}, {"cpu", "inorder"}}}};
    GuestMachine guest(description);
    Machine& machine = *guest.machine;
    machine.memory().write_bytes(PhysAddr{entry},
                                 {reinterpret_cast<const u8*>(program.data()), 4 * program.size()});
    for (Hart* hart : machine.harts()) hart->reset(entry, 1, address, 0);
    Hart& sleeper = machine.hart(1);
    sleeper.waiting = true;
    sleeper.reservation = PhysAddr{reserved};
    sleeper.reservation_bytes = 8;
    machine.run({program.size()});
    EXPECT_EQ(machine.hart(0).pc, entry + 4 * program.size());
    EXPECT_EQ(machine.hart(0).untaken, 0u);
    return sleeper.reservation_bytes == 0;
  }
};

TEST_F(Reservation, EndsWithStores) {
  EXPECT_TRUE(ends({0x00a5b023}, reserved));       // sd a0, 0(a1)
  EXPECT_TRUE(ends({0x00a58023}, reserved + 7));   // sb
  EXPECT_FALSE(ends({0x00a58023}, reserved + 8));
  EXPECT_FALSE(ends({0x00a5a023}, reserved - 4));  // sw
  EXPECT_FALSE(ends({0x0005b603}, reserved));      // ld a2, 0(a1)
}

TEST_F(Reservation, EndsWithAStoreThatCrossesIntoItsPage) {
  EXPECT_TRUE(ends({0x00a5b023}, reserved - 4));
  EXPECT_TRUE(ends({0x00a5b023}, reserved - 7));
  EXPECT_FALSE(ends({0x00a5b023}, reserved - 8));
}

TEST_F(Reservation, EndsWithAtomics) {
  EXPECT_TRUE(ends({0x00a5a62f}, reserved + 4));   // amoadd.w a2, a0, (a1)
  EXPECT_FALSE(ends({0x00a5a62f}, reserved + 8));
  EXPECT_FALSE(ends({lr_d}, reserved));
  EXPECT_FALSE(ends({0x18a5b62f}, reserved));      // sc.d a2, a0, (a1) without a reservation
  EXPECT_TRUE(ends({lr_d, 0x18a5b62f}, reserved));
  EXPECT_TRUE(ends({lr_d, 0x18a5b02f}, reserved));  // its outcome goes to x0
  EXPECT_FALSE(ends({0x18a5b02f}, reserved));
}

TEST_F(Reservation, EndsWithItsBlock) {
  EXPECT_TRUE(ends({0x0045a00f}, reserved + 60));  // cbo.zero (a1)
  EXPECT_FALSE(ends({0x0045a00f}, reserved + 64));
}

}  // namespace
}  // namespace orrery
