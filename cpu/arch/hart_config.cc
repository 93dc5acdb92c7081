#include "cpu/arch/hart_config.h"

namespace orrery {

void HartConfig::visit(Params& p) {
  p("isa", isa, "extensions, as an ISA string: rv64 with i m a f d c s u and _z..., _s... names")
      .fixed_at_restore();
  const std::string problem = ExtensionSet::parse(isa, extensions);
  p.require(problem.empty(), "isa", problem);
  p.require(extensions.has(Extension::Zicsr), "isa", "machine mode needs \"zicsr\"");
  p.choice("satp", satp,
           {{"bare", SatpMode::Bare},
            {"sv39", SatpMode::Sv39},
            {"sv48", SatpMode::Sv48},
            {"sv57", SatpMode::Sv57}},
           "highest address translation mode")
      .fixed_at_restore();
  p("misaligned", misaligned, "misaligned loads and stores work in hardware; otherwise they trap")
      .fixed_at_restore();
  p("adue", adue, "reset value of menvcfg.ADUE: hardware updates A and D bits (Svadu)")
      .fixed_at_restore();
  p("pmp_entries", pmp_entries, "entries", "physical memory protection entries")
      .fixed_at_restore();
  p.require(pmp_entries == 0 || pmp_entries == 16 || pmp_entries == 64, "pmp_entries",
            "must be 0, 16 or 64");
  p("hpm_counters", hpm_counters, "counters", "programmable counters mhpmcounter3 and up")
      .fixed_at_restore();
  p.require(hpm_counters <= 29, "hpm_counters", "must be 0..29");
  p("mvendorid", mvendorid, "id", "value of the mvendorid CSR").fixed_at_restore();
  p.require(mvendorid <= ~u32{0}, "mvendorid", "must fit into 32 bits");  // II, 3.1.2
  p("marchid", marchid, "id", "value of the marchid CSR").fixed_at_restore();
  p("mimpid", mimpid, "id", "value of the mimpid CSR").fixed_at_restore();
}

}  // namespace orrery
