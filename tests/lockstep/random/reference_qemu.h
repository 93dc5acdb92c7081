// Running a random program on Orrery and on qemu-system-riscv64, and comparing the two reports.
//
// What may differ, by rule:
//   - An AMO's faults: QEMU 7.2 names those of a load, and looks at protection before permission.
//   - tval of a breakpoint (pc or 0), of an illegal instruction (its bits or 0; II, 3.1.16), and
//     within the eight bytes of an access fault (which part of a misaligned access is named).
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "devices/char_sink.h"
#include "models/machine.h"
#include "tests/lockstep/random/generator.h"

namespace orrery::random_programs {

using Report = std::vector<u64>;  // one word a line, see report_line_name()

// Extensions that both have.
inline constexpr const char* common_isa =
    "rv64imafdcsu_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_zbb_zbs_sstc_svadu_svinval_svnapot_svpbmt";
inline constexpr const char* qemu_cpu = "rv64,h=off,zbc=off,svinval=on,svnapot=on,svpbmt=on";

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

inline Report run_on_orrery(const std::string& elf, const std::string& model) {
  struct Sink : CharSink {
    std::stringstream text;
    void put(u8 byte) override { text.put(static_cast<char>(byte)); }
  } sink;
  const Json description = {{"machine",
                             {{"memory", "64MiB"},
                              {"cpu", model},
                              {"direct", {{"translate_after", 0}}},
                              {"hart", {{"isa", common_isa}}},
                              {"boot", {{"kernel", elf}}}}}};
  Machine machine(read_machine(description, nullptr, nullptr));
  machine.board().uart().set_sink(&sink);
  machine.boot();
  const Stop stop = machine.run({20'000'000, never});
  EXPECT_EQ(stop.why, Stop::Why::Poweroff) << "the program did not end; pc " << std::hex << machine.hart(0).pc;
  return read_report(sink.text);
}

// The program's path; empty when it is not installed.
inline std::string find_qemu() {
  std::stringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(path, folder, ':');) {
    const std::string program = folder + "/qemu-system-riscv64";
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

// The beginning of "7.2.22" of a QEMU; the rules above are those of version 7.2.
inline std::string qemu_version(const std::string& qemu) {
  std::string text;
  if (FILE* pipe = popen((qemu + " --version").c_str(), "r")) {
    char buffer[256];
    if (fgets(buffer, sizeof buffer, pipe)) text = buffer;
    pclose(pipe);
  }
  const auto at = text.find("version ");
  return at == std::string::npos ? "" : text.substr(at + 8, 4);
}

inline Report run_on_qemu(const std::string& qemu, const std::string& elf, const std::string& output) {
  const std::vector<std::string> words = {"timeout", "60", qemu, "-M", "virt", "-m", "64M", "-cpu", qemu_cpu,
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
    const u64 cause = amo ? as_store(b.cause) : b.cause;
    const bool protection_or_permission = amo && (a.cause | 8) == 15 && (cause | 8) == 15;
    if (a.cause != cause && !protection_or_permission) return false;
    if (a.tval == b.tval || cause == 3) return true;
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
