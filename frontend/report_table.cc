#include "frontend/report_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "models/timing/accounting.h"

namespace orrery {
namespace {

using Cell = std::optional<double>;

struct Row {
  std::string label;
  std::string unit;
  std::function<Cell(const PhaseResult&)> value;
  int decimals;
};

Cell number(const Json& figures, const std::string& path) {
  const auto found = figures.find(path);
  if (found == figures.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

Cell ratio(Cell a, Cell b, double factor = 1) {
  if (!a || !b || *b == 0) return std::nullopt;
  return *a / *b * factor;
}

// Sum over all statistics whose path ends with `ending`; nothing when there is none.
Cell total(const PhaseResult& result, std::string_view ending) {
  Cell sum;
  for (const auto& [path, value] : result.statistics.items())
    if (path.ends_with(ending) && value.is_number()) sum = sum.value_or(0) + value.get<double>();
  return sum;
}

// Cycles of all harts together.
Cell cycles(const PhaseResult& result) {
  Cell sum;
  for (std::size_t i = 0;; ++i) {
    const Cell one = number(result.statistics, fmt::format("machine.hart{}.cycles", i));
    if (!one) return sum;
    sum = sum.value_or(0) + *one;
  }
}

Cell instructions(const PhaseResult& result) { return number(result.statistics, "machine.instructions"); }

std::vector<Row> main_rows() {
  const auto per_cycle = [](const PhaseResult& r) { return ratio(instructions(r), cycles(r)); };
  return {
      {"instructions", "", instructions, 0},
      {"cycles", "", cycles, 0},
      {"instructions per cycle", "", per_cycle, 3},
      {"mispredictions", "per 1000 instructions",
       [](const PhaseResult& r) { return ratio(total(r, "_wrong"), instructions(r), 1000); }, 2},
      {"simulated time", "s",
       [](const PhaseResult& r) { return number(r.statistics, "machine.simulated_seconds"); }, 9},
      {"host time", "s", [](const PhaseResult& r) { return number(r.host, "host_seconds"); }, 2},
      {"host speed", "MIPS", [](const PhaseResult& r) { return number(r.host, "mips"); }, 2},
  };
}

// Sum over all cores of a statistic, each weighted by another one; nothing when no core has it.
Cell over_cores(const PhaseResult& result, std::string_view name, std::string_view weight = {}) {
  Cell sum;
  for (const auto& [path, value] : result.statistics.items()) {
    if (!value.is_number() || !path.ends_with(name)) continue;
    const std::string core = path.substr(0, path.size() - name.size());
    if (!core.ends_with('.') || !result.statistics.contains(core + "slots")) continue;
    const Cell by = weight.empty() ? 1 : number(result.statistics, core + std::string(weight));
    sum = sum.value_or(0) + value.get<double>() * by.value_or(0);
  }
  return sum;
}

// The CPI stack of a timing model, and the shares of its levels (models/timing/accounting.h). Causes
// that took nothing are left out.
std::vector<Row> stack_rows(const std::vector<ReportColumn>& columns) {
  static constexpr std::string_view ending = "_slots";
  std::vector<std::string> causes;
  for (const ReportColumn& column : columns)
    for (const auto& [path, value] : column.result.statistics.items()) {
      if (!path.ends_with(ending) || !value.is_number() || value.get<double>() == 0) continue;
      const std::string name = path.substr(path.rfind('.') + 1);
      if (!column.result.statistics.contains(path.substr(0, path.size() - name.size()) + "slots")) continue;
      if (std::find(causes.begin(), causes.end(), name) == causes.end()) causes.push_back(name);
    }
  if (causes.empty()) return {};
  std::vector<Row> rows = {{"cycles per instruction", "",
                            [](const PhaseResult& r) { return ratio(cycles(r), instructions(r)); }, 3}};
  for (const std::string& name : causes) {
    std::string label = "  " + name.substr(0, name.size() - ending.size());
    std::replace(label.begin(), label.end(), '_', ' ');
    rows.push_back({std::move(label), "",
                    [name](const PhaseResult& r) -> Cell {
                      const Cell share = ratio(over_cores(r, name), over_cores(r, "slots"));
                      const Cell all = ratio(cycles(r), instructions(r));
                      if (!share || !all) return std::nullopt;
                      return *share * *all;
                    },
                    3});
  }
  for (const LevelRow& row : levels) {
    const std::string_view level = row.name;
    std::string label(level);
    std::replace(label.begin(), label.end(), '_', ' ');
    rows.push_back({std::move(label), "% of slots",
                    [level](const PhaseResult& r) {
                      return ratio(over_cores(r, level, "slots"), over_cores(r, "slots"), 100);
                    },
                    1});
  }
  return rows;
}

// True when anything below `component` was counted: a model without caches leaves them at zero.
bool was_used(const PhaseResult& result, const std::string& component) {
  for (const auto& [path, value] : result.statistics.items())
    if (path.starts_with(component + ".") && value.is_number() && value.get<double>() != 0)
      return true;
  return false;
}

// The miss rate of every cache and TLB.
std::vector<Row> miss_rows(const std::vector<ReportColumn>& columns) {
  static constexpr std::string_view ending = ".miss_ratio";
  static constexpr std::string_view root = "machine.";
  std::vector<Row> rows;
  std::set<std::string> seen;
  for (const ReportColumn& column : columns) {
    for (const auto& [path, value] : column.result.statistics.items()) {
      if (!path.ends_with(ending) || !seen.insert(path).second) continue;
      const std::string component = path.substr(0, path.size() - ending.size());
      const auto rate = [component, p = path](const PhaseResult& r) -> Cell {
        const Cell misses = number(r.statistics, p);
        if (!misses || !was_used(r, component)) return std::nullopt;
        return *misses * 100;
      };
      const std::size_t cut = component.starts_with(root) ? root.size() : 0;
      rows.push_back({component.substr(cut) + " misses", "%", rate, 2});
    }
  }
  return rows;
}

// What the schema of a result says of a statistic, as text; "" when it says nothing.
std::string meaning(const PhaseResult& result, const std::string& path, const char* key) {
  const auto found = result.schema.find(path);
  if (found == result.schema.end() || !found->contains(key) || !(*found)[key].is_string()) return "";
  return (*found)[key].get<std::string>();
}

// A row for each bucket of a histogram, under the bucket's name.
void add_buckets(std::vector<Row>& rows, const PhaseResult& result, const std::string& path) {
  const auto known = result.schema.find(path);
  const Json names = known != result.schema.end() && known->is_object() && known->contains("buckets")
                         ? (*known)["buckets"] : Json::array();
  const std::size_t count = result.statistics.at(path).size();
  for (std::size_t i = 0; i < count; ++i) {
    const bool named = names.is_array() && i < names.size() && names[i].is_string();
    const std::string name = named ? names[i].get<std::string>() : fmt::format("{}", i);
    rows.push_back({fmt::format("{}[{}]", path, name), meaning(result, path, "unit"),
                    [path, i](const PhaseResult& r) -> Cell {
                      const auto found = r.statistics.find(path);
                      if (found == r.statistics.end() || !found->is_array() || i >= found->size() ||
                          !(*found)[i].is_number())
                        return std::nullopt;
                      return (*found)[i].get<double>();
                    },
                    0});
  }
}

std::vector<Row> every_row(const std::vector<ReportColumn>& columns) {
  std::vector<Row> rows;
  std::set<std::string> seen;
  for (const ReportColumn& column : columns) {
    for (const auto& [path, value] : column.result.statistics.items()) {
      if (!(value.is_number() || value.is_array()) || !seen.insert(path).second) continue;
      if (value.is_array()) {
        add_buckets(rows, column.result, path);
        continue;
      }
      rows.push_back({path, meaning(column.result, path, "unit"),
                      [p = path](const PhaseResult& r) { return number(r.statistics, p); },
                      value.is_number_float() ? 6 : 0});
    }
  }
  return rows;
}

// 1234567 -> "1 234 567"
std::string text_of(Cell cell, int decimals) {
  if (!cell) return "-";
  std::string text = fmt::format("{:.{}f}", *cell, decimals);
  std::size_t point = text.find('.');
  if (point == std::string::npos) point = text.size();
  const std::size_t first = text[0] == '-' ? 1 : 0;
  for (std::size_t at = point; at > first + 3;) text.insert(at -= 3, 1, ' ');
  return text;
}

std::string lay_out(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row = fmt::format("{:<{}}", line[0], widths[0]);
    for (std::size_t i = 1; i < line.size(); ++i)
      row += fmt::format("  {:>{}}", line[i], widths[i]);
    text += row + "\n";
  }
  return text;
}

}  // namespace

std::string report_table(const std::vector<ReportColumn>& columns, bool all) {
  std::vector<Row> rows = main_rows();
  const auto add = [&rows](std::vector<Row> more) {
    rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  };
  add(stack_rows(columns));
  add(miss_rows(columns));
  if (all) add(every_row(columns));

  std::vector<std::vector<std::string>> lines(1, {""});
  for (const ReportColumn& column : columns) lines[0].push_back(column.title);
  for (const Row& row : rows) {
    std::vector<std::string> line = {
        row.unit.empty() ? row.label : fmt::format("{} ({})", row.label, row.unit)};
    bool any = false;
    for (const ReportColumn& column : columns) {
      const Cell cell = row.value(column.result);
      any = any || cell;
      line.push_back(text_of(cell, row.decimals));
    }
    if (any) lines.push_back(std::move(line));
  }
  return lay_out(lines);
}

}  // namespace orrery
