// A machine that runs a program by itself: two harts count in shared memory (AMO, LR/SC), read
// counters and the console's status, print, sleep, and take timer interrupts.
#pragma once

#include <cstring>
#include <memory>

#include "base/json.h"
#include "models/machine.h"

namespace orrery {

inline constexpr u64 guest_entry = 0x8000'0000;

//   csrr s0, mhartid            | loop: addi s4, s4, 1         | 2: slli t0, s4, 3
//   li   s1, 0x80010000         |       amoadd.d t3, s4, (s1)  |    andi t0, t0, 0x7f8
//   la   t0, handler            | 1:    lr.d t4, (s5)          |    add  t0, t0, s1
//   csrw mtvec, t0              |       addi t4, t4, 3         |    sd   a4, 256(t0)
//   li   s2, 0x02004000         |       sc.d t5, t4, (s5)      |    j    loop
//   slli t1, s0, 3              |       bnez t5, 1b            | handler:
//   add  s2, s2, t1             |       csrr t6, time          |    addi s7, s7, 1
//   li   s3, 0x0200bff8         |       add  a4, a4, t6        |    ld   t2, 0(s3)
//   ld   t2, 0(s3)              |       csrr t6, cycle         |    addi t2, t2, 50
//   addi t2, t2, 50             |       xor  a4, a4, t6        |    sd   t2, 0(s2)
//   sd   t2, 0(s2)              |       csrr t6, instret       |    add  a5, a5, t2
//   li   t0, 0x80               |       add  a4, a4, t6        |    mret
//   csrw mie, t0                |       lbu  t6, 5(s6)         |
//   csrsi mstatus, 8            |       add  a4, a4, t6        |
//   addi s5, s1, 64             |       andi t0, s4, 63        |
//   li   s6, 0x10000000         |       bnez t0, 2f            |
//                               |       li   t0, '.'           |
//                               |       sb   t0, 0(s6)         |
//                               |       wfi                    |
inline constexpr u32 guest_program[] = {
    0xf1402473, 0x000084b7, 0x0014849b, 0x01049493, 0x00000297, 0x0a028293, 0x30529073, 0x02004937,
    0x00341313, 0x00690933, 0x0200c9b7, 0xff89899b, 0x0009b383, 0x03238393, 0x00793023, 0x08000293,
    0x30429073, 0x30046073, 0x04048a93, 0x10000b37, 0x001a0a13, 0x0144be2f, 0x100abeaf, 0x003e8e93,
    0x19dabf2f, 0xfe0f1ae3, 0xc0102ff3, 0x01f70733, 0xc0002ff3, 0x01f74733, 0xc0202ff3, 0x01f70733,
    0x005b4f83, 0x01f70733, 0x03fa7293, 0x00029863, 0x02e00293, 0x005b0023, 0x10500073, 0x003a1293,
    0x7f82f293, 0x009282b3, 0x10e2b023, 0xfa5ff06f, 0x001b8b93, 0x0009b383, 0x03238393, 0x00793023,
    0x007787b3, 0x30200073};

inline Json guest_description(u32 harts, const std::string& model) {
  return {{"machine",
           {{"harts", harts},
            {"memory", "2MiB"},
            {"cpu", model},
            {"direct", {{"translate_after", 0}}}}}};  // it is short
}

struct Guest {
  Json resolved;
  std::vector<std::string> fixed;
  MachineConfig config;
  std::unique_ptr<Machine> machine;

  // Without `start` the machine is as built: to restore into.
  explicit Guest(const Json& description = guest_description(2, "interpreter"), bool start = true)
      : config(read_machine(description, &resolved, &fixed)), machine(another(start)) {}

  // One more machine like this one. Reading a description takes longer than building what it describes.
  std::unique_ptr<Machine> another(bool start = false) const {
    auto built = std::make_unique<Machine>(config);
    if (!start) return built;
    built->memory().write_bytes(PhysAddr{guest_entry},
                                {reinterpret_cast<const u8*>(guest_program), sizeof guest_program});
    for (Hart* hart : built->harts()) hart->reset(guest_entry, hart->id, 0, 0);
    return built;
  }
};

}  // namespace orrery
