#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "cpu/isa/form.h"
#include "cpu/isa/immediates.h"
#include "cpu/isa/op.h"

namespace orrery {
namespace {

// The bits of an encoding string: '0' and '1' must match, '.' may be anything, ' ' groups.
struct Pattern {
  u32 mask = 0;
  u32 match = 0;
};

consteval Pattern parse_pattern(std::string_view text, unsigned width) {
  Pattern p;
  unsigned count = 0;
  for (const char c : text) {
    if (c == ' ') continue;
    if (c != '0' && c != '1' && c != '.') throw "an encoding is made of 0, 1, . and spaces";
    p.mask = p.mask << 1 | (c != '.');
    p.match = p.match << 1 | (c == '1');
    ++count;
  }
  if (count != width) throw "an encoding has the wrong length";
  return p;
}

// "amoadd_w" is the mnemonic amoadd.w; a trailing underscore only avoids a C++ keyword.
template <std::size_t N>
struct Mnemonic {
  std::array<char, N> text{};
  std::size_t length = 0;
  consteval explicit Mnemonic(const char (&name)[N]) {
    for (std::size_t i = 0; i + 1 < N; ++i) text[i] = name[i] == '_' ? '.' : name[i];
    length = N - 1;
    if (length && text[length - 1] == '.') --length;
  }
};

#define INSN_OF(ext, name, ...) constexpr Mnemonic mnemonic_##name(#name);
#define HELPER_OF(ext, name, ...) constexpr Mnemonic mnemonic_##name(#name);
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF

// Bits 13:12 of every load, store and atomic are the logarithm of its width (I, 2.6, 13 and 21.5).
constexpr u8 access_size(Pattern p, Form form, OpClass c) {
  if (c != OpClass::Load && c != OpClass::Store && c != OpClass::Atomic) return 0;
  return form == Form::Cbo ? u8{cache_block_bytes} : static_cast<u8>(1u << bits(p.match, 12, 2));
}

constexpr RowInfo make_row(std::string_view name, Pattern p, Form form, OpClass c, Extension e) {
  return {name, p.mask, p.match, form, c, e, access_size(p, form, c)};
}

constexpr std::array rows = {
#define INSN_OF(ext, name, encoding, form, cls, meaning)                                       \
  make_row({mnemonic_##name.text.data(), mnemonic_##name.length}, parse_pattern(encoding, 32), \
           Form::form, OpClass::cls, Extension::ext),
#define HELPER_OF INSN_OF
#include "cpu/isa/rows.def"
#undef INSN_OF
#undef HELPER_OF
};
static_assert(rows.size() == static_cast<std::size_t>(RowId::count));

struct Expansion {
  Pattern pattern;
  RowId row;
  Extension base;
  Op (*operands)(u32 i);
};

constexpr u8 field(u32 i, unsigned low, unsigned width) { return static_cast<u8>(bits(i, low, width)); }

constexpr std::array expansions = {
#define EXPANDS(name, encoding, target, base, rd_, rs1_, rs2_, imm_)                         \
  Expansion{parse_pattern(encoding, 16), RowId::target, Extension::base, [](u32 i) {         \
              [[maybe_unused]] const u8 p2 = static_cast<u8>(field(i, 2, 3) + 8);            \
              [[maybe_unused]] const u8 p7 = static_cast<u8>(field(i, 7, 3) + 8);            \
              [[maybe_unused]] const u8 r2 = field(i, 2, 5);                                 \
              [[maybe_unused]] const u8 r7 = field(i, 7, 5);                                 \
              Op op;                                                                         \
              op.rd = rd_;                                                                   \
              op.rs1 = rs1_;                                                                 \
              op.rs2 = rs2_;                                                                 \
              op.imm = imm_;                                                                 \
              return op;                                                                     \
            }},
#include "cpu/isa/rv_c.def"
#undef EXPANDS
};

// Two patterns that overlap must be nested (the narrower one wins), or a row must stand for
// exactly what they share. Row 0 (illegal) matches everything and stays out.
template <class Rows, class PatternOf>
consteval bool unambiguous(const Rows& all, std::size_t first, PatternOf pattern_of) {
  for (std::size_t a = first; a < all.size(); ++a) {
    for (std::size_t b = a + 1; b < all.size(); ++b) {
      const Pattern p = pattern_of(all[a]), q = pattern_of(all[b]);
      const u32 common = p.mask & q.mask;
      if ((p.match ^ q.match) & common) continue;
      if (common == p.mask && common == q.mask) return false;
      if (common == p.mask || common == q.mask) continue;
      bool shared = false;
      for (std::size_t c = first; c < all.size() && !shared; ++c) {
        const Pattern r = pattern_of(all[c]);
        shared = r.mask == (p.mask | q.mask) && r.match == (p.match | q.match);
      }
      if (!shared) return false;
    }
  }
  return true;
}
static_assert(unambiguous(rows, 1, [](const RowInfo& r) { return Pattern{r.mask, r.match}; }));
static_assert(unambiguous(expansions, 0, [](const Expansion& e) { return e.pattern; }));

// Candidates by major opcode and funct3, narrowest first, so that decoding tries a handful.
template <class Entry>
using Buckets = std::array<std::vector<Entry>, 256>;

template <class Entry, class All, class PatternOf, class BucketBits>
Buckets<Entry> make_buckets(const All& all, std::size_t first, PatternOf pattern_of,
                            BucketBits bucket_of, u32 bucket_count) {
  Buckets<Entry> result;
  for (std::size_t i = first; i < all.size(); ++i) {
    const Pattern p = pattern_of(all[i]);
    for (u32 b = 0; b < bucket_count; ++b) {
      const u32 example = bucket_of(b);
      const u32 fixed = bucket_of(bucket_count - 1);  // the bits a bucket decides
      if (((example ^ p.match) & p.mask & fixed) == 0) result[b].push_back(static_cast<Entry>(i));
    }
  }
  for (auto& bucket : result)
    std::stable_sort(bucket.begin(), bucket.end(), [&](Entry a, Entry b) {
      return std::popcount(pattern_of(all[static_cast<std::size_t>(a)]).mask) >
             std::popcount(pattern_of(all[static_cast<std::size_t>(b)]).mask);
    });
  return result;
}

// Bucket number <-> instruction bits: opcode[6:2] and funct3 for 32 bits, op and funct3 for 16.
constexpr u32 wide_bits(u32 bucket) { return (bucket >> 3) << 2 | (bucket & 7) << 12; }
constexpr u32 wide_bucket(u32 i) { return (i >> 2 & 31) << 3 | (i >> 12 & 7); }
constexpr u32 narrow_bits(u32 bucket) { return (bucket >> 3) | (bucket & 7) << 13; }
constexpr u32 narrow_bucket(u32 i) { return (i & 3) << 3 | (i >> 13 & 7); }

const Buckets<RowId>& wide_buckets() {
  static const Buckets<RowId> result = make_buckets<RowId>(
      rows, 1, [](const RowInfo& r) { return Pattern{r.mask, r.match}; }, wide_bits, 256);
  return result;
}

const Buckets<u8>& narrow_buckets() {
  static const Buckets<u8> result = make_buckets<u8>(
      expansions, 0, [](const Expansion& e) { return e.pattern; }, narrow_bits, 32);
  return result;
}

Op illegal_op(u32 bits_) {
  Op op;
  op.op_class = OpClass::System;
  op.imm = static_cast<i32>(bits_);
  op.length = is_compressed(bits_) ? 2 : 4;
  if (op.length == 2) op.imm &= 0xffff;
  return op;
}

bool is_link(u8 reg) { return reg == 1 || reg == 5; }

void derive_flow(Op& op) {
  op.flow = Op::Flow::Conditional;
  if (op.op_class == OpClass::Branch) return;
  const bool indirect = op.row == RowId::jalr;
  op.flow = indirect ? Op::Flow::Indirect : Op::Flow::Direct;
  op.is_call = is_link(op.rd);
  op.is_return = indirect && is_link(op.rs1) && op.rs1 != op.rd;
}

// The footprint, and x0 as the destination of an integer result becomes the sink.
void derive(Op& op) {
  const RowInfo& row = rows[static_cast<std::size_t>(op.row)];
  op.op_class = row.op_class;
  op.size = row.access_size;
  switch (op.op_class) {
    case OpClass::Load: op.memory = Op::Memory::Load; break;
    case OpClass::Store: op.memory = Op::Memory::Store; break;
    case OpClass::Atomic:
      op.memory = Op::Memory::Atomic;
      op.acquire = (op.rm & 2) != 0;
      break;
    case OpClass::Branch:
    case OpClass::Jump: derive_flow(op); break;
    default: break;
  }
  for (const char letter : form_syntax(row.form)) {
    switch (letter) {
      case 'd':
        if (op.rd != 0) op.dest = op.rd;
        else op.rd = zero_sink;
        break;
      case 'D': op.dest = static_cast<u8>(fp_base + op.rd); break;
      case 's': op.source[0] = op.rs1; break;
      case 'S': op.source[0] = static_cast<u8>(fp_base + op.rs1); break;
      case 't': op.source[1] = op.rs2; break;
      case 'T': op.source[1] = static_cast<u8>(fp_base + op.rs2); break;
      case 'R': op.source[2] = static_cast<u8>(fp_base + op.rs3); break;
      default: break;
    }
  }
}

void read_operands(Op& op, u32 i) {
  for (const char letter : form_syntax(rows[static_cast<std::size_t>(op.row)].form)) {
    switch (letter) {
      case 'd': case 'D': op.rd = field(i, 7, 5); break;
      case 's': case 'S': case 'Z': op.rs1 = field(i, 15, 5); break;
      case 't': case 'T': op.rs2 = field(i, 20, 5); break;
      case 'R': op.rs3 = field(i, 27, 5); break;
      case 'm': op.rm = field(i, 12, 3); break;
      case 'A': op.rm = field(i, 25, 2); break;  // aq rl
      case 'j': case 'o': op.imm = imm_i(i); break;
      case 'q': op.imm = imm_s(i); break;
      case 'f': op.imm = imm_s(i) & ~31; break;  // prefetch: the low five bits name the kind
      case 'p': op.imm = imm_b(i); break;
      case 'u': op.imm = imm_u(i); break;
      case 'a': op.imm = imm_j(i); break;
      case '>': op.imm = field(i, 20, 6); break;
      case '<': op.imm = field(i, 20, 5); break;
      case 'E': case 'P': op.imm = static_cast<i32>(bits(i, 20, 12)); break;
      default: break;
    }
  }
}

}  // namespace

const RowInfo& row_info(RowId row) { return rows[static_cast<std::size_t>(row)]; }

Op Decoder::decode(u32 i) const {
  if (is_compressed(i)) {
    i &= 0xffff;
    if (!extensions_.has(Extension::C)) return illegal_op(i);
    for (const u8 index : narrow_buckets()[narrow_bucket(i)]) {
      const Expansion& e = expansions[index];
      if ((i & e.pattern.mask) != e.pattern.match || !extensions_.has(e.base)) continue;
      if (e.row == RowId::illegal) break;
      Op op = e.operands(i);
      op.row = e.row;
      op.length = 2;
      derive(op);
      return op;
    }
    return illegal_op(i);
  }
  for (const RowId id : wide_buckets()[wide_bucket(i)]) {
    const RowInfo& row = rows[static_cast<std::size_t>(id)];
    if ((i & row.mask) != row.match || !extensions_.has(row.extension)) continue;
    Op op;
    op.row = id;
    op.rd = 0;
    read_operands(op, i);
    derive(op);
    return op;
  }
  return illegal_op(i);
}

std::string_view op_class_name(OpClass c) {
  static constexpr std::array<std::string_view, op_class_count> names = {
      "int_alu", "int_mul", "int_div", "load", "store", "atomic", "branch", "jump", "fence", "csr",
      "system", "fp_add", "fp_mul", "fp_fma", "fp_div", "fp_sqrt", "fp_move", "fp_compare",
      "fp_convert"};
  return names[static_cast<std::size_t>(c)];
}

}  // namespace orrery
