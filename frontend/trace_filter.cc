#include <fmt/ranges.h>

#include <charconv>

#include "base/error.h"
#include "base/params.h"
#include "base/units.h"
#include "frontend/trace.h"

namespace orrery {
namespace {

u64 address(const std::string& key, std::string_view text) {
  const std::string whole(text);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  u64 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size() || text.empty())
    config_error("--trace: {}: expected a hexadecimal address such as 0x80000000, found \"{}\"",
                 key, whole);
  return value;
}

u64 count(const std::string& key, const std::string& text) {
  const auto value = parse_quantity(text, Unit::None);
  if (!value) config_error("--trace: {}: expected a whole number, found \"{}\"", key, text);
  return *value;
}

Privilege privilege(const std::string& text) {
  if (text == "U") return Privilege::User;
  if (text == "S") return Privilege::Supervisor;
  if (text == "M") return Privilege::Machine;
  config_error("--trace: privilege: expected U, S or M, found \"{}\"", text);
}

void read_item(TraceFilter& filter, const std::string& item) {
  const std::size_t equals = item.find('=');
  const std::string key = item.substr(0, equals);
  // A translation serves all harts and privileges.
  const bool host_code = filter.what == TraceFilter::What::HostCode;
  const bool pipeline = filter.what == TraceFilter::What::Pipeline;
  std::vector<std::string> known = {"from", "to", "count"};
  if (pipeline) known.insert(known.end(), {"format", "hart", "start", "start_cycle"});
  if (!host_code && !pipeline) known.insert(known.end(), {"privilege", "hart"});
  const std::string value = equals == std::string::npos ? "" : item.substr(equals + 1);
  if (key == "from") {
    filter.from = address(key, value);
  } else if (key == "to") {
    filter.to = address(key, value);
  } else if (key == "count") {
    filter.count = count(key, value);
  } else if (key == "format" && pipeline) {
    if (value != "konata" && value != "perfetto")
      config_error("--trace: format: expected konata or perfetto, found \"{}\"", value);
    filter.format = value == "konata" ? TraceFilter::Format::Konata : TraceFilter::Format::Perfetto;
  } else if (key == "start" && pipeline) {
    filter.start = count(key, value);
  } else if (key == "start_cycle" && pipeline) {
    filter.start_cycle = count(key, value);
  } else if (key == "privilege" && !host_code && !pipeline) {
    filter.privilege = privilege(value);
  } else if (key == "hart" && !host_code) {
    const u64 hart = count(key, value);
    if (hart > ~HartId{0}) config_error("--trace: hart: expected the number of a hart, found {}", hart);
    filter.hart = static_cast<HartId>(hart);
  } else {
    const auto meant = nearest(key, known);
    config_error("--trace: unknown \"{}\"{}; known: {}", key,
                 meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "", fmt::join(known, " "));
  }
}

}  // namespace

TraceFilter parse_trace(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string what = text.substr(0, colon);
  if (what != "instructions" && what != "host-code" && what != "pipeline")
    config_error("--trace: expected instructions[:from=ADDR,to=ADDR,privilege=U,count=N,hart=N], "
                 "host-code[:from=ADDR,to=ADDR,count=N] or pipeline[:format=konata|perfetto,"
                 "from=ADDR,to=ADDR,start=N,start_cycle=N,count=N,hart=N], found \"{}\"", text);
  TraceFilter filter;
  if (what == "pipeline") filter.what = TraceFilter::What::Pipeline;
  if (what == "host-code") filter.what = TraceFilter::What::HostCode;
  if (colon == std::string::npos) return filter;
  for (std::size_t begin = colon + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    read_item(filter, text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (filter.from >= filter.to)
    config_error("--trace: from={:#x} is not below to={:#x}", filter.from, filter.to);
  return filter;
}

}  // namespace orrery
