// Forging: the sections of a saved checkpoint replaced, with every digest made to fit.
#pragma once

#include "base/json.h"
#include "tests/checkpoint/small_machine.h"

namespace orrery {

class Forger {
 public:
  explicit Forger(std::string directory)
      : directory_(std::move(directory)), manifest(Checkpoint::open(directory_).manifest()) {
    const Checkpoint checkpoint = Checkpoint::open(directory_);
    state_ = Json::to_cbor(checkpoint.state());
    index_ = checkpoint.ram_index();
  }

  void write_section(const char* name, FileFacts& facts, std::span<const u8> contents) {
    Compressor compressor;
    const auto stored = compressor.compress(contents);
    write_bytes(path(name), {stored.begin(), stored.end()});
    facts = {contents.size(), stored.size(), digest_of(contents).hex(), digest_of(stored).hex()};
    write_manifest();
  }
  void write_manifest() {
    const std::string text = manifest.text();
    write_bytes(path(manifest_file), {text.begin(), text.end()});
  }

  void write_state(const Json& state) {
    state_ = Json::to_cbor(state);
    Digester digester;
    digester.number(state_.size());
    digester.bytes(state_);
    index_.add_to(digester);
    manifest.digest = digester.result().hex();
    write_section(state_file, manifest.state, state_);
  }
  void write_timing(const Json& timing) { write_section(timing_file, manifest.timing, Json::to_cbor(timing)); }

 private:
  std::string path(const char* name) const { return directory_ + "/" + name; }

  std::string directory_;
  std::vector<u8> state_;
  RamIndex index_;

 public:
  Manifest manifest;
};

}  // namespace orrery
