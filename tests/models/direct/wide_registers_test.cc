// Hosts with AVX-512 pin more f registers, in xmm16 to xmm31, whose instructions are encoded in another
// way. What is made for them is compared, as text, with what other hosts execute: no such host is needed.
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>

#include "models/direct/assembling.h"
#include "models/direct/emitter.h"
#include "models/direct/passes.h"
#include "tests/checkpoint/small_machine.h"
#include "tests/models/direct/blocks.h"
#include "tests/models/direct/twins.h"

namespace orrery::direct {
namespace {

// Where a jump goes, where constants are, and which instruction is meant, differs.
std::string without_places(std::string text) {
  if (text.starts_with("j") || text.starts_with("call") || text.starts_with("movabs rcx,"))
    return text.substr(0, text.find(' '));
  text.resize(std::min(text.find('#'), text.size()));
  while (text.ends_with(' ')) text.pop_back();
  if (const auto rip = text.find("rip"); rip != std::string::npos) text.erase(rip, text.find(']') - rip);
  return text;
}

class Assembled {
 public:
  explicit Assembled(bool wide_registers)
      : features_{true, wide_registers}, pinned_(pinned_f(features_)), thunks_(cache_, layout_, features_, false) {}

  // The f register in this vector register.
  u8 in(u32 xmm) const {
    for (const PinnedF& p : pinned_)
      if (p.host.id() == xmm) return p.guest;
    ADD_FAILURE() << "nothing in xmm" << xmm;
    return 0;
  }

  // Where its code begins, among all.
  u64 assemble(u32 word) {
    const Block& block = blocks_.emplace_back(block_of({word}));
    Region region;
    region.pieces.push_back({&block, 0, block.count, build_ir(block, block.count, 0, {})});
    optimise(region.pieces.front().ir);
    AssemblerErrors errors;
    asmjit::CodeHolder code;
    code.init(asmjit::Environment::host(), reinterpret_cast<u64>(cache_.next()));
    code.setErrorHandler(&errors);
    std::vector<Link> links;
    Emitter emitter(code, {thunks_, layout_, pinned_, links}, region);
    emitter.emit();
    const u64 begin = code_.size();
    const u8* placed = cache_.next();
    const u64 size = place(code, cache_);
    code_.append(reinterpret_cast<const char*>(placed), size);
    return begin;
  }

  // All of it, by where each instruction begins; without addresses and immediates that name a place.
  std::map<u64, std::string> disassembled() const {
    const ScratchDirectory scratch;
    std::ofstream(scratch / "code", std::ios::binary) << code_;
    const std::string command = fmt::format(
        "objdump -D -b binary -m i386:x86-64 -M intel {} >{}", scratch / "code", scratch / "text");
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::map<u64, std::string> result;
    std::ifstream in(scratch / "text");
    for (std::string text; std::getline(in, text);) {
      // "  3a:\t4d 8d 2c 1c          \tlea    r13,[r12+rbx*1]"; a long one goes on in a line without text
      const auto colon = text.find(":\t"), tab = text.find('\t', colon == std::string::npos ? colon : colon + 2);
      if (tab != std::string::npos) result[std::stoull(text.substr(0, colon), nullptr, 16)] = without_places(text.substr(tab + 1));
    }
    return result;
  }

 private:
  HostFeatures features_;
  std::vector<PinnedF> pinned_;
  Twins twins_;
  CodeCache cache_{u64{1} << 20};
  HartLayout layout_{*twins_.direct.harts()[0]};
  Thunks thunks_;
  std::string code_;
  std::deque<Block> blocks_;
};

constexpr u32 low = 4, high = 16;  // of the vector registers compared

// One that is used in place of its high twin must not look right.
std::string as_low(std::string text) {
  for (u32 i = 0; i < 4; ++i) {
    EXPECT_EQ(text.find(fmt::format("xmm{}", low + i)), std::string::npos) << text;
    const std::string from = fmt::format("xmm{}", high + i), to = fmt::format("xmm{}", low + i);
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at)) text.replace(at, from.size(), to);
  }
  return text;
}

bool is_float(Form form) {
  return form >= Form::FLoad && form <= Form::XToFrm;
}

TEST(DirectWideRegisters, HaveTheSameInstructions) {
  constexpr u8 x = 12;
  if (std::system("objdump --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "objdump is not installed";
  Assembled narrow(false), wide(true);
  Random random(1);
  struct Made {
    u64 wide, narrow;
    RowId row;
  };
  std::vector<Made> made;
  for (u64 n = 1; n < row_count; ++n) {
    const RowId row = row_at(n);
    const Form form = row_info(row).form;
    if (!is_float(form)) continue;
    const bool x_written = form == Form::FCompare || form == Form::FToX || form == Form::FToXrm;
    const bool x_read = form == Form::FLoad || form == Form::FStore || form == Form::XToF || form == Form::XToFrm;
    for (u8 i = 0; i < 10; ++i) {
      const u32 d = static_cast<u32>(random.below(4)), a = static_cast<u32>(random.below(4)),
                b = static_cast<u32>(random.below(4)), c = static_cast<u32>(random.below(4));
      const auto word = [&](const Assembled& host, u32 first) {
        return encode(row, {.rd = x_written ? x : host.in(first + d), .rs1 = x_read ? x : host.in(first + a),
                            .rs2 = host.in(first + b), .rs3 = host.in(first + c), .rm = static_cast<u8>(i < 4 ? i : 7)});
      };
      made.push_back({wide.assemble(word(wide, high)), narrow.assemble(word(narrow, low)), row});
    }
  }
  EXPECT_GT(made.size(), 400u);
  const auto texts = wide.disassembled(), expected = narrow.disassembled();
  const auto lines = [](const std::map<u64, std::string>& all, u64 begin, std::optional<u64> end) {
    std::string result;
    for (auto at = all.lower_bound(begin); at != all.end() && at->first < end.value_or(~u64{0}); ++at)
      result += at->second + "\n";
    return result;
  };
  for (std::size_t i = 0; i < made.size(); ++i) {
    const bool last = i + 1 == made.size();
    const auto wide_end = last ? std::nullopt : std::optional(made[i + 1].wide);
    const auto narrow_end = last ? std::nullopt : std::optional(made[i + 1].narrow);
    const std::string text = lines(expected, made[i].narrow, narrow_end);
    EXPECT_NE(text, "");
    ASSERT_EQ(as_low(lines(texts, made[i].wide, wide_end)), text) << row_info(made[i].row).name;
  }
}

}  // namespace
}  // namespace orrery::direct
