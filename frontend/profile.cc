#include "frontend/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace orrery {
namespace {

constexpr std::size_t most_rows = 40;
constexpr std::size_t most_instructions = 20;
constexpr std::size_t most_functions = 20;

double percent(u64 part, u64 all) {
  return all == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
}

// The end of a line.
std::string name(const SymbolTable& symbols, u64 pc) {
  const std::string text = symbols.describe(pc);
  return text.empty() ? "\n" : "  " + text + "\n";
}

// The most frequent first.
std::string table(const std::map<std::string, u64>& counts, u64 all, std::size_t most) {
  std::vector<std::pair<std::string, u64>> rows(counts.begin(), counts.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  rows.resize(std::min(rows.size(), most));
  std::string text;
  for (const auto& [name, count] : rows)
    text += fmt::format("{:7.1f}  {}\n", percent(count, all), name.substr(0, 100));
  return text;
}

}  // namespace

void Profile::translated(const Translation& t) {
  Region& region = regions_[t.first().physical.value()];
  region.pc = t.first().pc;
  region.instructions = t.instructions();
  region.guest_bytes = t.guest_bytes();
  region.host_bytes = t.code.size();
  ++region.made;
  const u64 begin = reinterpret_cast<u64>(t.code.data());
  Code code{begin + t.code.size(), t.body_end, &region, {}};
  for (const TranslatedPiece& piece : t.pieces)
    for (const TranslatedInstruction& each : piece.instructions)
      code.instructions.push_back({each.host_offset, each.pc, each.physical.value()});
  code_[begin] = std::move(code);
}

// Other code may stand at the same addresses soon.
void Profile::cleared() {
  drain();
  code_.clear();
}

void Profile::drain() {
  sampler_.drain([this](u64 host_pc) { sample(host_pc); });
}

void Profile::sample(u64 host_pc) {
  auto at = code_.upper_bound(host_pc);
  if (at == code_.begin() || host_pc >= (--at)->second.end) {
    ++elsewhere_[host_pc];
    return;
  }
  ++at->second.region->samples;
  sample_instruction(at->second, host_pc - at->first);
}

// Of several at one offset the last one has the code.
void Profile::sample_instruction(const Code& code, u64 offset) {
  if (offset >= code.body_end) return;
  auto at = std::upper_bound(code.instructions.begin(), code.instructions.end(), offset,
                             [](u64 o, const Instruction& i) { return o < i.host_offset; });
  if (at == code.instructions.begin()) return;
  --at;
  Hot& hot = instructions_[at->physical];
  hot.pc = at->pc;
  ++hot.samples;
}

std::string Profile::region_table(u64 all) const {
  std::vector<std::pair<u64, Region>> rows;
  for (const auto& [physical, region] : regions_)
    if (region.samples != 0) rows.emplace_back(physical, region);
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second.samples > b.second.samples;
  });
  std::string text = fmt::format("{:>7}  {:16}  {:16}  {:>5}  {:>5}  {:>5}  {:>4}  {}\n", "percent",
                                 "physical", "pc", "guest", "bytes", "host", "made", "symbol");
  u64 rest = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& [physical, r] = rows[i];
    if (i < most_rows)
      text += fmt::format("{:7.1f}  {:016x}  {:016x}  {:5}  {:5}  {:5}  {:4}",
                          percent(r.samples, all), physical, r.pc, r.instructions, r.guest_bytes,
                          r.host_bytes, r.made) + name(symbols_, r.pc);
    else
      rest += r.samples;
  }
  if (rest != 0)
    text += fmt::format("{:7.1f}  {} others\n", percent(rest, all), rows.size() - most_rows);
  return text;
}

std::string Profile::instruction_table(u64 all) const {
  std::vector<std::pair<u64, Hot>> rows(instructions_.begin(), instructions_.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second.samples > b.second.samples;
  });
  rows.resize(std::min(rows.size(), most_instructions));
  std::string text = fmt::format("{:>7}  {:16}  {:16}  {}\n", "percent", "physical", "pc", "symbol");
  for (const auto& [physical, hot] : rows)
    text += fmt::format("{:7.1f}  {:016x}  {:016x}", percent(hot.samples, all), physical, hot.pc) +
            name(symbols_, hot.pc);
  return text;
}

std::string Profile::report() {
  drain();
  std::map<std::string, u64> parts, functions;
  u64 all = 0, translated_code = 0;
  for (const auto& [physical, region] : regions_) translated_code += region.samples;
  if (translated_code != 0) parts["translated code"] = translated_code;
  for (const auto& [pc, count] : elsewhere_) {
    const HostSymbols::Place place = host_.find(pc);
    parts[place.part.empty() ? "ways into and out of translated code" : place.part] += count;
    if (!place.function.empty()) functions[place.function] += count;
  }
  for (const auto& [part, count] : parts) all += count;
  std::string text = fmt::format("{} samples of {:.2f} s of processor time", all, sampler_.seconds());
  if (sampler_.lost() != 0) text += fmt::format(", {} more were lost", sampler_.lost());
  text += fmt::format("\n\n{:>7}  where\n", "percent") + table(parts, all, parts.size());
  if (translated_code != 0)
    text += "\nTranslated code, by guest code:\n\n" + region_table(all) +
            "\nTranslated code, by guest instruction:\n\n" + instruction_table(all);
  return text + fmt::format("\nElsewhere, by function:\n\n{:>7}  function\n", "percent") +
         table(functions, all, most_functions);
}

}  // namespace orrery
