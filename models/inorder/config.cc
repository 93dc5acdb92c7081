#include "models/inorder/config.h"

#include <fmt/ranges.h>

#include "models/inorder/scoreboard.h"
#include "models/inorder/store_buffer.h"

namespace orrery {
namespace {

struct UnitRow {
  ExecUnit unit;
  const char* name;
  const char* text;
};
constexpr UnitRow unit_rows[] = {{Multiplier, "multiplier", "of integers"},
                                 {Divider, "divider", "of integers"},
                                 {MemoryUnit, "memory", "for loads, stores and atomics"},
                                 {BranchUnit, "branch", "for branches and jumps"},
                                 {FpUnit, "fp", "floating point, divisions and roots left out"},
                                 {FpDivider, "fp_divider", "for divisions and roots"}};

// The classes that a word names: one, or with a * behind it all that begin so.
std::vector<unsigned> classes_of(std::string_view word) {
  const bool is_beginning = word.ends_with('*');
  if (is_beginning) word.remove_suffix(1);
  std::vector<unsigned> classes;
  for (unsigned c = 0; c < op_class_count; ++c) {
    const std::string_view name = op_class_name(static_cast<OpClass>(c));
    if (is_beginning ? name.starts_with(word) : name == word) classes.push_back(c);
  }
  return classes;
}

std::string unknown_class(const std::string& word) {
  std::vector<std::string> known{"*"};
  for (unsigned c = 0; c < op_class_count; ++c) known.emplace_back(op_class_name(static_cast<OpClass>(c)));
  const auto meant = nearest(word, known);
  return fmt::format("\"{}\" is no class of instructions{}; known: {}", word,
                     meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "", fmt::join(known, " "));
}

// The same for words with | between them.
std::vector<unsigned> classes_of_all(Params& p, const char* key, std::string_view words) {
  std::vector<unsigned> classes;
  while (true) {
    const std::string_view word = words.substr(0, words.find('|'));
    const std::vector<unsigned> found = classes_of(word);
    if (found.empty()) p.require(false, key, unknown_class(std::string(word)));
    classes.insert(classes.end(), found.begin(), found.end());
    if (word.size() == words.size()) return classes;
    words.remove_prefix(word.size() + 1);
  }
}

}  // namespace

void OpTiming::visit(Params& p) {
  p("latency", latency, "cycles", "from issue to a dependent's issue; memory: to the cache access");
  p("interval", interval, "cycles", "until the unit takes the next instruction");
  p("per_bit", per_bit, "cycles", "division: added to both for each bit that the dividend is longer");
  p.require(latency <= 10'000, "latency", "must be 0..10000");
  p.require(interval >= 1 && interval <= 10'000, "interval", "must be 1..10000");
  p.require(per_bit <= 100, "per_bit", "must be 0..100");
}

OpLatencies::OpLatencies() {
  const auto set = [this](OpClass c, u32 latency, u32 interval) {
    of[static_cast<unsigned>(c)] = {latency, interval, 0};
  };
  set(OpClass::IntMul, 3, 1);
  set(OpClass::IntDiv, 20, 20);
  set(OpClass::FpAdd, 4, 1);
  set(OpClass::FpMul, 4, 1);
  set(OpClass::FpFma, 5, 1);
  set(OpClass::FpDiv, 20, 20);
  set(OpClass::FpSqrt, 20, 20);
  set(OpClass::FpMove, 2, 1);
  set(OpClass::FpCompare, 2, 1);
  set(OpClass::FpConvert, 3, 1);
}

void OpLatencies::visit(Params& p) {
  for (unsigned c = 0; c < op_class_count; ++c) {
    const std::string name(op_class_name(static_cast<OpClass>(c)));
    p.child(name.c_str(), of[c], "instructions of this class");
    p.require(of[c].interval == 1 || unit_of[c] != IntAlus, name.c_str(),
              "has no interval: there are as many integer ALUs as instructions issue");
    p.require(of[c].per_bit == 0 || static_cast<OpClass>(c) == OpClass::IntDiv, name.c_str(), "per_bit is for int_div");
  }
}

void UnitCounts::visit(Params& p) {
  for (const auto& [unit, name, text] : unit_rows) {
    p(name, of[unit], "units", text);
    p.require(of[unit] == 1 || of[unit] == 2, name, "must be 1 or 2");
  }
}

// Whether two such instructions can issue in one cycle where no rule forbids it.
bool InOrderConfig::could_pair(unsigned older, unsigned younger) const {
  const auto runs_alone = [](unsigned c) {
    return static_cast<OpClass>(c) == OpClass::Fence || static_cast<OpClass>(c) == OpClass::System;
  };
  const bool have_units = unit_of[older] != unit_of[younger] || unit_of[older] == IntAlus || units.of[unit_of[older]] == 2;
  return width == 2 && have_units && !runs_alone(older) && !runs_alone(younger);
}

void InOrderConfig::read_pairing(Params& p) {
  pairing = {};
  for (const std::string& rule : not_paired) {
    const auto plus = std::min(rule.find('+'), rule.size());
    p.require(plus < rule.size(), "not_paired", "must be pairs OLDER+YOUNGER such as \"load+branch\" or \"*+csr\"");
    const auto olders = classes_of_all(p, "not_paired", std::string_view(rule).substr(0, plus));
    const auto youngers = classes_of_all(p, "not_paired", std::string_view(rule).substr(std::min(plus + 1, rule.size())));
    bool has_effect = false;
    for (const unsigned older : olders) {
      for (const unsigned younger : youngers) {
        has_effect |= could_pair(older, younger) && pairing.allows(older, younger);
        pairing.forbid(older, younger);
      }
    }
    p.require(has_effect, "not_paired",
              fmt::format("\"{}\" has no effect: without it no two such instructions issue in one cycle either", rule));
  }
}

void InOrderConfig::read_commit_rules(Params& p) {
  commit_rules = {};
  const auto read = [&](const char* key, const std::vector<std::string>& words, u32& bits) {
    for (const std::string& word : words) {
      bool has_effect = false;
      for (const unsigned c : classes_of_all(p, key, word)) {
        has_effect |= !commit_rules.is_first(static_cast<OpClass>(c)) && commit_width != 1 && scoreboard != 0;
        bits |= u32{1} << c;
      }
      p.require(has_effect, key, fmt::format("\"{}\" has no effect: without it they commit so too", word));
    }
  };
  read("commit_alone", commit_alone, commit_rules.alone);
  read("commit_first", commit_first, commit_rules.first);
}

// A second unit is for a second instruction in the cycle, or while the first one is busy.
void InOrderConfig::require_used_units(Params& p) const {
  for (const auto& [unit, name, text] : unit_rows) {
    bool is_used = width == 2 || unit == MemoryUnit;  // which page walks and atomics keep busy
    for (unsigned c = 0; c < op_class_count; ++c)
      is_used |= unit_of[c] == unit && (op_latency.of[c].interval > 1 || op_latency.of[c].per_bit > 0);
    p.require(units.of[unit] == 1 || is_used, "units",
              fmt::format("a second {} has no effect: one instruction issues a cycle, and none keeps it longer", name));
  }
}

void InOrderConfig::visit(Params& p) {
  p("width", width, "instructions", "issued a cycle");
  p.child("units", units, "functional units; integer ALUs are as many as instructions issue");
  p("not_paired", not_paired,
    "classes of instructions that do not issue in one cycle, as OLDER+YOUNGER in program order: either may be "
    "several with | between, or their beginning and *, and * is every class");
  p("fetch_bytes", fetch_bytes, "bytes", "fetched a cycle, from one aligned block");
  p("frontend_depth", frontend_depth, "cycles", "from fetch to issue, the cache's hit included");
  p("fetch_buffer", fetch_buffer, "instructions", "waiting between front end and issue");
  p("resolve_cycles", resolve_cycles, "cycles",
    "from the issue of a mispredicted branch to the fetch of the right path");
  p("taken_cycles", taken_cycles, "cycles", "lost by a taken branch predicted while fetching");
  p("decode_redirect_cycles", decode_redirect_cycles, "cycles",
    "lost by a taken branch predicted in the decoder");
  p("trap_cycles", trap_cycles, "cycles", "added to the change of path into a handler");
  p("blocking_loads", blocking_loads, "nothing issues while a load misses");
  p("write_after_write_stall", write_after_write_stall,
    "an instruction waits until the last write of its destination is done, and with a scoreboard committed");
  p("scoreboard", scoreboard, "instructions", "most issued and not committed; 0: no limit, and nothing waits to commit");
  p("commit_width", commit_width, "instructions", "committed a cycle, in program order; 0: no limit");
  p("commit_first", commit_first, "classes of instructions that commit as the first of their cycle only");
  p("commit_alone", commit_alone, "classes of instructions that commit as the only one of their cycle");
  p("store_buffer", store_buffer, "stores", "between the pipeline and the data cache");
  p("stores_in_flight", stores_in_flight, "stores", "of the buffer, at the data cache at once");
  p("store_merge", store_merge, "bytes", "stores to one aligned block share an entry; 0: never");
  p("store_split", store_split, "bytes that are no aligned power of two of them are written one by one");
  p("forwarding", forwarding, "loads take data from the store buffer; otherwise they wait");
  p("forward_cycles", forward_cycles, "cycles", "least time from a store's entry there to a load's data");
  p("wrong_path", wrong_path,
    "behind a mispredicted branch the wrong path is fetched and executed until it is resolved");
  visit_stuck_cycles(p, stuck_cycles);
  p.child("op_latency", op_latency, "times of instructions by class");
  p.child("predictor", predictor, "branch prediction");
  p.require(width >= 1 && width <= 2, "width", "must be 1 or 2");
  read_pairing(p);
  require_used_units(p);
  p.require(fetch_bytes >= 4 && fetch_bytes <= 64 && (fetch_bytes & (fetch_bytes - 1)) == 0,
            "fetch_bytes", "must be 4, 8, 16, 32 or 64");
  p.require(frontend_depth >= 1 && frontend_depth <= 20, "frontend_depth", "must be 1..20");
  p.require(fetch_buffer <= 64, "fetch_buffer", "must be 0..64");
  p.require(resolve_cycles >= 1 && resolve_cycles <= 100, "resolve_cycles", "must be 1..100");
  p.require(taken_cycles <= 100, "taken_cycles", "must be 0..100");
  p.require(decode_redirect_cycles <= 100, "decode_redirect_cycles", "must be 0..100");
  p.require(trap_cycles <= 10'000, "trap_cycles", "must be 0..10000");
  p.require(scoreboard == 0 || (scoreboard >= width && scoreboard <= Scoreboard::most_entries), "scoreboard",
            "must be 0, or width..64");
  p.require(commit_width <= Scoreboard::most_width, "commit_width", "must be 0..8");
  p.require(commit_width == 0 || scoreboard != 0, "commit_width", "has no effect without a scoreboard");
  read_commit_rules(p);
  p.require(store_buffer >= 1 && store_buffer <= StoreBuffer::most_entries, "store_buffer", "must be 1..64");
  p.require(stores_in_flight >= 1 && stores_in_flight <= store_buffer, "stores_in_flight",
            "must be 1..store_buffer");
  p.require(store_merge <= 64 && (store_merge & (store_merge - 1)) == 0, "store_merge",
            "must be 0 or a power of two up to 64");
  p.require(forward_cycles <= 1000, "forward_cycles", "must be 0..1000");
}

}  // namespace orrery
