// All harts at once: atomics, a lock, interrupts between harts, timer interrupts, Sv39 with a page
// that moves and page faults. What it prints depends on the number of harts alone; it ends with
// status 0 when nothing was lost.
//
// Machine mode keeps timers and passes software interrupts on (as firmware does); the work is done
// in supervisor mode, translated.
#include "bare.h"

#ifndef ROUNDS
#define ROUNDS 24
#endif

enum { atomics_a_round = 64 };
enum { pte_valid = 0xcf, pte_table = 1 };  // V R W X A D; V
enum { window = 0x40000000, page = 4096 };
enum { timer_period = 40 };

static u64 harts;
static u64 root[512] __attribute__((aligned(4096)));
static u64 middle[512] __attribute__((aligned(4096)));
static u64 leaves[512] __attribute__((aligned(4096)));
static u8 frames[2 * most_harts][page] __attribute__((aligned(4096)));

static u64 by_reservation, by_amo, under_lock[2];
static u32 the_lock;
static u64 arrived, ready;
static struct { u64 asked, answered, timers, faults, fill[4]; } mail[most_harts];
static u64 next_frame[most_harts];  // what a fault maps

static u64 hart_number(void) {
  u64 hart;
  __asm__ volatile("mv %0, tp" : "=r"(hart));
  return hart;
}

static void barrier(void) {
  const u64 ticket = amo_add(&arrived, 1);
  const u64 all = (ticket / harts + 1) * harts;
  while (*(volatile u64 *)&arrived < all) continue;
}

static u64 leaf(const void *frame) { return (u64)frame >> 12 << 10 | pte_valid; }

static __attribute__((interrupt("machine"), aligned(4))) void machine_trap(void) {
  const u64 hart = hart_number();
  switch (read_csr(mcause)) {
    case 1ull << 63 | 7:
      mtimecmp[hart] = *mtime + timer_period;
      amo_add(&mail[hart].timers, 1);
      break;
    case 1ull << 63 | 3:
      msip[hart] = 0;
      set_csr(mip, 2);  // SSIP
      break;
    default:
      print("unexpected trap in machine mode\n");
      end(2);
  }
}

static __attribute__((interrupt("supervisor"), aligned(4))) void supervisor_trap(void) {
  const u64 hart = hart_number();
  const u64 cause = read_csr(scause);
  if (cause == (1ull << 63 | 1)) {
    clear_csr(sip, 2);
    mail[hart].answered = amo_add(&mail[hart].asked, 0);
  } else if (cause == 15 && read_csr(stval) / page == window / page + hart) {
    ++mail[hart].faults;
    leaves[hart] = leaf(frames[next_frame[hart]]);
    __asm__ volatile("sfence.vma" ::: "memory");
  } else {
    print("unexpected trap in supervisor mode\n");
    end(3);
  }
}

static void interrupt_hart(u64 hart) {
  const u64 ticket = amo_add(&mail[hart].asked, 1) + 1;
  msip[hart] = 1;
  while (*(volatile u64 *)&mail[hart].answered < ticket) continue;
}

static void move_page(u64 hart, u64 round) {
  volatile u64 *const at = (volatile u64 *)(window + hart * page);
  next_frame[hart] = 2 * hart + (round & 1);
  leaves[hart] = 0;
  __asm__ volatile("sfence.vma %0" : : "r"(at) : "memory");
  const u64 before = mail[hart].faults;
  at[round % 512] = round + 1;  // faults, and is mapped
  if (mail[hart].faults != before + 1) end(4);
  if (*(volatile u64 *)&frames[next_frame[hart]][round % 512 * 8] != round + 1) end(5);
  leaves[hart] = leaf(frames[next_frame[hart] ^ 1]);
  __asm__ volatile("sfence.vma %0" : : "r"(at) : "memory");
  if (round > 0 && at[(round - 1) % 512] != round) end(6);
}

u64 crossing(u64 x);  // x + 3

