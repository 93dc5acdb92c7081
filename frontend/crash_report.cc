#include "frontend/crash_report.h"

#include <fmt/format.h>

#include <iterator>
#include <ranges>

#include "cpu/arch/trap.h"
#include "cpu/isa/disassemble.h"
#include "frontend/guest_view.h"

namespace orrery {
namespace {

constexpr unsigned most_callers = 32;
constexpr u64 scanned_bytes = 4096;
constexpr u64 most_stack = 1 << 20;
constexpr unsigned most_harts_listed = 8;
constexpr unsigned instructions_before = 6;
constexpr unsigned instructions_after = 3;

struct CsrRow {
  const char* name;
  u64 CsrFile::* value;
};
constexpr CsrRow csr_rows[] = {
    {"mstatus", &CsrFile::mstatus}, {"mcause", &CsrFile::mcause}, {"mepc", &CsrFile::mepc},
    {"mtval", &CsrFile::mtval},     {"mtvec", &CsrFile::mtvec},   {"mie", &CsrFile::mie},
    {"scause", &CsrFile::scause},   {"sepc", &CsrFile::sepc},     {"stval", &CsrFile::stval},
    {"stvec", &CsrFile::stvec},     {"satp", &CsrFile::satp},     {"medeleg", &CsrFile::medeleg}};

// Four cells a line.
class Columns {
 public:
  void add(std::string_view name, u64 value) {
    text_ += fmt::format("{}{:>8} {:016x}", count_ % 4 == 0 ? "\n  " : "  ", name, value);
    ++count_;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  unsigned count_ = 0;
};

std::string registers(const Hart& hart) {
  Columns columns;
  for (u8 i = 1; i < 32; ++i) columns.add(x_name(i), hart.x[i]);
  return columns.text();
}

std::string control_registers(const Hart& hart) {
  Columns columns;
  for (const CsrRow& row : csr_rows) columns.add(row.name, hart.csr.*row.value);
  columns.add("mip", hart.csr.mip());
  return columns.text();
}

std::string last_traps(const Hart& hart, const SymbolTable& symbols) {
  std::string text;
  for (const auto& [mode, trap] : {std::pair(Privilege::Machine, hart.last_machine_trap),
                                   std::pair(Privilege::Supervisor, hart.last_supervisor_trap)})
    if (trap)
      text += fmt::format("\n  last trap to {} mode: {}, tval {:#x}, at {}", privilege_name(mode),
                          cause_name(trap->cause), trap->value,
                          describe_address(symbols, trap->pc));
  return text;
}

std::string line_of(const Hart& hart, u64 pc, const GuestInstruction& instruction) {
  return fmt::format("\n  {} {:016x}  {:0{}x}{}  {}", pc == hart.pc ? "->" : "  ", pc,
                     instruction.bits, 2 * instruction.size, instruction.size == 2 ? "    " : "",
                     instruction.text);
}

// Instructions are 2 or 4 bytes, so going back is a guess: the earliest start from which decoding
// arrives at pc exactly.
u64 start_before(const Hart& hart) {
  for (u64 back = 4 * instructions_before; back > 0; back -= 2) {
    if (back > hart.pc) continue;
    u64 at = hart.pc - back;
    while (at < hart.pc) {
      const auto instruction = instruction_at(hart, at);
      if (!instruction) break;
      at += instruction->size;
    }
    if (at == hart.pc) return hart.pc - back;
  }
  return hart.pc;
}

std::string code(const Hart& hart) {
  std::string text;
  unsigned after = 0;
  for (u64 at = start_before(hart); after <= instructions_after;) {
    const auto instruction = instruction_at(hart, at);
    if (!instruction) {
      text += fmt::format("\n  {} {:016x}  cannot be fetched", at == hart.pc ? "->" : "  ", at);
      break;
    }
    text += line_of(hart, at, *instruction);
    if (at >= hart.pc) ++after;
    at += instruction->size;
  }
  return text;
}

// Whether a frame's record ends at `frame`, in a stack that is used from `below` on.
bool is_frame(const Hart& hart, u64 frame, u64 below) {
  if (frame < 16 || frame % 8 != 0 || frame <= below || frame - below > most_stack) return false;
  const auto return_address = word_at(hart, frame - 8);
  return return_address && instruction_at(hart, *return_address);
}

// A call that never returns may be its function's last instruction: the place before the return
// address is the caller's for certain.
std::string describe_return(const SymbolTable& symbols, u64 address) {
  const auto place = symbols.lookup(address - 1);
  return fmt::format("{:016x}{}", address,
                     place ? fmt::format(" {}+{:#x}", place->name, place->offset + 1) : "");
}

std::vector<u64> follow_frames(const Hart& hart) {
  std::vector<u64> callers;
  // A frame's record ends where s0 points: return address, then the caller's s0 (psABI, frame
  // pointer convention).
  u64 frame = hart.x[8];
  u64 below = hart.x[2];
  // A function that calls none saves s0 alone, where others save the return address.
  if (frame >= 16 && frame % 8 == 0 && frame > below) {
    const auto saved = word_at(hart, frame - 8);
    if (saved && is_frame(hart, *saved, frame) && instruction_at(hart, hart.x[1])) {
      callers.push_back(hart.x[1]);
      below = frame;
      frame = *saved;
    }
  }
  while (callers.size() < most_callers && is_frame(hart, frame, below)) {
    const auto next = word_at(hart, frame - 16);
    if (!next) break;
    callers.push_back(*word_at(hart, frame - 8));
    below = frame;
    frame = *next;
  }
  return callers;
}

std::vector<u64> scan_stack(const Hart& hart, const SymbolTable& symbols) {
  std::vector<u64> callers;
  if (symbols.lookup(hart.x[1])) callers.push_back(hart.x[1]);
  const u64 begin = hart.x[2] & ~u64{7};
  for (u64 offset = 0; offset < scanned_bytes && callers.size() < most_callers; offset += 8) {
    const auto word = word_at(hart, begin + offset);
    if (!word) break;
    const auto place = symbols.lookup(*word);
    if (place && place->offset != 0) callers.push_back(*word);
  }
  return callers;
}

std::string whereabouts(const Hart& hart, const SymbolTable& symbols) {
  return fmt::format("hart {}: {} mode{}, {} instructions, pc {}", hart.id,
                     privilege_name(hart.privilege), hart.waiting ? ", in wfi" : "", hart.steps,
                     describe_address(symbols, hart.pc));
}

std::string report(const Hart& hart, const SymbolTable& symbols) {
  std::string text = whereabouts(hart, symbols);
  text += registers(hart) + control_registers(hart) + last_traps(hart, symbols) + code(hart);
  const Backtrace trace = backtrace(hart, symbols);
  if (!trace.callers.empty())
    text += trace.scanned ? "\n  on the stack, callers among them:" : "\n  called from:";
  for (const u64 caller : trace.callers)
    text += "\n    " + describe_return(symbols, caller);
  return text + "\n";
}

}  // namespace

Backtrace backtrace(const Hart& hart, const SymbolTable& symbols) {
  Backtrace result{follow_frames(hart), false};
  if (result.callers.size() >= 2) return result;
  auto scanned = scan_stack(hart, symbols);
  if (scanned.size() <= result.callers.size()) return result;
  return {std::move(scanned), true};
}

std::string whereabouts(Machine& machine, const SymbolTable& symbols) {
  const auto harts = machine.harts();
  std::string text;
  for (const Hart* hart : harts | std::views::take(most_harts_listed))
    text += whereabouts(*hart, symbols) + "\n";
  if (harts.size() > most_harts_listed)
    text += fmt::format("... and {} more harts\n", harts.size() - most_harts_listed);
  return text;
}

std::string crash_report(Machine& machine, const SymbolTable& symbols) {
  std::string text;
  for (const Hart* hart : machine.harts()) text += report(*hart, symbols);
  return text;
}

}  // namespace orrery
