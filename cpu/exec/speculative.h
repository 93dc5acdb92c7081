// Executing down a wrong path: the instruction rows evaluated on a copy.
//
// After a mispredicted branch a timing model fetches and executes what really stands there, on a
// copy of the registers and with stores kept in an overlay. It reads the guest's memory and page
// tables but changes nothing: no A or D bits, no reservations, no devices, no CSRs. The path ends
// where it cannot be followed without an effect: a fault, a device, a system instruction.
#pragma once

#include <array>
#include <vector>

#include "cpu/arch/hart.h"
#include "cpu/exec/step.h"
#include "cpu/isa/op.h"

namespace orrery {

class Speculator {
 public:
  // `hart` is the one whose wrong paths are followed; it is only read.
  explicit Speculator(const Hart& hart);

  // Starts at `pc` with the hart's registers as they are now. Until the path ends the hart executes
  // nothing.
  void begin(u64 pc);

  // Executes the next instruction and says what it did (result is Done). False: the path ends here.
  bool step(Executed& done);

  // Goes on at `pc`, whatever was computed: a wrong path follows predictions too.
  void turn(u64 pc) { pc_ = pc; }

 private:
  friend class SpeculativeContext;
  struct Byte {
    PhysAddr address;
    u8 value;
  };
  static constexpr std::size_t most_stored_bytes = 512;

  struct Decoded {
    u32 bits = 0;
    Op op;
  };
  static constexpr u64 decoded_size = 512;

  // Where the hart's access would go: RAM that it may access, in one page, or nothing.
  const u8* find(u64 address, unsigned size, AccessKind kind, PhysAddr& physical) const;
  inline const Op* fetch(PhysAddr& physical);
  const Op* fetch_elsewhere(PhysAddr& physical);
  void remember_page();
  inline const Op& decode(u32 bits);
  u64 read(PhysAddr address, const u8* host, unsigned size) const;

  const Hart& hart_;
  Decoder decoder_;
  std::array<Decoded, decoded_size> decoded_{};  // by the instruction's bits, so never stale
  std::array<u64, 33> x_{};
  std::array<u64, 32> f_{};
  u8 fflags_ = 0;
  u8 frm_ = 0;
  bool fp_enabled_ = false;
  u64 pc_ = 0;
  static constexpr u64 no_page = 1;
  u64 page_ = no_page;  // that the path was fetched from last, when the hart had it at hand
  u64 page_space_ = 0;
  const u8* page_host_ = nullptr;
  PhysAddr page_physical_;
  std::vector<Byte> stored_;  // latest last
};

}  // namespace orrery
