// The disassembler against GNU objdump, over random operands of every row and over random words.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cpu/isa/disassemble.h"
#include "tests/cpu/encode.h"

namespace orrery {
namespace {

constexpr const char* isa = "rv64imafdcsu_zicbom_zicbop_zicboz_zicsr_zifencei_zihintpause_zba_zbb_zbs_svinval";
constexpr const char* march = "rv64imafdc_zicbom_zicbop_zicboz_zicsr_zifencei_zihintpause_zba_zbb_zbs_svinval";

bool installed(const char* program) {
  return std::system(("command -v " + std::string(program) + " >/dev/null 2>&1").c_str()) == 0;
}

ExtensionSet extensions() {
  ExtensionSet set;
  EXPECT_EQ(ExtensionSet::parse(isa, set), "");
  return set;
}

// What each instruction is called by objdump; by its index.
std::vector<std::string> objdump(const std::vector<u32>& words) {
  std::string pattern = (std::filesystem::temp_directory_path() / "disassemble.XXXXXX").string();
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path folder = pattern;
  {
    std::ofstream source(folder / "a.s");
    for (const u32 word : words) source << ".insn 4, " << word << "\n";
  }
  const std::string command = fmt::format(
      "cd {} && riscv64-linux-gnu-as -march={} -o a.o a.s && riscv64-linux-gnu-objdump -d -M no-aliases a.o > a.txt",
      folder.string(), march);
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::vector<std::string> lines(words.size());
  std::ifstream in(folder / "a.txt");
  for (std::string line; std::getline(in, line);) {
    // "   4:\t00c58533          \tadd\ta0,a1,a2"
    const auto colon = line.find(":\t");
    if (colon == std::string::npos) continue;
    const u64 address = std::stoull(line.substr(0, colon), nullptr, 16);
    const auto tab = line.find('\t', colon + 2);
    if (tab != std::string::npos && address / 4 < lines.size()) lines[address / 4] = line.substr(tab + 1);
  }
  std::filesystem::remove_all(folder);
  return lines;
}

// Both in one spelling: single spaces, numbers in decimal, no symbols, no default rounding mode.
std::string spelled(std::string text) {
  if (const auto end = text.find_first_of("<#"); end != std::string::npos) text.resize(end);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\t' || c == ' ') {
      if (!result.empty() && result.back() != ' ') result += ' ';
    } else if (text.compare(i, 2, "0x") == 0) {
      std::size_t used = 0;
      result += std::to_string(std::stoull(text.substr(i), &used, 16));
      i += used - 1;
    } else {
      result += c;
    }
  }
  while (result.ends_with(' ')) result.pop_back();
  if (result.ends_with(",dyn")) result.resize(result.size() - 4);
  // Conversions that are always exact: the mode is shown by one and not by the other.
  for (const char* exact : {"fcvt.d.w ", "fcvt.d.wu ", "fcvt.d.s "})
    if (result.starts_with(exact))
      for (const char* mode : {",rne", ",rtz", ",rdn", ",rup", ",rmm", ",unknown"})
        if (result.ends_with(mode)) result.resize(result.rfind(','));
  if (result.starts_with("cbo.") && result.find(" 0(") != std::string::npos) result.erase(result.find(" 0(") + 1, 1);
  return result;
}

// The marker is ours; jumps are shown by objdump in bare hexadecimal as well.
std::string ours(u32 word, u64 pc, const ExtensionSet& set) {
  const std::string text = disassemble(word, pc, set);
  return spelled(text.starts_with("marker ") ? "slti zero,zero," + text.substr(7) : text);
}

bool names_unknown_csr(const Op& op, const std::string& text) {
  const Form form = row_info(op.row).form;
  return (form == Form::Csr || form == Form::CsrImm) && text.find(fmt::format(",{},", op.imm)) != std::string::npos;
}

bool is_exact_conversion(RowId row) {
  return row == RowId::fcvt_d_w || row == RowId::fcvt_d_wu || row == RowId::fcvt_d_s;
}

void compare(const std::vector<u32>& words) {
  const ExtensionSet set = extensions();
  const std::vector<std::string> theirs = objdump(words);
  unsigned differences = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Op op = Decoder(set).decode(words[i]);
    const std::string text = ours(words[i], 4 * i, set), other = spelled(theirs[i]);
    if (op.row == RowId::illegal) {
      if (other.starts_with(".4byte") || other.starts_with(".word") || other.starts_with("unimp")) continue;
    } else if (text == other || names_unknown_csr(op, text)) {
      continue;
    } else if (op.row == RowId::fence) {
      continue;  // reserved sets, fm or registers are spelled in many ways
    } else if (other.starts_with(".4byte") && (op.row == RowId::fence_i || is_exact_conversion(op.row))) {
      continue;  // fields that have no meaning: objdump wants them 0
    }
    if (++differences <= 20) ADD_FAILURE() << fmt::format("{:08x}: {}, objdump: {}", words[i], text, other);
  }
}

TEST(DisassembleObjdump, EveryRow) {
  if (!installed("riscv64-linux-gnu-objdump") || !installed("riscv64-linux-gnu-as"))
    GTEST_SKIP() << "riscv64-linux-gnu-objdump is not installed";
  Random random(5);
  std::vector<u32> words;
  for (std::size_t i = 1; i < row_count; ++i)
    for (int n = 0; n < 20; ++n) words.push_back(encode(row_at(i), random_operands(row_at(i), random)));
  compare(words);
}

TEST(DisassembleObjdump, RandomWords) {
  if (!installed("riscv64-linux-gnu-objdump") || !installed("riscv64-linux-gnu-as"))
    GTEST_SKIP() << "riscv64-linux-gnu-objdump is not installed";
  static constexpr u32 opcodes[] = {0x03, 0x07, 0x0f, 0x13, 0x17, 0x1b, 0x23, 0x27, 0x2f, 0x33, 0x37, 0x3b,
                                    0x43, 0x47, 0x4b, 0x4f, 0x53, 0x63, 0x67, 0x6f, 0x73};
  Random random(6);
  std::vector<u32> words;
  for (int n = 0; n < 20000; ++n)
    words.push_back((static_cast<u32>(random.next()) & ~u32{0x7f}) | opcodes[random.below(std::size(opcodes))]);
  compare(words);
}

}  // namespace
}  // namespace orrery
