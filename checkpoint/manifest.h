// manifest.json: what a checkpoint is, what it holds, and what tells whether it is whole.
//
//   manifest.json            this; its last field is a digest of the rest of the file
//   state.cbor.zst           architectural sections: component path -> named fields
//   timing.cbor.zst          timing sections: tags, predictors, banks
//   ram_index.cbor.zst       which chunks of RAM are in ram.zst, with a digest for each
//   ram.zst                  the chunks that are not all zero, one frame each
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/types.h"

namespace orrery {

inline constexpr u32 checkpoint_version = 1;
inline constexpr const char* manifest_file = "manifest.json";
inline constexpr const char* state_file = "state.cbor.zst";
inline constexpr const char* timing_file = "timing.cbor.zst";
inline constexpr const char* ram_index_file = "ram_index.cbor.zst";
inline constexpr const char* ram_file = "ram.zst";
inline constexpr std::array<std::string_view, 5> checkpoint_files = {
    manifest_file, state_file, timing_file, ram_index_file, ram_file};

struct FileFacts {
  u64 bytes = 0;         // of the contents (of ram.zst: as stored)
  u64 stored_bytes = 0;  // of the file
  std::string digest;         // of the contents
  std::string stored_digest;  // of the file
};

struct Manifest {
  std::string digest;  // of the architectural state and RAM: equal machines, equal digests
  std::string parent;  // whatever the machine was restored from; may be empty
  std::string model;   // CPU model at the time
  u64 steps = 0;       // instructions executed
  u64 time_ticks = 0;  // simulated time
  std::vector<std::string> fixed_at_restore;  // paths of parameters
  Json description;    // resolved
  std::string timing_digest;  // of everything that the timing sections' shape and meaning hang on
  FileFacts state, timing, ram_index, ram;

  std::string text() const;
  // ConfigError when `text` is not byte for byte what text() writes. `shown` names the file.
  static Manifest parse(std::string_view text, const std::string& shown);
};

}  // namespace orrery
