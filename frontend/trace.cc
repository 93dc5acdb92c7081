#include "frontend/trace.h"

#include <fmt/format.h>

#include <iterator>

#include "cpu/isa/disassemble.h"
#include "frontend/guest_view.h"

namespace orrery {

void Tracer::before_instruction(Hart& hart) {
  if (hart.id >= pending_.size()) pending_.resize(hart.id + 1);
  Pending& p = pending_[hart.id];
  if (p.open && p.steps == hart.steps) return;  // it had to wait for its turn
  complete(hart);
  if (written_ < filter_.count && filter_.wants(hart.id, hart.privilege, hart.pc)) open(hart);
}

void Tracer::finish(const std::vector<Hart*>& harts) {
  for (const Hart* hart : harts)
    if (hart->id < pending_.size()) complete(*hart);
  file_.flush();
}

void Tracer::open(const Hart& hart) {
  Pending& p = pending_[hart.id];
  const auto instruction = instruction_at(hart, hart.pc);
  const std::string bits = !instruction ? "?"
                           : instruction->size == 2 ? fmt::format("{:04x}", instruction->bits)
                                                    : fmt::format("{:08x}", instruction->bits);
  p.line = fmt::format("{} {} {:016x} {:<32} {:<8}  {:<28}", hart.id,
                       privilege_name(hart.privilege), hart.pc, symbols_.describe(hart.pc), bits,
                       instruction ? instruction->text : "cannot be fetched");
  std::copy(std::begin(hart.x), std::begin(hart.x) + 32, std::begin(p.x));
  std::copy(std::begin(hart.f), std::end(hart.f), std::begin(p.f));
  p.steps = hart.steps;
  p.untaken = hart.untaken;
  p.open = true;
  ++written_;
}

void Tracer::complete(const Hart& hart) {
  Pending& p = pending_[hart.id];
  if (!p.open) return;
  p.open = false;
  for (u8 i = 1; i < 32; ++i)
    if (hart.x[i] != p.x[i]) p.line += fmt::format(" {}={:x}", x_name(i), hart.x[i]);
  for (u8 i = 0; i < 32; ++i)
    if (hart.f[i] != p.f[i]) p.line += fmt::format(" {}={:x}", f_name(i), hart.f[i]);
  if (hart.untaken != p.untaken) p.line += " trap";
  p.line.erase(p.line.find_last_not_of(' ') + 1);
  p.line += '\n';
  file_.write(p.line);
}

}  // namespace orrery
