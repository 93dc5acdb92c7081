// Which host register holds what while translated code runs.
//
//   rbp  &hart.x[16]: all integer registers of the guest are within one signed byte
//   rsp  the thunks' frame (thunks.h, Slot)
//   r15  instructions left in the budget before the running block
//   rax rcx rdx   scratch; xmm0..xmm2 too
//   xmm3 all ones while the f registers are loaded: what is above a boxed single (I, 21.2)
//   the others    pinned: one guest register each between regions, so that these are chained without
//                 moving anything; inside, a region may give them to others (emitter.h). Guest
//                 registers without a host register stay in the hart.
#pragma once

#include <asmjit/x86.h>

#include <vector>

#include "base/types.h"

namespace orrery::direct {

namespace x86 = asmjit::x86;

inline constexpr x86::Gp base_register = x86::rbp;
inline constexpr x86::Gp budget_register = x86::r15;

struct PinnedX {
  u8 guest;
  x86::Gp host;
};
// What compilers use most: sp, a0..a6, s0, s1.
inline constexpr PinnedX pinned_x[] = {
    {2, x86::rbx}, {10, x86::rsi}, {11, x86::rdi}, {12, x86::r8},  {13, x86::r9},
    {14, x86::r10}, {15, x86::r11}, {8, x86::r12}, {9, x86::r13}, {16, x86::r14},
};

inline constexpr x86::Xmm ones_register = x86::xmm3;

struct PinnedF {
  u8 guest;
  x86::Xmm host;
};

// What the host's processor offers.
struct HostFeatures {
  bool usable = false;       // x86-64-v3: BMI2, LZCNT, AVX2, FMA
  bool wide_registers = false;  // AVX-512: 32 vector registers
};
HostFeatures host_features();

// Guest floating-point registers that have a host register while floating-point code runs.
std::vector<PinnedF> pinned_f(const HostFeatures& features);

}  // namespace orrery::direct
