// Running a random program on Orrery and on qemu-system-riscv64, and comparing the two reports.
//
// What may differ, by rule:
//   - An AMO's faults: QEMU 7.2 names those of a load, and looks at protection before permission.
//   - tval of a breakpoint (pc or 0), of an illegal instruction (its bits or 0; II, 3.1.16), and
//     within the eight bytes of an access fault (which part of a misaligned access is named), or
//     within the block of a cache-block instruction.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/json.h"
#include "devices/char_sink.h"
#include "models/machine.h"
#include "tests/lockstep/random/generator.h"

namespace orrery::random_programs {

using Report = std::vector<u64>;  // one word a line, see report_line_name()

// A QEMU, the extensions that it and Orrery have, and what programs for it leave out.
struct Reference {
  std::string program;
  std::string isa = "rv64imafdcsu_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_zbb_zbs_sstc_svadu_svinval_svnapot_svpbmt";
  std::string cpu = "rv64,h=off,zbc=off,svinval=on,svnapot=on,svpbmt=on";
  bool cache_blocks = false;    // it has Zicbom and Zicboz
  bool adue_is_a_bit = false;   // menvcfg.ADUE decides who updates A and D; else the hardware always does
};

inline Report read_report(std::istream& in) {
  Report report;
  for (std::string line; std::getline(in, line);) report.push_back(std::stoull(line, nullptr, 16));
  return report;
}

// A directory that goes when the test ends.
class WorkFolder {
 public:
  WorkFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "random_programs.XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~WorkFolder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline Report run_on_orrery(const std::string& elf, const std::string& isa, const std::string& model) {
  struct Sink : CharSink {
    std::stringstream text;
    void put(u8 byte) override { text.put(static_cast<char>(byte)); }
  } sink;
  const Json description = {{"machine",
                             {{"memory", "64MiB"},
                              {"cpu", model},
                              {"direct", {{"translate_after", 0}}},
                              {"hart", {{"isa", isa}}},
                              {"boot", {{"kernel", elf}}}}}};
  Machine machine(read_machine(description, nullptr, nullptr));
  machine.board().uart().set_sink(&sink);
  machine.boot();
  const Stop stop = machine.run({20'000'000, never});
  EXPECT_EQ(stop.why, Stop::Why::Poweroff) << "the program did not end; pc " << std::hex << machine.hart(0).pc;
  return read_report(sink.text);
}

// The program's path: ORRERY_QEMU, or the one that is installed; empty when none is.
inline std::string find_qemu() {
  if (const char* named = std::getenv("ORRERY_QEMU"); named && *named) return named;
  std::stringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(path, folder, ':');) {
    const std::string program = folder + "/qemu-system-riscv64";
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

// The major and minor number of a QEMU, times 100 the major: 702 for 7.2.22. 0: it does not say.
inline unsigned qemu_version(const std::string& qemu) {
  std::string text;
  if (FILE* pipe = popen((qemu + " --version").c_str(), "r")) {
    char buffer[256];
    if (fgets(buffer, sizeof buffer, pipe)) text = buffer;
    pclose(pipe);
  }
  unsigned major = 0, minor = 0;
  const auto at = text.find("version ");
  if (at == std::string::npos || std::sscanf(text.c_str() + at, "version %u.%u", &major, &minor) != 2) return 0;
  return 100 * major + minor;
}

// The rules above are those of QEMU 7.2 and of 10, which has what 7.2 lacks; nothing for others.
inline std::optional<Reference> reference(const std::string& qemu) {
  const unsigned version = qemu_version(qemu);
  Reference result{.program = qemu};
  if (version == 702) return result;
  if (version / 100 != 10) return {};
  result.isa += "_zicbom_zicboz";
  result.cpu += ",zicbom=on,zicboz=on,svadu=on,svade=on,zfa=off,zawrs=off";
  result.cache_blocks = result.adue_is_a_bit = true;
  return result;
}

inline Report run_on_qemu(const Reference& qemu, const std::string& elf, const std::string& output) {
  const std::vector<std::string> words = {"timeout", "60", qemu.program, "-M", "virt", "-m", "64M", "-cpu", qemu.cpu,
                                          "-display", "none", "-monitor", "none", "-bios", "none",
                                          "-kernel", elf, "-serial", "file:" + output};
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "qemu ended with status " << status;
  std::ifstream in(output);
  return read_report(in);
}

class Comparison {
 public:
  explicit Comparison(const Program& program) : program_(program) {}

  // The differing lines, as text; empty when there is none.
  std::string operator()(const Report& ours, const Report& theirs) {
    for (std::size_t i = result_words; i + 3 <= std::min(ours.size(), theirs.size()) && lines_ < most_lines; i += 3)
      trap({ours[i], ours[i + 1], ours[i + 2]}, {theirs[i], theirs[i + 1], theirs[i + 2]}, (i - result_words) / 3);
    for (std::size_t i = 0; i < std::min<std::size_t>({result_words, ours.size(), theirs.size()}); ++i)
      if (ours[i] != theirs[i] && !(report_line_name(i) == "scause" && as_store(ours[i]) == as_store(theirs[i])))
        say("{:20} {:016x}  qemu {:016x}", report_line_name(i), ours[i], theirs[i]);
    if (ours.size() != theirs.size()) say("{} lines, qemu {}", ours.size(), theirs.size());
    return text_;
  }

 private:
  static constexpr unsigned most_lines = 12;

  static u64 as_store(u64 cause) { return cause == 4 ? 6 : cause == 5 ? 7 : cause == 13 ? 15 : cause; }
  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    if (++lines_ <= most_lines) text_ += fmt::format(format, std::forward<Args>(args)...) + "\n";
  }
  u32 instruction(u64 pc) const {
    u32 bits = 0;
    if (pc >= layout::boot && pc - layout::boot + 4 <= program_.image.size())
      std::memcpy(&bits, &program_.image[pc - layout::boot], 4);
    return is_compressed(bits) ? bits & 0xffff : bits;
  }
  bool same(const TrapRecord& a, const TrapRecord& b) const {
    if (a.epc != b.epc) return false;
    const bool amo = (instruction(a.epc) & 0x7f) == 0x2f;
    const bool cache_block = (instruction(a.epc) & 0x707f) == 0x200f;
    const u64 cause = amo ? as_store(b.cause) : b.cause;
    const bool protection_or_permission = amo && (a.cause | 8) == 15 && (cause | 8) == 15;
    if (a.cause != cause && !protection_or_permission) return false;
    if (a.tval == b.tval || cause == 3) return true;
    if (cache_block && cause != 2) return a.tval / 64 == b.tval / 64;
    if (cause == 2) return b.tval == 0;
    return (cause == 5 || cause == 7) && a.tval - b.tval + 7 < 15;
  }
  void trap(const TrapRecord& a, const TrapRecord& b, std::size_t number) {
    if (same(a, b)) return;
    say("trap {}: cause {} epc {:x} tval {:x}  qemu {} {:x} {:x}  instruction {:x}", number, a.cause, a.epc, a.tval,
        b.cause, b.epc, b.tval, instruction(a.epc));
  }

  const Program& program_;
  std::string text_;
  unsigned lines_ = 0;
};

}  // namespace orrery::random_programs
