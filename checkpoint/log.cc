#include "checkpoint/log.h"

#include <fcntl.h>

#include <cstring>

#include "base/error.h"
#include "base/json_io.h"

namespace orrery {
namespace {

constexpr std::string_view magic = "ORRYLOG2";
constexpr u64 chunk_goal = 256 * 1024;  // contents, before the entry that crosses it
constexpr u64 largest_chunk = chunk_goal + 2 * most_entry_bytes;
constexpr u64 largest_header = u64{16} << 20;

struct ChunkHead {
  u32 bytes = 0;
  u32 stored_bytes = 0;
  Digest128 digest;
};
static_assert(sizeof(ChunkHead) == 24);

Digest128 digest_of_chunk(const ChunkHead& head, u64 number, std::span<const u8> stored) {
  Digester digester;
  digester.number(head.bytes);
  digester.number(head.stored_bytes);
  digester.number(number);
  digester.bytes(stored);
  return digester.result();
}

Json to_json(const LogHeader& header) {
  return {{"description", header.description},
          {"fixed_at_restore", header.fixed_at_restore},
          {"machine_digest", header.machine_digest}};
}

LogHeader from_json(const Json& json, const std::string& shown) {
  const auto field = [&](const char* name, bool (*good)(const Json&)) -> const Json& {
    if (!json.is_object() || !json.contains(name) || !good(json[name]))
      config_error("{}: damaged: its header has no {}", shown, name);
    return json[name];
  };
  LogHeader header;
  header.description = field("description", [](const Json& j) { return j.is_object(); });
  header.machine_digest =
      field("machine_digest", [](const Json& j) { return j.is_string(); }).get<std::string>();
  for (const Json& path : field("fixed_at_restore", [](const Json& j) { return j.is_array(); })) {
    if (!path.is_string()) config_error("{}: damaged: its header has no paths", shown);
    header.fixed_at_restore.push_back(path.get<std::string>());
  }
  return header;
}

}  // namespace

LogWriter::LogWriter(const std::string& path, const LogHeader& header) : file_(path) {
  file_.write({reinterpret_cast<const u8*>(magic.data()), magic.size()});
  const std::vector<u8> contents = Json::to_cbor(to_json(header));
  ORRERY_CHECK(contents.size() <= largest_header, "a description of {} bytes", contents.size());
  write_chunk(contents);
}

void LogWriter::take(LogEntry entry) {
  encode(entry, waiting_);
  if (waiting_.size() < chunk_goal) return;
  write_chunk(waiting_);
  waiting_.clear();
}

void LogWriter::finish() {
  if (!waiting_.empty()) write_chunk(waiting_);
  waiting_.clear();
  file_.finish();
}

void LogWriter::write_chunk(std::span<const u8> contents) {
  const auto stored = compressor_.compress(contents);
  ChunkHead head{static_cast<u32>(contents.size()), static_cast<u32>(stored.size()), {}};
  head.digest = digest_of_chunk(head, chunk_number_++, stored);
  u8 bytes[sizeof head];
  std::memcpy(bytes, &head, sizeof head);
  file_.write(bytes);
  file_.write(stored);
}

LogReader::LogReader(const std::string& path) : file_(AT_FDCWD, path, path) {
  std::string begin(magic.size(), '\0');
  if (file_.size() >= magic.size())
    file_.read(0, {reinterpret_cast<u8*>(begin.data()), begin.size()});
  if (begin != magic) {
    if (begin.starts_with(magic.substr(0, magic.size() - 1)))
      config_error("{}: a log of another version of Orrery", path);
    config_error("{}: not a log of Orrery", path);
  }
  offset_ = magic.size();
  read_chunk(largest_header);
  header_ = from_json(parse_cbor(contents_, path), path);
  header_.name = path;
}

void LogReader::read_chunk(u64 most) {
  const std::string& shown = file_.shown();
  ChunkHead head;
  const u64 left = file_.size() - offset_;
  if (left < sizeof head)
    config_error("{}: truncated: the recording was cut off after {} entries", shown, entries_);
  u8 bytes[sizeof head];
  file_.read(offset_, bytes);
  std::memcpy(&head, bytes, sizeof head);
  if (head.bytes > most || head.stored_bytes > largest_compressed(most))
    config_error("{}: damaged at byte {}: a chunk larger than there are", shown, offset_);
  if (left - sizeof head < head.stored_bytes)
    config_error("{}: truncated: the recording was cut off after {} entries", shown, entries_);
  std::vector<u8> stored(head.stored_bytes);
  file_.read(offset_ + sizeof head, stored);
  contents_.resize(head.bytes);
  if (digest_of_chunk(head, chunk_number_, stored) != head.digest || !decompress(stored, contents_))
    config_error("{}: damaged at byte {}: a chunk does not have its digest", shown, offset_);
  offset_ += sizeof head + head.stored_bytes;
  ++chunk_number_;
}

std::optional<LogEntry> LogReader::next() {
  if (ended_) return std::nullopt;
  if (rest_.empty()) {
    read_chunk(largest_chunk);
    rest_ = contents_;
  }
  LogEntry entry;
  if (!decode(rest_, entry))
    config_error("{}: damaged: entry {} makes no sense", file_.shown(), entries_);
  ++entries_;
  if (entry.kind == LogEntry::Kind::End) {
    ended_ = true;
    if (!rest_.empty() || offset_ != file_.size())
      config_error("{}: damaged: something stands behind the end of the log", file_.shown());
  }
  return entry;
}

}  // namespace orrery
