#include "frontend/stats_series.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

namespace orrery {
namespace {

// The paths that one of the patterns matches, in the statistics' order.
std::vector<std::string> matching(const Json& statistics, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return {};
  const auto matches = [](const std::string& pattern, const std::string& path) {
    return fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
  };
  std::vector<std::string> result;
  std::vector<bool> used(patterns.size());
  for (const auto& [path, value] : statistics.items()) {
    bool wanted = false;
    for (std::size_t i = 0; i < patterns.size(); ++i)
      if (matches(patterns[i], path)) wanted = used[i] = true;
    if (wanted) result.push_back(path);
  }
  for (std::size_t i = 0; i < patterns.size(); ++i)
    if (!used[i])
      config_error("--stats-columns: \"{}\" is the name of no statistic; orrery run --stats FILE "
                   "writes all of them", patterns[i]);
  return result;
}

}  // namespace

StatsSeries::StatsSeries(Machine& machine, const Phase& phase)
    : machine_(machine),
      interval_(machine),
      every_(phase.stats_every.value()),
      columns_(matching(interval_.statistics(), phase.stats_columns)),
      begin_steps_(machine.steps()),
      begin_time_(machine.now()),
      is_json_(phase.stats_series.ends_with(".jsonl")),
      file_(phase.stats_series, "--stats-series", stdout) {
  if (!is_json_) write_head();
  wait_for_end();
}

Json StatsSeries::selected() const {
  Json all = interval_.statistics();
  if (columns_.empty()) return all;
  Json result = Json::object();
  for (const std::string& path : columns_) result[path] = std::move(all[path]);
  return result;
}

void StatsSeries::write_head() {
  const Json schema = interval_.schema();
  const Json statistics = selected();
  std::string line = "interval,end_steps,end_ticks";
  for (const auto& [path, value] : statistics.items()) {
    if (!value.is_array()) {
      line += "," + path;
      continue;
    }
    for (const Json& bucket : schema.at(path).at("buckets"))
      line += fmt::format(",{}[{}]", path, bucket.get<std::string>());
  }
  file_.write(line + "\n");
}

void StatsSeries::write_row() {
  const u64 steps = machine_.steps() - begin_steps_;
  const u64 ticks = machine_.now() - begin_time_;
  const Json statistics = selected();
  ++rows_;
  if (is_json_) {
    const Json row = {{"interval", rows_}, {"end_steps", steps}, {"end_ticks", ticks},
                      {"statistics", statistics}};
    file_.write(row.dump() + "\n");
  } else {
    std::string line = fmt::format("{},{},{}", rows_, steps, ticks);
    for (const auto& [path, value] : statistics.items()) {
      if (!value.is_array()) {
        line += "," + value.dump();
        continue;
      }
      for (const Json& bucket : value) line += "," + bucket.dump();
    }
    file_.write(line + "\n");
  }
  interval_.restart();
}

// The ends stand on a grid from the phase's beginning.
void StatsSeries::wait_for_end() {
  const u64 ends = rows_ + 1;
  RunLimit end;
  if (every_.kind == Condition::Kind::Instructions) {
    const u64 steps = machine_.steps() - begin_steps_;
    if (every_.number <= ~u64{0} / ends) end.steps = every_.number * ends - steps;
  } else if (every_.number <= (never - begin_time_) / ends) {
    end.time = begin_time_ + every_.number * ends;
  }
  machine_.look_at(end, [this] {
    write_row();
    wait_for_end();
  });
}

void StatsSeries::finish() {
  machine_.look_at({}, {});
  if (rows_ == 0 || interval_.steps() != 0 || interval_.elapsed() != Tick{}) write_row();
  file_.flush();
}

}  // namespace orrery
