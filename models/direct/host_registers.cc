#include "models/direct/host_registers.h"

namespace orrery::direct {

HostFeatures host_features() {
  const auto& f = asmjit::CpuInfo::host().features().x86();
  HostFeatures result;
  result.usable = f.hasBMI() && f.hasBMI2() && f.hasLZCNT() && f.hasPOPCNT() && f.hasAVX2() && f.hasFMA();
  result.wide_registers = f.hasAVX512_F() && f.hasAVX512_VL() && f.hasAVX512_DQ();
  return result;
}

std::vector<PinnedF> pinned_f(const HostFeatures& features) {
  // fa0..fa7, ft0..ft7, fs0, fs1, fs2..fs11, ft8..ft11
  static constexpr u8 order[] = {10, 11, 12, 13, 14, 15, 16, 17, 0,  1,  2,  3,  4,  5,  6,  7,
                                 8,  9,  18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
  const u32 last = features.wide_registers ? 31 : 15;
  std::vector<PinnedF> result;
  for (u32 host = 4; host <= last; ++host) result.push_back({order[host - 4], x86::xmm(host)});
  return result;
}

}  // namespace orrery::direct
