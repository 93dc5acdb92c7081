#include "memory/dram_mapping.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "base/bits.h"
#include "base/error.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 6> fields = {"row", "rank", "bank", "group", "column", "channel"};

// The words between the colons.
std::vector<std::string_view> words_of(std::string_view order) {
  std::vector<std::string_view> words;
  for (std::size_t colon; (colon = order.find(':')) != order.npos; order.remove_prefix(colon + 1))
    words.push_back(order.substr(0, colon));
  words.push_back(order);
  return words;
}

unsigned width_of(u64 power_of_two) { return static_cast<unsigned>(std::countr_zero(power_of_two)); }

}  // namespace

bool DramMapping::is_order(const std::string& order) {
  std::vector<std::string_view> words = words_of(order);
  if (words.back() != "burst") return false;
  words.pop_back();
  for (const std::string_view field : fields)
    if (const auto times = std::count(words.begin(), words.end(), field);
        times != 1 && (times > 1 || field != "group"))
      return false;
  return std::all_of(words.begin(), words.end(), [](std::string_view word) {
    return std::find(fields.begin(), fields.end(), word) != fields.end();
  });
}

DramMapping::DramMapping(const DramGeometry& geometry, const std::string& order, bool hash)
    : groups_(geometry.groups), banks_(geometry.banks), hash_(hash) {
  ORRERY_CHECK(is_order(order), "{} is no order of fields", order);
  std::vector<std::string_view> words = words_of(order);
  words.pop_back();
  if (std::find(words.begin(), words.end(), "group") == words.end())
    words.insert(std::find(words.begin(), words.end(), "bank") + 1, "group");
  total_ = width_of(geometry.interleaved);
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    const auto place = [&](Field& field, u64 values) {
      field = {total_, width_of(values)};
      total_ += field.width;
    };
    Field column;
    if (*word == "row") place(row_, geometry.rows);
    if (*word == "rank") place(rank_, geometry.ranks);
    if (*word == "bank") place(bank_, geometry.banks);
    if (*word == "group") place(group_, geometry.groups);
    if (*word == "column") place(column, geometry.columns / geometry.interleaved);
    if (*word == "channel") place(channel_, geometry.channels);
  }
}

u64 DramMapping::take(u64 burst, const Field& field) const { return bits(burst, field.shift, field.width); }

DramPlace DramMapping::find(u64 burst) const {
  DramPlace place;
  place.row = take(burst, row_) | burst >> total_ << row_.width;
  place.channel = static_cast<u32>(take(burst, channel_));
  place.rank = static_cast<u32>(take(burst, rank_));
  place.group = static_cast<u32>(take(burst, group_));
  u32 bank = static_cast<u32>(take(burst, bank_));
  if (const unsigned width = group_.width + bank_.width; hash_ && width > 0) {
    const auto fold = [](u64 value, unsigned to) {
      u64 folded = 0;
      for (; to > 0 && value != 0; value >>= to) folded ^= value;
      return bits(folded, 0, to);
    };
    // Every bit of the row changes the bank: streams that go through all groups meet there.
    const u64 folded = fold(place.row, width);
    bank ^= static_cast<u32>(fold(folded, bank_.width));
    place.group ^= static_cast<u32>(folded >> bank_.width);
  }
  place.bank = (place.rank * groups_ + place.group) * banks_ + bank;
  return place;
}

}  // namespace orrery
