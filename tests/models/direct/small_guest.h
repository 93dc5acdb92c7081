// A machine under the model direct that translates everything it meets, on a program of all sizes
// of instructions, some of which no host code is left of.
#pragma once

#include <functional>
#include <memory>

#include "base/json.h"
#include "models/direct/listing.h"
#include "models/machine.h"

namespace orrery {

inline constexpr u64 small_entry = 0x8000'0000;
inline constexpr u64 small_loop = small_entry + 6;

//      auipc sp, 1 | loop: addi a0, a0, -1 | nop               | csrsi mscratch, 3
//      li a0, 10   |       nop             | lui a3, 16        | fadd.d fa0, fa1, fa2
//                  |       ld a1, 0(sp)    | lui a3, 17        | j .
//                  |       sd a1, 8(sp)    | div a2, a0, a1    |
//                  |                       | bnez a0, loop     |
inline constexpr u16 small_program[] = {0x1117, 0x0000, 0x4529, 0x157d, 0x0001, 0x6582,
                                        0xe42e, 0x0001, 0x66c1, 0x66c5, 0x4633, 0x02b5,
                                        0xf57d, 0xe073, 0x3401, 0xf553, 0x02c5, 0xa001};

struct SmallGuest {
  std::unique_ptr<Machine> machine;

  SmallGuest() {
    const Json description = {{"machine", {{"memory", "2MiB"}, {"cpu", "direct"},
                                           {"direct", {{"translate_after", 0}}}}}};
    machine = std::make_unique<Machine>(read_machine(description, nullptr, nullptr));
    machine->memory().write_bytes(PhysAddr{small_entry},
                                  {reinterpret_cast<const u8*>(small_program), sizeof small_program});
    restart();
  }

  void restart() { machine->hart(0).reset(small_entry, 0, 0, 0); }
  void run(u64 steps) { machine->run({.steps = steps}); }
};

struct Listener final : TranslationListener {
  std::function<void(const Translation&)> on_translated;
  unsigned clears = 0;

  void translated(const Translation& t) override {
    if (on_translated) on_translated(t);
  }
  void cleared() override { ++clears; }
};

}  // namespace orrery
