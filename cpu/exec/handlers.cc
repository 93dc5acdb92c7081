// The handlers: every row of the instruction table, evaluated on a hart.
#include "cpu/exec/evaluator.h"
#include "cpu/exec/frame.h"
#include "cpu/exec/hart_context.h"
#include "cpu/isa/form.h"

namespace orrery {
namespace {


constexpr bool is_floating_point(Extension e) { return e == Extension::F || e == Extension::D; }

#define INSN_OF(ext, name, encoding, form, cls, meaning)                            \
  const BlockOp* do_##name(Frame& frame, const BlockOp* block_op) {                 \
    HartContext context(frame, block_op);                                           \
    [[maybe_unused]] const Op& o = block_op->op;                                    \
    Evaluator c(context, o);                                                        \
    if constexpr (is_floating_point(Extension::ext)) {                              \
      if (!c.fp_ready(form_has_rounding(Form::form))) return context.next();        \
    }                                                                               \
    meaning;                                                                        \
    return context.next();                                                          \
  }
#define HELPER_OF(ext, name, encoding, form, cls, function)         \
  const BlockOp* do_##name(Frame& frame, const BlockOp* block_op) { \
    HartContext context(frame, block_op);                           \
    context.helper(&helpers::function);                             \
    return context.next();                                          \
  }
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF

const BlockOp* do_end_of_block(Frame& frame, const BlockOp* end) {
  frame.exit = Exit::Next;
  frame.next_pc = frame.pc_of(end);
  frame.exit_op = end - 1;
  return nullptr;
}

constexpr Handler handlers[] = {
#define INSN_OF(ext, name, ...) &do_##name,
#define HELPER_OF(ext, name, ...) &do_##name,
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF
};

}  // namespace

Handler handler_of(RowId row) { return handlers[static_cast<std::size_t>(row)]; }
Handler end_of_block_handler() { return &do_end_of_block; }

bool HartContext::store_conditional(u64 address, unsigned size, u64 value, u64& result) {
  frame_.sync(op_);
  u8* host = nullptr;
  PhysAddr physical;
  const MemoryStatus status = hart_.mmu.atomic(address, size, host, physical);
  bool held = status == MemoryStatus::Ok && hart_.reservation_bytes != 0 &&
              physical >= hart_.reservation &&
              physical + size <= hart_.reservation + hart_.reservation_bytes;
  hart_.reservation_bytes = 0;  // any sc ends the reservation (I, 13.2)
  if (!finish(status)) return false;
  if (hart_.oracle) held = hart_.oracle->decide(hart_, Oracle::Kind::StoreConditional, physical.value(), held);
  if (held) std::memcpy(host, &value, size);
  result = !held;
  return true;
}

}  // namespace orrery
