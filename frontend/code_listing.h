// --trace host-code[:from=ADDR,to=ADDR,count=N]: each translation when it is made, side by side:
// guest instructions, what they became in the IR after the passes, and their host code.
//
//   --- 0000000080000040 at pc ffffffff80000040 memcpy+0x10: 5 guest instructions (12 bytes) ...
//   guest                              IR                          host
//   memcpy+0x10:                                                      0  sub r15, 5
//                                                                     7  jb 58
//   ffffffff80000040  addi a0,a0,8     x10 = add(x10, 0x8)            d  add r8, 8
//   ...
//   rare paths and exits                                             58  mov eax, 0x40
//
// The first address is physical. Jumps inside go to an offset, those to elsewhere to a name of
// models/direct/thunks.h.
#pragma once

#include "cpu/isa/extensions.h"
#include "frontend/host_disassembler.h"
#include "frontend/trace.h"
#include "frontend/trace_file.h"
#include "memory/address_space.h"
#include "models/direct/listing.h"

namespace orrery {

struct GuestFacts {
  const AddressSpace& memory;
  const SymbolTable& symbols;
  ExtensionSet extensions;
};

// The text of one translation.
std::string list_translation(const Translation& translation, const GuestFacts& guest,
                             const HostDisassembler& host);

class CodeListing final : public TranslationListener {
 public:
  // What `guest` refers to outlives it. Translations that hold a pc of the range are shown, up to
  // filter.count of them.
  CodeListing(const TraceFilter& filter, const std::string& file, const GuestFacts& guest)
      : filter_(filter), guest_(guest), file_(file) {}

  void translated(const Translation& translation) override;
  void cleared() override {}
  void finish() { file_.flush(); }

 private:
  bool wants(const Translation& translation) const;

  TraceFilter filter_;
  GuestFacts guest_;
  HostDisassembler host_;
  TraceFile file_;
  u64 written_ = 0;
};

}  // namespace orrery
