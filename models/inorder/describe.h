// From what cpu/exec executed to what the pipeline is told.
#pragma once

#include "cpu/exec/step.h"
#include "models/inorder/record.h"

namespace orrery {

void describe(const Executed& executed, Record& record);

// How the hart's accesses are translated now (II, 3.1.6.3, 12.1.11).
SpaceId space_of(const Hart& hart);

inline u32 csr_number(const Op& op) { return static_cast<u32>(op.imm) & 0xfff; }
// csrrs and csrrc with x0, or a zero immediate, read only (I, 6.1).
inline bool writes_csr(const Op& op) {
  return op.row == RowId::csrrw || op.row == RowId::csrrwi || op.rs1 != 0;
}

}  // namespace orrery
