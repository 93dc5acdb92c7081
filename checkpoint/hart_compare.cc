#include "checkpoint/hart_compare.h"

#include "base/archive.h"
#include "cpu/arch/hart.h"

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

}  // namespace orrery
