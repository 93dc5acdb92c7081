// The log of a run in a file: written only at its end, each part with a digest, so that a recording
// that was cut off is still good up to its last whole chunk.
//
//   "ORRYLOG2"                      the format and its version
//   chunk 0                         the header, as CBOR
//   chunk 1 ..                      entries (log_entry.h), the last one is End
//
//   a chunk: u32 bytes of contents, u32 stored bytes, u128 digest of both, the chunk's number and
//   the stored bytes (little-endian), then the stored bytes: one Zstandard frame
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "checkpoint/compression.h"
#include "checkpoint/files.h"
#include "checkpoint/log_entry.h"

namespace orrery {

struct LogHeader {
  Json description;                           // resolved
  std::vector<std::string> fixed_at_restore;  // what must be the same to replay
  std::string machine_digest;                 // at the beginning (checkpoint.h)
  std::string name{};                         // of the file, for messages; not written
};

class LogWriter final : public EntrySink {
 public:
  // A new file: ConfigError when there is one already.
  LogWriter(const std::string& path, const LogHeader& header);
  void take(LogEntry entry) override;
  // After the End entry: everything is on the disk.
  void finish();

 private:
  void write_chunk(std::span<const u8> contents);

  OutputFile file_;
  Compressor compressor_;
  std::vector<u8> waiting_;  // encoded entries
  u64 chunk_number_ = 0;
};

class LogReader {
 public:
  explicit LogReader(const std::string& path);

  const LogHeader& header() const { return header_; }
  // The next entry; nothing after End. ConfigError where the log is damaged or was cut off.
  std::optional<LogEntry> next();

 private:
  void read_chunk(u64 most);

  InputFile file_;
  LogHeader header_;
  u64 offset_ = 0;
  u64 chunk_number_ = 0;
  u64 entries_ = 0;
  bool ended_ = false;
  std::vector<u8> contents_;
  std::span<const u8> rest_;  // of contents_, not yet decoded
};

}  // namespace orrery
