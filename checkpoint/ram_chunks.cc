#include "checkpoint/ram_chunks.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace orrery {

bool all_zero(std::span<const u8> bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

void RamIndex::state(Archive& a) {
  a("base", base);
  a("size", size);
  a.require(size % page_size == 0 && size <= u64{1} << 48, "size", "no size that RAM can have");
  const u64 most = (size + chunk_bytes - 1) / chunk_bytes;
  a.resizable("chunks", chunks, most);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    a.require(chunks[i].number < most && (i == 0 || chunks[i - 1].number < chunks[i].number),
              "chunks", "not in order within RAM");
    a.require(chunks[i].stored_bytes <= largest_compressed(chunk_bytes), "chunks",
              "a chunk is larger than it can be");
  }
}

u64 RamIndex::bytes_of(const ChunkEntry& chunk) const {
  return std::min(chunk_bytes, size - chunk.number * chunk_bytes);
}

u64 RamIndex::stored_bytes() const {
  u64 total = 0;
  for (const ChunkEntry& chunk : chunks) total += chunk.stored_bytes;
  return total;
}

void RamIndex::add_to(Digester& digester) const {
  digester.number(base);
  digester.number(size);
  digester.number(chunks.size());
  for (const ChunkEntry& chunk : chunks) {
    digester.number(chunk.number);
    digester.number(chunk.digest.low);
    digester.number(chunk.digest.high);
  }
}

void for_each_chunk(const Ram& ram,
                    const std::function<void(u64 number, std::span<const u8> contents)>& visit) {
  const u8* host = ram.host(ram.base());
  const TouchedPages pages(host);
  std::vector<u8> touched(chunk_bytes / page_size);
  std::vector<u8> contents(chunk_bytes);
  for (u64 begin = 0; begin < ram.size(); begin += chunk_bytes) {
    contents.resize(std::min(chunk_bytes, ram.size() - begin));
    touched.resize(contents.size() / page_size);
    pages.read(begin / page_size, touched);
    if (all_zero(touched)) continue;
    for (std::size_t i = 0; i < touched.size(); ++i) {
      u8* page = contents.data() + i * page_size;
      if (touched[i]) {
        std::memcpy(page, host + begin + i * page_size, page_size);
      } else {
        std::memset(page, 0, page_size);
      }
    }
    if (!all_zero(contents)) visit(begin / chunk_bytes, contents);
  }
}

RamIndex save_ram(const Ram& ram, OutputFile& file) {
  RamIndex index{ram.base().value(), ram.size(), {}};
  Compressor compressor;
  for_each_chunk(ram, [&](u64 number, std::span<const u8> contents) {
    const auto stored = compressor.compress(contents);
    index.chunks.push_back({number, stored.size(), digest_of(contents)});
    file.write(stored);
  });
  return index;
}

RamIndex index_ram(const Ram& ram) {
  RamIndex index{ram.base().value(), ram.size(), {}};
  for_each_chunk(ram, [&](u64 number, std::span<const u8> contents) {
    index.chunks.push_back({number, 0, digest_of(contents)});
  });
  return index;
}

RamReader::RamReader(const InputFile& file, const RamIndex& index) : file_(file), index_(index) {
  u64 offset = 0;
  for (const ChunkEntry& chunk : index.chunks) {
    offsets_.push_back(offset);
    offset += chunk.stored_bytes;
  }
  if (offset != file.size())
    config_error("{}: {} bytes long, its index says {}", file.shown(), file.size(), offset);
}

std::span<const u8> RamReader::read(std::size_t i) {
  const ChunkEntry& chunk = index_.chunks.at(i);
  stored_.resize(chunk.stored_bytes);
  contents_.resize(index_.bytes_of(chunk));
  file_.read(offsets_.at(i), stored_);
  if (!decompress(stored_, contents_) || digest_of(contents_) != chunk.digest)
    config_error("{}: damaged: the contents for address {:#x} do not have their digest",
                 file_.shown(), index_.base + chunk.number * chunk_bytes);
  return contents_;
}

}  // namespace orrery
