// The code around translated code, made once: the way in, the ways out, and the calls of the
// interpreter's handlers. Everything translated code can jump to is a block, or stands here.
#pragma once

#include <vector>

#include "cpu/arch/csr.h"
#include "models/direct/activation.h"
#include "models/direct/code_cache.h"
#include "models/direct/host_registers.h"

namespace orrery::direct {

// Where things of a hart are, in bytes from the base register.
struct HartLayout {
  i32 f = 0;
  i32 fflags = 0, frm = 0, fs_dirty = 0;
  i32 mstatus = 0;
  i32 mip_software = 0, mip_wires = 0, mie = 0;
  i32 privilege = 0, csr = 0;  // csr: the CsrFile
  i32 reservation = 0, reservation_bytes = 0, oracle = 0;
  i32 loads = 0, stores = 0, context = 0;  // the MMU's inline TLBs (cpu/arch/mmu.h)
  i32 warm = 0;  // its WarmFilter

  // The RAM in which inline code reserves: where it is in the host's memory, and in the guest's.
  u64 ram_host = 0, ram_base = 0, ram_size = 0;

  explicit HartLayout(Hart& hart);
  i32 of(const CsrStorage& storage) const;
  static i32 x(u8 guest) { return (guest - 16) * 8; }
};

// The thunks' frame, in bytes from rsp.
namespace slot {
inline constexpr i32 activation = 0;
inline constexpr i32 pc = 8;
inline constexpr i32 jumps = 16;
inline constexpr i32 fp_loaded = 24;  // byte: the pinned f registers and MXCSR hold the guest's
inline constexpr i32 burst = 32;      // a host address (emit_memory.cc)
inline constexpr i32 size = 40;       // keeps rsp aligned
}  // namespace slot

// An instruction that the warmer is told of, in one word: page offset, instructions that the budget
// has been charged for from it on, and of an access the logarithm of its size and whether it stores.
struct WarmPlace {
  u32 offset = 0;
  u64 remaining = 0;
  u32 log_size = 0;
  bool store = false;

  u32 word() const { return offset | static_cast<u32>(remaining) << 12 | log_size << 20 | u32{store} << 22; }
  static WarmPlace of(u32 word) { return {word & 0xfff, word >> 12 & 0xff, word >> 20 & 3, (word >> 22 & 1) != 0}; }
};

struct Thunks {
  // `warm`: with those of warming.
  Thunks(CodeCache& cache, const HartLayout& layout, const HostFeatures& features, bool warm);

  using Enter = Leave (*)(Activation*, const u8* code);
  Enter enter = nullptr;

  // Jumped to; eax is Activation::value.
  const u8* resume = nullptr;
  const u8* link = nullptr;
  const u8* lookup = nullptr;  // rax: where to go on
  // Called with rcx: the BlockOp, edx: page offset of its block, and from bit 16 on how many of its
  // instructions the budget was charged for. Comes back when the instruction is
  // done and the next one follows; the pinned registers are reloaded. `interpret` leaves the
  // f registers unloaded, `access` restores them.
  const u8* interpret = nullptr;
  const u8* access = nullptr;
  // Jumped to with the same: the handlers execute the rest of these instructions.
  const u8* finish = nullptr;
  // Called: loads the f registers and MXCSR. Carry set: floating point cannot be executed directly
  // now (it is off, or the rounding mode is one that the host lacks).
  const u8* load_fp = nullptr;
  // Called with edx: a WarmPlace; rcx: the host address of an access, or the physical address of a
  // line of code (the page stands in the filter). Only rax and rdx change. Null when nobody is told.
  const u8* warm_access = nullptr;
  const u8* warm_page = nullptr;
  const u8* warm_fetch = nullptr;
  // Constants of 16 bytes.
  const u8* sign64 = nullptr;
  const u8* sign32 = nullptr;
  const u8* nan64 = nullptr;  // the canonical NaNs, the single one boxed (I, 20.3)
  const u8* nan32 = nullptr;
};

}  // namespace orrery::direct
