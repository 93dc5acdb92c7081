#include "checkpoint/compare.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "base/archive.h"
#include "base/error.h"
#include "base/json_io.h"

namespace orrery {
namespace {

using Lines = std::vector<std::string>;

void append(Lines& lines, const Lines& more, std::string_view prefix, std::size_t most) {
  for (const std::string& line : more)
    if (lines.size() < most) lines.push_back(fmt::format("{}{}", prefix, line));
}

u64 word_at(std::span<const u8> bytes, u64 offset) {
  u64 word = 0;
  std::memcpy(&word, bytes.data() + offset, sizeof word);
  return word;
}

// Runs of 64-bit words that differ.
void compare_chunk(u64 address, std::span<const u8> a, std::span<const u8> b, std::size_t most,
                   Lines& lines) {
  for (u64 begin = 0; begin < a.size() && lines.size() < most;) {
    if (word_at(a, begin) == word_at(b, begin)) {
      begin += 8;
      continue;
    }
    u64 end = begin + 8;
    while (end < a.size() && word_at(a, end) != word_at(b, end)) end += 8;
    lines.push_back(fmt::format("ram {:#x}..{:#x}: {:#x} and {:#x}{}", address + begin,
                                address + end - 1, word_at(a, begin), word_at(b, begin),
                                end - begin > 8 ? ", ..." : ""));
    begin = end;
  }
}

void compare_ram(const Checkpoint& a, const Checkpoint& b, std::size_t most, Lines& lines) {
  const RamIndex x = a.ram_index(), y = b.ram_index();
  if (x.base != y.base || x.size != y.size) {
    lines.push_back(fmt::format("ram: {:#x} bytes at {:#x} and {:#x} bytes at {:#x}", x.size, x.base,
                                y.size, y.base));
    return;
  }
  RamReader of_a(a.ram(), x), of_b(b.ram(), y);
  const std::vector<u8> zeros(chunk_bytes);
  for (std::size_t i = 0, j = 0; (i < x.chunks.size() || j < y.chunks.size()) && lines.size() < most;) {
    const u64 in_a = i < x.chunks.size() ? x.chunks[i].number : ~u64{0};
    const u64 in_b = j < y.chunks.size() ? y.chunks[j].number : ~u64{0};
    const u64 number = std::min(in_a, in_b);
    const bool has_a = in_a == number, has_b = in_b == number;
    if (!(has_a && has_b && x.chunks[i].digest == y.chunks[j].digest)) {
      const u64 size = x.bytes_of(has_a ? x.chunks[i] : y.chunks[j]);
      const std::span<const u8> zero = std::span(zeros).first(size);
      compare_chunk(x.base + number * chunk_bytes, has_a ? of_a.read(i) : zero,
                    has_b ? of_b.read(j) : zero, most, lines);
    }
    i += has_a;
    j += has_b;
  }
}

// The value at a path of keys; null when there is none.
const Json* find(const Json& description, std::string_view path) {
  const Json* at = &description;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    if (!at->is_object()) return nullptr;
    const auto found = at->find(std::string(path.substr(0, dot)));
    if (found == at->end()) return nullptr;
    at = &*found;
    path = dot == path.npos ? std::string_view() : path.substr(dot + 1);
  }
  return at;
}

std::string shown(const Json* value) { return value ? show(*value) : "nothing"; }

void collect_changes(const Json& saved, const Json& now, const std::string& path, Json& changes) {
  if (saved == now) return;
  if (!saved.is_object() || !now.is_object()) {
    changes[path] = {{"saved", saved}, {"now", now}};
    return;
  }
  const auto join = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  for (const auto& [key, value] : saved.items())
    collect_changes(value, now.contains(key) ? now[key] : Json(), join(key), changes);
  for (const auto& [key, value] : now.items())
    if (!saved.contains(key)) collect_changes(Json(), value, join(key), changes);
}

}  // namespace

std::vector<std::string> diff_checkpoints(const Checkpoint& a, const Checkpoint& b,
                                          std::size_t most) {
  Lines lines;
  append(lines, differences(a.description(), b.description(), most), "description ", most);
  if (a.manifest().digest != b.manifest().digest) {
    append(lines, differences(a.state(), b.state(), most), "", most);
    compare_ram(a, b, most, lines);
  }
  if (a.manifest().timing_digest == b.manifest().timing_digest)
    append(lines, differences(a.timing(), b.timing(), most), "timing ", most);
  return lines;
}

Json check_restorable(const Json& saved, const Json& now, const std::vector<std::string>& fixed) {
  for (const std::string& path : fixed) {
    const Json *before = find(saved, path), *after = find(now, path);
    if (before && after ? differences(*before, *after, 1).empty() : before == after) continue;
    config_error("{}: was {} when the machine was saved or recorded and cannot become {}; only these "
                 "must stay as they were: {}",
                 path, shown(before), shown(after), fmt::join(fixed, " "));
  }
  Json changes = Json::object();
  collect_changes(saved, now, "", changes);
  return changes;
}

}  // namespace orrery
