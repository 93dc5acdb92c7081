#include "frontend/meter.h"

#include <sys/resource.h>

#include <string_view>

#include "frontend/version.h"

namespace orrery {

double cpu_seconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A figure that is not a Statistic of any component.
struct Meter::Row {
  std::string path;
  Json value;
  const char* unit;
  const char* text;
};

Meter::Meter(Machine& machine) : machine_(machine) { restart(); }

Meter::HartFigures Meter::figures(const Hart& hart) {
  return {hart.retired(), hart.untaken, hart.cycle_counter()};
}

void Meter::restart() {
  snapshot_ = snapshot_statistics(machine_);
  host_figures_ = machine_.model().host_figures();
  harts_.clear();
  for (const Hart* hart : machine_.harts()) harts_.push_back(figures(*hart));
  steps_ = machine_.steps();
  time_ = machine_.now();
  host_ = std::chrono::steady_clock::now();
  cpu_seconds_ = cpu_seconds();
}

void Meter::model_leaves() {
  host_figures_.clear();
  // A new statistic may get the address of one that died.
  machine_.model().for_each([this](const Component& component) {
    for (const Statistic* statistic : component.statistics()) snapshot_.erase(statistic);
  });
}

u64 Meter::steps() const { return machine_.steps() - steps_; }
Tick Meter::elapsed() const { return Tick{machine_.now() - time_}; }

double Meter::host_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - host_).count();
}

double Meter::mips() const {
  const double seconds = host_seconds();
  return seconds > 0 ? static_cast<double>(steps()) / seconds * 1e-6 : 0;
}

std::vector<Meter::Row> Meter::rows() const {
  std::vector<Row> rows;
  const std::string root = machine_.path();
  const double seconds =
      static_cast<double>(elapsed().value()) / static_cast<double>(ticks_per_second);
  u64 retired = 0;
  for (std::size_t i = 0; i < harts_.size(); ++i)
    retired += machine_.hart(static_cast<HartId>(i)).retired() - harts_[i].retired;
  rows.push_back({root + ".instructions", retired, "instructions", "retired by all harts"});
  rows.push_back({root + ".steps", steps(), "instructions",
                  "executed by all harts, those that trapped included"});
  rows.push_back({root + ".simulated_ticks", elapsed().value(), "ps", "simulated time"});
  rows.push_back({root + ".simulated_seconds", seconds, "s", "simulated time"});
  for (std::size_t i = 0; i < harts_.size(); ++i) {
    const Hart& hart = machine_.hart(static_cast<HartId>(i));
    const HartFigures now = figures(hart);
    const std::string path = hart.path();
    rows.push_back({path + ".instructions", now.retired - harts_[i].retired, "instructions",
                    "retired"});
    rows.push_back({path + ".not_retired", now.untaken - harts_[i].untaken, "instructions",
                    "executed and not retired: traps and environment calls"});
    rows.push_back({path + ".cycles", now.cycles - harts_[i].cycles, "cycles",
                    "periods of the core clock, waiting included"});
  }
  return rows;
}

Json Meter::statistics() const {
  Json result = Json::object();
  for (Row& row : rows()) result[row.path] = std::move(row.value);
  result.update(report_statistics(machine_, &snapshot_));
  return result;
}

Json Meter::schema() const {
  Json result = Json::object();
  for (const Row& row : rows()) result[row.path] = {{"unit", row.unit}, {"text", row.text}};
  result.update(describe_statistics(machine_));
  return result;
}

Json Meter::host() const {
  Json result = {{"orrery", version},
                 {"compiler", __VERSION__},
                 {"host_seconds", host_seconds()},
                 {"cpu_seconds", cpu_seconds() - cpu_seconds_},
                 {"mips", mips()}};
  for (const HostFigure& figure : machine_.model().host_figures()) {
    u64 before = 0;
    for (const HostFigure& begin : host_figures_)
      if (std::string_view(begin.name) == figure.name) before = begin.value;
    result[figure.name] = figure.value - before;
  }
  return result;
}

}  // namespace orrery
