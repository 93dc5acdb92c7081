// What a description may say about a hart's architecture.
#pragma once

#include <string>

#include "base/params.h"
#include "cpu/isa/extensions.h"

namespace orrery {

enum class SatpMode : u8 { Bare = 0, Sv39 = 8, Sv48 = 9, Sv57 = 10 };  // satp.MODE (II, 12.1.11)

struct HartConfig {
  std::string isa =
      "rv64imafdcsu_zicbom_zicbop_zicboz_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_zbb_zbs_"
      "sscofpmf_sstc_svadu_svinval_svnapot_svpbmt";
  SatpMode satp = SatpMode::Sv57;  // highest translation mode
  bool misaligned = true;          // misaligned loads and stores work in hardware
  bool adue = true;                // reset value of menvcfg.ADUE
  u32 pmp_entries = 16;
  u32 hpm_counters = 8;            // mhpmcounter3 and up
  u64 mvendorid = 0;
  u64 marchid = 0;
  u64 mimpid = 0;

  ExtensionSet extensions;  // derived from isa

  void visit(Params& p);

  bool has(Extension e) const { return extensions.has(e); }
  std::string isa_string() const { return extensions.isa_string(); }
  std::vector<std::string> extension_names() const { return extensions.names(); }
};

}  // namespace orrery
