#include "frontend/host_symbols.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/error.h"
#include "frontend/files.h"

namespace orrery {
namespace {

constexpr const char* own_program = "/proc/self/exe";

struct PartRow {
  const char* word;
  const char* part;
};

// The first row of which the word is in the name decides.
constexpr PartRow parts[] = {
    {"BlockOp", "interpreter"},  // what handlers return
    {"direct::interpret", "interpreter"},
    {"asmjit", "translation"},
    {"orrery::direct::", "translation"},
    {"Direct::translate", "translation"},
    {"Translation", "translation"},
    {"Direct::", "dispatch"},
    {"BlockCache", "block lookup and decoding"},
    {"orrery::Block", "block lookup and decoding"},
    {"Decoder", "block lookup and decoding"},
    {"Mmu", "mmu"},
    {"PageTable", "mmu"},
    {"AddressSpace", "memory"},
    {"Ram::", "memory"},
    {"helpers::", "interpreter"},
    {"orrery::fp::", "interpreter"},
    {"Interpreter", "interpreter"},
    {"Csr", "traps, CSRs and interrupts"},
    {"Hart::", "traps, CSRs and interrupts"},
    {"Warm", "warming"},
    {"step_warm", "warming"},
    {"wrong_path", "wrong path"},
    {"Speculat", "wrong path"},
    {"Predict", "predictors"},
    {"::train", "predictors"},
    {"FastBtb", "predictors"},
    {"TargetBuffer", "predictors"},
    {"Indirect", "predictors"},
    {"Ittage", "predictors"},
    {"Gshare", "predictors"},
    {"Bimod", "predictors"},
    {"Tournament", "predictors"},
    {"orrery::tage::", "predictors"},
    {"TageScL", "predictors"},
    {"TimingModel", "functional execution"},
    {"Stepper", "functional execution"},
    {"orrery::preview", "functional execution"},
    {"orrery::describe_rest", "functional execution"},
    {"orrery::describe_division", "functional execution"},
    {"PipelineTrace", "frontend"},
    {"orrery::ooo::", "pipeline"},
    {"Pipeline", "pipeline"},
    {"StoreBuffer", "pipeline"},
    {"SlotAccounting", "pipeline"},
    {"Cache", "memory hierarchy"},
    {"Dram", "memory hierarchy"},
    {"TimingTlb", "memory hierarchy"},
    {"MemorySide", "memory hierarchy"},
    {"Coherence", "memory hierarchy"},
    {"NumaMemory", "memory hierarchy"},
    {"Crossbar", "memory hierarchy"},
    {"Mesh", "memory hierarchy"},
    {"Interconnect", "memory hierarchy"},
    {"orrery::Ideal", "memory hierarchy"},
    {"Hierarchy", "memory hierarchy"},
    {"CycleSlots", "memory hierarchy"},
    {"Prefetcher", "memory hierarchy"},
    {"MissClasses", "memory hierarchy"},
    {"Outstanding", "memory hierarchy"},
    {"Lru", "memory hierarchy"},
    {"TreePlru", "memory hierarchy"},
    {"RandomReplacement", "memory hierarchy"},
    {"rrip", "memory hierarchy"},
    {"orrery::Ship", "memory hierarchy"},
    {"BestOffset", "memory hierarchy"},
    {"SignaturePath", "memory hierarchy"},
    {"orrery::Stride", "memory hierarchy"},
    {"orrery::Stream", "memory hierarchy"},
    {"NextLine", "memory hierarchy"},
    {"Uart16550", "devices"},
    {"Plic", "devices"},
    {"Clint", "devices"},
    {"RegisterDevice", "devices"},
    {"EventQueue", "machine"},
    {"Machine", "machine"},
    {"Console", "frontend"},
    {"PhaseRunner", "frontend"},
    {"Profile", "frontend"},
};

// Without parameters, so that their types decide nothing: "orrery::Mmu::walk".
std::string readable(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  if (status != 0) return name;
  std::string text = demangled.get();
  constexpr std::string_view anonymous = "(anonymous namespace)::";
  for (auto at = text.find(anonymous); at != std::string::npos; at = text.find(anonymous))
    text.erase(at, anonymous.size());
  int depth = 0;  // of template arguments
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<') ++depth;
    if (text[i] == '>') --depth;
    if (text[i] == '(' && depth == 0) return text.substr(0, i);
  }
  return text;
}

template <class T>
std::optional<T> read(const std::string& bytes, u64 offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string name_at(const std::string& bytes, u64 offset) {
  return offset < bytes.size() ? std::string(bytes.c_str() + offset) : "";
}

}  // namespace

std::string part_of(std::string_view function) {
  for (const PartRow& row : parts)
    if (function.find(row.word) != std::string_view::npos) return row.part;
  return "simulator, other";
}

HostSymbols::HostSymbols() {
  std::string file;
  try {
    file = read_text_file(own_program);
  } catch (const ConfigError&) {
    return;  // names are a convenience
  }
  const auto header = read<Elf64_Ehdr>(file, 0);
  if (!header) return;
  for (u64 i = 0; i < header->e_shnum; ++i) {
    const auto section = read<Elf64_Shdr>(file, header->e_shoff + i * sizeof(Elf64_Shdr));
    if (!section || section->sh_type != SHT_SYMTAB) continue;
    const auto strings = read<Elf64_Shdr>(file, header->e_shoff + section->sh_link * sizeof(Elf64_Shdr));
    if (!strings) return;
    for (u64 at = 0; at + sizeof(Elf64_Sym) <= section->sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = read<Elf64_Sym>(file, section->sh_offset + at);
      if (!symbol) return;
      if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_size == 0) continue;
      functions_.push_back({symbol->st_value, symbol->st_value + symbol->st_size,
                            name_at(file, strings->sh_offset + symbol->st_name)});
    }
  }
  std::sort(functions_.begin(), functions_.end(),
            [](const Function& a, const Function& b) { return a.begin < b.begin; });
}

HostSymbols::Place HostSymbols::find(u64 address) const {
  Dl_info own = {}, info = {};
  if (!dladdr(reinterpret_cast<void*>(address), &info)) return {};
  dladdr(reinterpret_cast<void*>(&part_of), &own);
  if (info.dli_fbase != own.dli_fbase) {
    const std::string library = std::filesystem::path(info.dli_fname).filename();
    const std::string function = info.dli_sname ? readable(info.dli_sname) : library;
    return {function, library.find("asmjit") != std::string::npos ? "translation" : "host libraries"};
  }
  const u64 linked = address - reinterpret_cast<u64>(own.dli_fbase);
  auto at = std::upper_bound(functions_.begin(), functions_.end(), linked,
                             [](u64 a, const Function& f) { return a < f.begin; });
  if (at == functions_.begin() || linked >= (--at)->end) return {"", "simulator, other"};
  const std::string name = readable(at->name.c_str());
  return {name, part_of(name)};
}

}  // namespace orrery
