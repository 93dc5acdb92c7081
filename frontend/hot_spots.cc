#include "frontend/hot_spots.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "frontend/pipeline_trace.h"
#include "memory/ram.h"

namespace orrery {
namespace {

constexpr std::size_t most_functions = 40;
constexpr std::size_t most_instructions = 60;

double ratio(u64 a, u64 b) { return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b); }

}  // namespace

struct HotSpots::Row {
  Spot spot;
  std::string where;
};

HotSpots::Spot& HotSpots::Spot::operator+=(const Spot& other) {
  cycles += other.cycles;
  instructions += other.instructions;
  mispredicted += other.mispredicted;
  l1d_missed += other.l1d_missed;
  return *this;
}

HotSpots::HotSpots(const SymbolTable& symbols, const AddressSpace& memory,
                   const ExtensionSet& extensions, u32 harts)
    : symbols_(symbols), memory_(memory), extensions_(extensions), counted_(harts) {}

HotSpots::Instruction& HotSpots::at(const Record& record) {
  Instruction& spot = instructions_[record.fetch.value()];
  if (spot.text.empty()) {
    spot.pc = record.pc;
    spot.text = text_of(record, memory_, extensions_);
  }
  return spot;
}

void HotSpots::retired(const Record& record, const PipelineListener::Outcome& outcome) {
  Instruction& spot = at(record);
  ++spot.instructions;
  spot.mispredicted += outcome.mispredicted;
  spot.l1d_missed += outcome.l1d_missed;
}

void HotSpots::charged(HartId hart, const Record* record, u64 cycles) {
  Counted& counted = counted_[hart];
  // A model that comes instead of another counts from 0.
  if (counted.begun && cycles >= counted.cycles)
    (record ? static_cast<Spot&>(at(*record)) : nobody_).cycles += cycles - counted.cycles;
  counted = {true, cycles};
}

std::string HotSpots::place(u64 pc) const {
  if (const auto found = symbols_.lookup(pc)) return std::string(found->name);
  return fmt::format("page {:016x}", pc / page_size * page_size);
}

std::string HotSpots::table(std::vector<Row> rows, std::size_t most, const Spot& all) const {
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.spot.cycles, a.spot.instructions, b.where) >
           std::tie(b.spot.cycles, b.spot.instructions, a.where);
  });
  if (rows.size() > most) {
    Row rest{{}, fmt::format("{} others", rows.size() - most)};
    for (std::size_t i = most; i < rows.size(); ++i) rest.spot += rows[i].spot;
    rows.resize(most);
    rows.push_back(std::move(rest));
  }
  if (nobody_.cycles != 0) rows.push_back({nobody_, "(nothing: asleep, or the pipeline ran empty)"});
  std::string text = fmt::format("{:>14}  {:>7}  {:>14}  {:>10}  {:>12}  {:>12}  {}\n", "cycles", "percent",
                                 "instructions", "per instr.", "mispredicted", "L1D missed", "where");
  for (const auto& [s, where] : rows)
    text += fmt::format("{:14}  {:7.2f}  {:14}  {:10.2f}  {:12}  {:12}  {}\n", s.cycles,
                        100 * ratio(s.cycles, all.cycles), s.instructions,
                        ratio(s.cycles, s.instructions), s.mispredicted, s.l1d_missed, where);
  return text;
}

std::string HotSpots::report() const {
  Spot all = nobody_;
  std::map<std::string, Spot> functions;
  std::vector<Row> by_function, by_instruction;
  for (const auto& [physical, i] : instructions_) {
    all += i;
    functions[place(i.pc)] += i;
    const std::string name = symbols_.describe(i.pc);
    by_instruction.push_back({i, fmt::format("{:016x}  {:<28}  {}", i.pc, i.text, name)});
    auto& where = by_instruction.back().where;
    where.erase(where.find_last_not_of(' ') + 1);
  }
  for (const auto& [name, spot] : functions) by_function.push_back({spot, name});
  return fmt::format("{} cycles, {} instructions\n\nBy function:\n\n", all.cycles, all.instructions) +
         table(std::move(by_function), most_functions, all) + "\nBy instruction:\n\n" +
         table(std::move(by_instruction), most_instructions, all);
}

}  // namespace orrery
