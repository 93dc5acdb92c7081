// A checkpoint: a machine's state in a directory (manifest.h says which files), saved so that it is
// there whole or not at all (aside.h), and read so that no bytes, however foreign, do worse than a
// ConfigError of one sentence.
//
//   save_checkpoint(machine, resolved, fixed, "boot.ckpt", {.replace = true});
//   Checkpoint checkpoint = Checkpoint::open("boot.ckpt");
//   check_restorable(checkpoint.description(), resolved, checkpoint.fixed_at_restore());
//   checkpoint.restore(machine, resolved, &timing_restored);
//
// Contract: the machine stands between instructions. It is restored into one that was just built
// from a description that check_restorable() accepts; after a ConfigError of restore() that machine
// holds a mixture and is thrown away.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/component.h"
#include "base/json.h"
#include "checkpoint/files.h"
#include "checkpoint/manifest.h"
#include "checkpoint/ram_chunks.h"
#include "memory/ram.h"

namespace orrery {

class Machine;

struct SaveOptions {
  bool replace = false;  // an existing checkpoint of that name
  std::string parent;    // digest of the checkpoint that the machine was restored from
};

// Drains the machine. `resolved` and `fixed` are what read_machine() gave.
void save_checkpoint(Machine& machine, const Json& resolved, const std::vector<std::string>& fixed,
                     const std::string& directory, const SaveOptions& options);

// Equal machines have equal digests, on every host; the same as in the manifest of a checkpoint.
std::string machine_digest(Machine& machine);

// The same for any tree of components and its RAM. `facts` brings what the manifest says about
// them; its digests and files are filled in.
void save_checkpoint(const Component& root, const Ram& ram, Manifest facts,
                     const std::string& directory, bool replace);
std::string tree_digest(const Component& root, const Ram& ram);

class Checkpoint {
 public:
  // Reads the manifest and opens every file, so that a later exchange of the directory does not
  // matter.
  static Checkpoint open(const std::string& directory);

  const std::string& directory() const { return directory_; }
  const Manifest& manifest() const { return manifest_; }
  const Json& description() const { return manifest_.description; }
  const std::vector<std::string>& fixed_at_restore() const { return manifest_.fixed_at_restore; }
  // For people: one flat object.
  Json info() const;

  // Reads everything and compares every digest; ConfigError names the first damaged file.
  void verify() const;

  // `resolved` is the description that `machine` was built from: timing state is restored only
  // where hierarchy and model are the saved ones.
  void restore(Machine& machine, const Json& resolved, bool* timing_restored) const;
  void restore(Component& root, Ram& ram, const std::string& timing_digest,
               bool* timing_restored) const;

  // The parts, each checked against its digests.
  Json state() const;
  Json timing() const;
  RamIndex ram_index() const;
  const InputFile& ram() const { return ram_; }

 private:
  Checkpoint(const std::string& directory, const Descriptor& opened);
  std::vector<u8> contents(const InputFile& file, const FileFacts& facts) const;
  void load_ram(Ram& ram, const RamIndex& index) const;

  std::string directory_;
  Manifest manifest_;
  InputFile state_, timing_, ram_index_, ram_;
};

// What the timing sections of a machine of this description hang on (model and hierarchy).
std::string timing_digest(Machine& machine, const Json& resolved);

}  // namespace orrery
