#include "frontend/host_disassembler.h"

#include <capstone/capstone.h>
#include <fmt/format.h>

#include "base/error.h"

namespace orrery {
namespace {

// Where a direct jump or call goes.
std::optional<u64> target_of(csh handle, const cs_insn& insn) {
  if (!cs_insn_group(handle, &insn, CS_GRP_JUMP) && !cs_insn_group(handle, &insn, CS_GRP_CALL))
    return std::nullopt;
  const cs_x86& x86 = insn.detail->x86;
  if (x86.op_count != 1 || x86.operands[0].type != X86_OP_IMM) return std::nullopt;
  return static_cast<u64>(x86.operands[0].imm);
}

}  // namespace

HostDisassembler::HostDisassembler() {
  static_assert(sizeof(csh) == sizeof handle_);
  ORRERY_CHECK(cs_open(CS_ARCH_X86, CS_MODE_64, &handle_) == CS_ERR_OK, "Capstone does not open");
  cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
}

HostDisassembler::~HostDisassembler() { cs_close(&handle_); }

std::vector<HostInstruction> HostDisassembler::disassemble(std::span<const u8> code,
                                                           const NameTarget& name) const {
  std::vector<HostInstruction> result;
  cs_insn* insn = cs_malloc(handle_);
  const u8* at = code.data();
  std::size_t left = code.size();
  u64 address = reinterpret_cast<u64>(at);
  while (left > 0) {
    const u64 offset = code.size() - left;
    if (!cs_disasm_iter(handle_, &at, &left, &address, insn)) {
      result.push_back({offset, 1, fmt::format(".byte {:#04x}", *at)});
      ++at, --left, ++address;
      continue;
    }
    const auto target = target_of(handle_, *insn);
    const std::string named = target ? name(*target) : "";
    result.push_back({offset, insn->size,
                      fmt::format("{} {}", insn->mnemonic, named.empty() ? insn->op_str : named)});
  }
  cs_free(insn, 1);
  return result;
}

}  // namespace orrery
