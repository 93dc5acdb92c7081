// The handlers: every row of the instruction table, evaluated on a hart.
#include "cpu/exec/evaluator.h"
#include "cpu/exec/frame.h"
#include "cpu/exec/hart_context.h"
#include "cpu/isa/form.h"

namespace orrery {
namespace {


constexpr bool is_floating_point(Extension e) { return e == Extension::F || e == Extension::D; }

enum class Dispatch { Chained, Single };

// A chained handler ends in a call of the next one. Blocks are short, so even a compiler that does
// not turn it into a jump needs little stack.
template <Dispatch dispatch>
inline const BlockOp* go_on(Frame& frame, bool left, const BlockOp* op) {
  if (left) return nullptr;
  if constexpr (dispatch == Dispatch::Single) return op + 1;
  else return op[1].run(frame, op + 1);
}

constexpr bool accesses_memory(OpClass c) {
  return c == OpClass::Load || c == OpClass::Store || c == OpClass::Atomic;
}

// Three functions a row: its meaning on any context, the slow path, and the handler.
#define INSN_OF(ext, name, encoding, form, cls, meaning)                                   \
  template <class Context>                                                                 \
  inline void evaluate_##name(Context& context, const Op& o) {                             \
    Evaluator c(context, o);                                                               \
    if constexpr (is_floating_point(Extension::ext)) {                                     \
      constexpr bool has_rounding = form_has_rounding(Form::form);                         \
      if (!c.fp_ready(has_rounding)) return;                                               \
    }                                                                                      \
    meaning;                                                                               \
  }                                                                                        \
  template <Dispatch dispatch>                                                             \
  [[gnu::noinline, gnu::cold]] const BlockOp* slow_##name(Frame& frame, const BlockOp* op) { \
    HartContext<Path::Slow> context(frame, op);                                            \
    evaluate_##name(context, op->op);                                                      \
    return go_on<dispatch>(frame, context.left(), op);                                     \
  }                                                                                        \
  template <Dispatch dispatch>                                                             \
  const BlockOp* do_##name(Frame& frame, const BlockOp* op) {                              \
    HartContext<Path::Fast> context(frame, op);                                            \
    evaluate_##name(context, op->op);                                                      \
    if constexpr (accesses_memory(OpClass::cls)) {                                         \
      if (context.missed()) [[unlikely]] return slow_##name<dispatch>(frame, op);          \
    }                                                                                      \
    return go_on<dispatch>(frame, context.left(), op);                                     \
  }
#define HELPER_OF(ext, name, encoding, form, cls, function)   \
  template <Dispatch dispatch>                                \
  const BlockOp* do_##name(Frame& frame, const BlockOp* op) { \
    HartContext<Path::Slow> context(frame, op);               \
    context.helper(&helpers::function);                       \
    return go_on<dispatch>(frame, context.left(), op);        \
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

template <Dispatch dispatch>
constexpr std::array<Handler, static_cast<std::size_t>(RowId::count)> handlers = {
#define INSN_OF(ext, name, ...) &do_##name<dispatch>,
#define HELPER_OF(ext, name, ...) &do_##name<dispatch>,
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF
};

}  // namespace

constexpr std::array<Handler, static_cast<std::size_t>(RowId::count)> chained_handlers = handlers<Dispatch::Chained>;
constexpr std::array<Handler, static_cast<std::size_t>(RowId::count)> single_handlers = handlers<Dispatch::Single>;
Handler end_of_block_handler() { return &do_end_of_block; }

}  // namespace orrery
