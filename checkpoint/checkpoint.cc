#include "checkpoint/checkpoint.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "base/archive.h"
#include "base/error.h"
#include "base/json_io.h"
#include "base/units.h"
#include "checkpoint/aside.h"

namespace orrery {
namespace {

constexpr u64 largest_section = u64{1} << 30;  // of state, timing and index, uncompressed
constexpr u64 largest_manifest = u64{16} << 20;

std::string machine_digest_of(std::span<const u8> state, const RamIndex& ram) {
  Digester digester;
  digester.number(state.size());
  digester.bytes(state);
  ram.add_to(digester);
  return digester.result().hex();
}

Json to_json(RamIndex index) {
  Archive archive = Archive::saving(ram_index_file);
  index.state(archive);
  return archive.take();
}

FileFacts write_section(const Aside& aside, const char* name, std::span<const u8> contents) {
  Compressor compressor;
  const auto stored = compressor.compress(contents);
  OutputFile file(aside.path_of(name));
  file.write(stored);
  file.finish();
  return {contents.size(), stored.size(), digest_of(contents).hex(), digest_of(stored).hex()};
}

Descriptor open_directory(const std::string& path) {
  Descriptor result(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!result)
    config_error("{}: no checkpoint there: {}", path, std::strerror(errno));
  return result;
}

}  // namespace

void save_checkpoint(const Component& root, const Ram& ram, Manifest facts,
                     const std::string& directory, bool replace) {
  Aside aside(directory, replace, checkpoint_files);
  const std::vector<u8> state = Json::to_cbor(save_tree(root, false));
  facts.state = write_section(aside, state_file, state);
  facts.timing = write_section(aside, timing_file, Json::to_cbor(save_tree(root, true)));
  OutputFile chunks(aside.path_of(ram_file));
  const RamIndex index = save_ram(ram, chunks);
  chunks.finish();
  const std::string ram_digest = chunks.digest().hex();
  facts.ram = {chunks.size(), chunks.size(), ram_digest, ram_digest};
  facts.ram_index = write_section(aside, ram_index_file, Json::to_cbor(to_json(index)));
  facts.digest = machine_digest_of(state, index);
  OutputFile manifest(aside.path_of(manifest_file));
  const std::string text = facts.text();
  manifest.write({reinterpret_cast<const u8*>(text.data()), text.size()});
  manifest.finish();
  aside.commit();
}

std::string tree_digest(const Component& root, const Ram& ram) {
  return machine_digest_of(Json::to_cbor(save_tree(root, false)), index_ram(ram));
}

Checkpoint Checkpoint::open(const std::string& directory) {
  return Checkpoint(directory, open_directory(directory));
}

Checkpoint::Checkpoint(const std::string& directory, const Descriptor& opened)
    : directory_(directory),
      manifest_([&] {
        const std::string shown = directory + "/" + manifest_file;
        const std::vector<u8> text =
            InputFile(opened.get(), manifest_file, shown).read_all(largest_manifest);
        return Manifest::parse({reinterpret_cast<const char*>(text.data()), text.size()}, shown);
      }()),
      state_(opened.get(), state_file, directory + "/" + state_file),
      timing_(opened.get(), timing_file, directory + "/" + timing_file),
      ram_index_(opened.get(), ram_index_file, directory + "/" + ram_index_file),
      ram_(opened.get(), ram_file, directory + "/" + ram_file) {}

Json Checkpoint::info() const {
  const Manifest& m = manifest_;
  const RamIndex index = ram_index();
  return {{"directory", directory_},
          {"digest", m.digest},
          {"parent", m.parent},
          {"model", m.model},
          {"steps", m.steps},
          {"time", format_quantity(m.time_ticks, Unit::Duration)},
          {"ram_bytes", index.size},
          {"ram_chunks", index.chunks.size()},
          {"stored_bytes", m.state.stored_bytes + m.timing.stored_bytes +
                               m.ram_index.stored_bytes + m.ram.stored_bytes}};
}

std::vector<u8> Checkpoint::contents(const InputFile& file, const FileFacts& facts) const {
  if (file.size() != facts.stored_bytes)
    config_error("{}: {}: {} bytes long, the manifest says {}", file.shown(),
                 file.size() < facts.stored_bytes ? "truncated" : "damaged", file.size(),
                 facts.stored_bytes);
  if (facts.bytes > largest_section)
    config_error("{}: claims to hold {} bytes, and no such file holds more than {}", file.shown(),
                 facts.bytes, largest_section);
  const std::vector<u8> stored = file.read_all(largest_compressed(largest_section));
  if (digest_of(stored).hex() != facts.stored_digest)
    config_error("{}: damaged: it does not have the digest in the manifest", file.shown());
  std::vector<u8> result(facts.bytes);
  if (!decompress(stored, result) || digest_of(result).hex() != facts.digest)
    config_error("{}: damaged: its contents do not have the digest in the manifest", file.shown());
  return result;
}

Json Checkpoint::state() const {
  return parse_cbor(contents(state_, manifest_.state), state_.shown());
}

Json Checkpoint::timing() const {
  return parse_cbor(contents(timing_, manifest_.timing), timing_.shown());
}

RamIndex Checkpoint::ram_index() const {
  const Json json = parse_cbor(contents(ram_index_, manifest_.ram_index), ram_index_.shown());
  Archive archive = Archive::loading(ram_index_.shown(), json);
  RamIndex index;
  index.state(archive);
  archive.finish();
  if (machine_digest_of(contents(state_, manifest_.state), index) != manifest_.digest)
    config_error("{}: its files do not belong together", directory_);
  return index;
}

void Checkpoint::verify() const {
  state();
  timing();
  const RamIndex index = ram_index();
  RamReader reader(ram_, index);
  Digester stored;
  for (std::size_t i = 0; i < index.chunks.size(); ++i) {
    reader.read(i);
    stored.bytes(reader.stored());
  }
  if (stored.result().hex() != manifest_.ram.stored_digest)
    config_error("{}: damaged: it does not have the digest in the manifest", ram_.shown());
}

void Checkpoint::load_ram(Ram& ram, const RamIndex& index) const {
  RamReader reader(ram_, index);
  Digester stored;
  ram.clear();
  for (std::size_t i = 0; i < index.chunks.size(); ++i) {
    const std::span<const u8> bytes = reader.read(i);
    stored.bytes(reader.stored());
    const PhysAddr address = ram.base() + index.chunks[i].number * chunk_bytes;
    ram.before_write(address, bytes.size());
    // Pages of zeros stay untouched, on the host too.
    for (u64 offset = 0; offset < bytes.size(); offset += page_size) {
      const auto page = bytes.subspan(offset, page_size);
      if (!all_zero(page)) std::memcpy(ram.host(address + offset), page.data(), page.size());
    }
  }
  if (stored.result().hex() != manifest_.ram.stored_digest)
    config_error("{}: damaged: it does not have the digest in the manifest", ram_.shown());
}

void Checkpoint::restore(Component& root, Ram& ram, const std::string& timing_digest,
                         bool* timing_restored) const {
  const bool with_timing = timing_digest == manifest_.timing_digest;
  const Json architectural = state();
  const Json tags = timing();
  const RamIndex index = ram_index();
  if (index.base != ram.base().value() || index.size != ram.size())
    config_error("{}: holds {} of RAM at {:#x}, this machine has {} at {:#x}", directory_,
                 format_quantity(index.size, Unit::Bytes), index.base,
                 format_quantity(ram.size(), Unit::Bytes), ram.base().value());
  load_ram(ram, index);
  load_tree(root, architectural, false);
  if (with_timing) load_tree(root, tags, true);
  root.for_each([](Component& component) { component.after_restore(); });
  if (timing_restored) *timing_restored = with_timing;
}

}  // namespace orrery