// Keeps the harts from falling into step.
static u64 dawdle(u64 random) {
  random ^= random << 13, random ^= random >> 7, random ^= random << 17;
  for (u64 i = random & 31; i != 0; --i) __asm__ volatile("" : : : "memory");
  return random;
}

static void work(void) {
  const u64 hart = hart_number();
  u64 random = hart + 1;
  barrier();
  for (u64 round = 0; round < ROUNDS; ++round) {
    for (u64 i = 0; i < atomics_a_round; ++i) {
      random = dawdle(random);
      if (crossing(random) != random + 3) end(7);
      reserved_add(&by_reservation, hart + 1);
      amo_add(&by_amo, i);
      lock(&the_lock);
      ++under_lock[0];
      under_lock[1] += under_lock[0] & 1;
      unlock(&the_lock);
    }
    move_page(hart, round);
    interrupt_hart((hart + 1) % harts);
    if (round % 8 == 0) __asm__ volatile("wfi");
  }
  barrier();
  if (hart != 0)
    for (;;) __asm__ volatile("wfi");

  const u64 each = ROUNDS * atomics_a_round;
  u64 asked = 0;
  for (u64 h = 0; h < harts; ++h) asked += mail[h].asked;
  print_number(harts), print(" harts, ");
  print_number(by_reservation), print(" by reservation, ");
  print_number(by_amo), print(" by amo, ");
  print_number(under_lock[0]), print(" and "), print_number(under_lock[1]), print(" under the lock, ");
  print_number(asked), print(" interrupts\n");
  __asm__ volatile("slti x0, x0, 3");
  if (by_reservation != each * harts * (harts + 1) / 2) end(10);
  if (by_amo != ROUNDS * harts * atomics_a_round * (atomics_a_round - 1) / 2) end(11);
  if (under_lock[0] != each * harts || under_lock[1] != each * harts / 2) end(12);
  if (asked != ROUNDS * harts) end(13);
  for (u64 h = 0; h < harts; ++h)
    if (mail[h].timers == 0) end(14);
  print("good\n");
  end(0);
}

// The nodes cpu@0, cpu@1 ... of the flattened device tree.
static u64 count_harts(const u8 *tree) {
  const u64 size = (u64)tree[4] << 24 | tree[5] << 16 | tree[6] << 8 | tree[7];
  u64 count = 0;
  for (u64 i = 0; i + 8 < size; i += 4)
    count += tree[i] == 0 && tree[i + 3] == 1 && tree[i + 4] == 'c' && tree[i + 5] == 'p' &&
             tree[i + 6] == 'u' && tree[i + 7] == '@';
  return count;
}

void main(u64 hart, const u8 *tree) {
  __asm__ volatile("mv tp, %0" : : "r"(hart));
  if (hart == 0) {
    root[0] = pte_valid;  // devices, 1 GiB
    root[1] = (u64)middle >> 12 << 10 | pte_table;
    root[2] = (0x80000000ull >> 12 << 10) | pte_valid;
    middle[0] = (u64)leaves >> 12 << 10 | pte_table;
    harts = count_harts(tree);
    amo_add(&ready, 1);
  } else {
    while (amo_add(&ready, 0) == 0) continue;
  }
  write_csr(pmpaddr0, ~0ull >> 10);
  write_csr(pmpcfg0, 0x1f);
  write_csr(mtvec, machine_trap);
  write_csr(stvec, supervisor_trap);
  write_csr(medeleg, 1 << 15);
  write_csr(mideleg, 1 << 1);
  mtimecmp[hart] = *mtime + timer_period;
  write_csr(mie, 1 << 1 | 1 << 3 | 1 << 7);
  write_csr(satp, 8ull << 60 | (u64)root >> 12);
  __asm__ volatile("sfence.vma" ::: "memory");
  clear_csr(mstatus, 3 << 11);
  set_csr(mstatus, 1 << 11 | 1 << 5);  // MPP = S, SPIE
  set_csr(mstatus, 1 << 1);            // SIE
  write_csr(mepc, work);
  __asm__ volatile("mret");
  __builtin_unreachable();
}
