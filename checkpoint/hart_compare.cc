#include "checkpoint/hart_compare.h"

#include <cstring>

#include "base/archive.h"
#include "cpu/isa/op.h"

namespace orrery {
namespace {

constexpr const char* decided_by_time[] = {"time", "waiting", "reservation", "reservation_bytes"};
constexpr const char* csr_decided_by_time[] = {"mip_wires", "counters"};
constexpr u64 counter_overflowed = u64{1} << 63;  // mhpmevent.OF (Sscofpmf)

}  // namespace

Json comparable_state(Hart& hart) {
  Archive archive = Archive::saving(hart.path());
  hart.state(archive);
  Json state = archive.take();
  for (const char* name : decided_by_time) state.erase(name);
  Json& csr = state["csr"];
  for (const char* name : csr_decided_by_time) csr.erase(name);
  csr["mip_software"] = csr["mip_software"].get<u64>() & ~interrupt::LCOFI;
  for (Json& event : csr["mhpmevent"]) event = event.get<u64>() & ~counter_overflowed;
  return state;
}

bool HartPair::agree(Hart& a, Hart& b) {
  static_assert(std::has_unique_object_representations_v<CsrFile>);
  if (!known_ || std::memcmp(&a.csr, &a_, sizeof a_) != 0 || std::memcmp(&b.csr, &b_, sizeof b_) != 0) {
    known_ = comparable_state(a) == comparable_state(b);
    a_ = a.csr;
    b_ = b.csr;
    return known_;
  }
  a.x[zero_sink] = b.x[zero_sink] = 0;
  return a.pc == b.pc && std::memcmp(a.x, b.x, sizeof a.x) == 0 && std::memcmp(a.f, b.f, sizeof a.f) == 0 &&
         a.fflags == b.fflags && a.frm == b.frm && a.fs_dirty == b.fs_dirty && a.privilege == b.privilege &&
         a.steps == b.steps && a.untaken == b.untaken;
}

}  // namespace orrery
