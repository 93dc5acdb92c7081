#include "frontend/pipeline_trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "cpu/isa/disassemble.h"
#include "memory/ram.h"

namespace orrery {
namespace {

struct StageName {
  const char* letters;  // in the log
  const char* name;
};
constexpr std::array<StageName, pipeline_stage_count> stage_names = {{{"F", "fetch"},
                                                                      {"D", "decode"},
                                                                      {"Rn", "rename"},
                                                                      {"Ds", "dispatch"},
                                                                      {"Is", "issue"},
                                                                      {"X", "execute"},
                                                                      {"M", "memory"},
                                                                      {"Cp", "complete"},
                                                                      {"Cm", "commit"}}};

const StageName& name_of(PipelineStage stage) {
  return stage_names[static_cast<unsigned>(stage)];
}

// Harts are told of out of step: by their turns (machine.interleave), and what one may run ahead in its last.
constexpr u64 out_of_step_cycles = 1000;

}  // namespace

std::string text_of(const Record& record, const AddressSpace& memory, const ExtensionSet& extensions) {
  std::array<u8, 4> bytes{};
  // The second half on the next page may lie anywhere.
  const u64 at_hand = std::min<u64>(record.length, page_size - record.pc % page_size);
  if (at_hand < record.length ||
      !memory.read_bytes(record.fetch, std::span(bytes).first(record.length)))
    return "?";
  u32 bits = 0;
  for (u32 i = 0; i < record.length; ++i) bits |= u32{bytes[i]} << (8 * i);
  return disassemble(bits, record.pc, extensions);
}

PipelineTrace::PipelineTrace(const TraceFilter& filter, const std::string& file,
                             const SymbolTable& symbols, const AddressSpace& memory,
                             const ExtensionSet& extensions, u32 harts)
    : filter_(filter),
      symbols_(symbols),
      memory_(memory),
      extensions_(extensions),
      file_(file),
      harts_(harts) {
  if (filter_.format == TraceFilter::Format::Konata) {
    file_.write("Kanata\t0004\n");
    return;
  }
  file_.write("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n");
  for (u32 hart = 0; hart < harts; ++hart) {
    const Json name = {{"name", "process_name"}, {"ph", "M"}, {"pid", hart},
                       {"args", {{"name", fmt::format("hart {}", hart)}}}};
    file_.write(name.dump() + (hart + 1 < harts ? ",\n" : ""));
  }
}

bool PipelineTrace::wants(HartId hart, const Record& record, bool wrong_path, Cycle at) {
  const bool begun = passed_ >= filter_.start && at.value() >= filter_.start_cycle;
  if (!wrong_path) ++passed_;
  return begun && next_number_ < filter_.count && record.pc >= filter_.from && record.pc < filter_.to &&
         (!filter_.hart || *filter_.hart == hart);
}

void PipelineTrace::fetched(HartId hart_id, u64 id, const Record& record, bool wrong_path, Cycle at) {
  Hart& hart = harts_[hart_id];
  latest_ = std::max(latest_, at);
  if (wants(hart_id, record, wrong_path, at)) {
    const u64 number = next_number_++;
    std::string text = text_of(record, memory_, extensions_);
    std::replace(text.begin(), text.end(), '\t', ' ');
    Instruction i{hart_id, id, record.pc, std::move(text), symbols_.describe(record.pc), wrong_path,
                  at,      at, {{PipelineStage::Fetch, at}}, {}};
    note_registers(hart, record, i, number);
    const auto lane = std::find_if(hart.lanes.begin(), hart.lanes.end(), [at](Cycle c) { return c <= at; });
    i.lane = static_cast<std::size_t>(lane - hart.lanes.begin());
    if (lane == hart.lanes.end()) hart.lanes.emplace_back();
    hart.lanes[i.lane] = Cycle{~u64{0}};
    hart.open[id] = number;
    open_.emplace(number, std::move(i));
  }
  if (lines_.empty()) return;
  const Cycle begin = open_.empty() ? at : std::min(open_.begin()->second.begin, at);
  const u64 late = harts_.size() == 1 ? 0 : out_of_step_cycles;
  write_lines(begin - std::min(begin.value(), late));
}

void PipelineTrace::note_registers(Hart& hart, const Record& record, Instruction& instruction,
                                   u64 number) {
  if (instruction.wrong_path && !hart.on_wrong_path) hart.wrong_writer = hart.writer;
  hart.on_wrong_path = instruction.wrong_path;
  auto& writer = instruction.wrong_path ? hart.wrong_writer : hart.writer;
  for (const u8 source : record.source)
    if (source != 0 && writer[source] != 0 && open_.contains(writer[source] - 1) &&
        std::find(instruction.producers.begin(), instruction.producers.end(), writer[source] - 1) ==
            instruction.producers.end())
      instruction.producers.push_back(writer[source] - 1);
  if (record.dest != no_dest) writer[record.dest] = number + 1;
}

void PipelineTrace::reached(HartId hart, u64 id, PipelineStage stage, Cycle at) {
  const auto found = harts_[hart].open.find(id);
  if (found != harts_[hart].open.end()) open_.at(found->second).steps.push_back({stage, at});
}

void PipelineTrace::retired(HartId hart, u64 id, const Record&, const Outcome&, Cycle at) {
  reached(hart, id, PipelineStage::Commit, at);
  end(hart, id, at + 1, false);
}

void PipelineTrace::flushed(HartId hart, u64 id, Cycle at) { end(hart, id, at, true); }

void PipelineTrace::end(HartId hart_id, u64 id, Cycle at, bool is_flushed) {
  Hart& hart = harts_[hart_id];
  const auto found = hart.open.find(id);
  if (found == hart.open.end()) return;
  const auto node = open_.extract(found->second);
  hart.open.erase(found);
  Instruction i = std::move(node.mapped());
  i.end = std::max(at, i.begin);
  latest_ = std::max(latest_, i.end);
  hart.lanes[i.lane] = i.end;
  // Of what was to come behind its end nothing happened; a stage that took no time is not shown.
  std::stable_sort(i.steps.begin(), i.steps.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
  std::erase_if(i.steps, [&i](const Step& s) { return s.at >= i.end && s.at != i.begin; });
  const auto last_of_cycle = std::unique(i.steps.rbegin(), i.steps.rend(),
                                         [](const Step& a, const Step& b) { return a.at == b.at; });
  i.steps.erase(i.steps.begin(), last_of_cycle.base());
  if (filter_.format == TraceFilter::Format::Konata) {
    write_konata(node.key(), i, is_flushed);
  } else {
    write_perfetto(node.key(), i, is_flushed);
  }
}

void PipelineTrace::write_konata(u64 number, const Instruction& i, bool is_flushed) {
  u64 order = 0;
  const auto line = [&](Cycle at, std::string text) {
    lines_.push({at, number, order++, std::move(text)});
  };
  line(i.begin, fmt::format("I\t{}\t{}\t{}", number, number, i.hart));
  line(i.begin, fmt::format("L\t{}\t0\t{:x}: {}", number, i.pc, i.text));
  line(i.begin, fmt::format("L\t{}\t1\t{}{}", number, i.place, i.wrong_path ? " (wrong path)" : ""));
  for (const u64 producer : i.producers) line(i.begin, fmt::format("W\t{}\t{}\t0", number, producer));
  for (std::size_t k = 0; k < i.steps.size(); ++k) {
    const char* stage = name_of(i.steps[k].stage).letters;
    line(i.steps[k].at, fmt::format("S\t{}\t0\t{}", number, stage));
    line(k + 1 < i.steps.size() ? i.steps[k + 1].at : i.end, fmt::format("E\t{}\t0\t{}", number, stage));
  }
  Hart& hart = harts_[i.hart];
  line(i.end, fmt::format("R\t{}\t{}\t{}", number, is_flushed ? 0 : hart.retired, is_flushed ? 1 : 0));
  if (!is_flushed) ++hart.retired;
}

void PipelineTrace::write_lines(Cycle before) {
  for (; !lines_.empty() && lines_.top().at < before; lines_.pop()) {
    const Line& line = lines_.top();
    if (!written_) {
      file_.write(fmt::format("C=\t{}\n", line.at.value()));
      written_ = line.at;
    }
    if (line.at > *written_) {
      file_.write(fmt::format("C\t{}\n", line.at - *written_));
      written_ = line.at;
    }
    file_.write(line.text + "\n");
  }
}

// Slices in one lane, the stages within the instruction's own.
void PipelineTrace::write_perfetto(u64 number, const Instruction& i, bool is_flushed) {
  const auto slice = [&](const std::string& name, Cycle begin, Cycle until) {
    return Json{{"name", name}, {"ph", "X"}, {"ts", begin.value()}, {"dur", until - begin},
                {"pid", i.hart}, {"tid", i.lane}};
  };
  Json whole = slice(i.text, i.begin, i.end);
  whole["cat"] = i.wrong_path ? "wrong path" : is_flushed ? "flushed" : "retired";
  whole["args"] = {{"number", number}, {"pc", fmt::format("{:#x}", i.pc)}, {"place", i.place}};
  file_.write(",\n" + whole.dump());
  for (std::size_t k = 0; k < i.steps.size(); ++k)
    file_.write(",\n" + slice(name_of(i.steps[k].stage).name, i.steps[k].at,
                              k + 1 < i.steps.size() ? i.steps[k + 1].at : i.end).dump());
}

void PipelineTrace::finish() {
  while (!open_.empty()) {
    const Instruction& first = open_.begin()->second;
    end(first.hart, first.id, latest_, true);
  }
  if (filter_.format == TraceFilter::Format::Konata) {
    write_lines(Cycle{~u64{0}});
  } else {
    file_.write("\n]}\n");
  }
  file_.flush();
}

}  // namespace orrery
