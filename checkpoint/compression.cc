#include "checkpoint/compression.h"

#include <zstd.h>

#include "base/error.h"

namespace orrery {
namespace {

constexpr int level = 1;  // saving is part of many runs: speed before size

}  // namespace

struct Compressor::Context {
  ZSTD_CCtx* zstd = ZSTD_createCCtx();
  ~Context() { ZSTD_freeCCtx(zstd); }
};

Compressor::Compressor() : context_(std::make_unique<Context>()) {
  ORRERY_CHECK(context_->zstd != nullptr, "no memory for a compressor");
}
Compressor::~Compressor() = default;

std::span<const u8> Compressor::compress(std::span<const u8> contents) {
  out_.resize(ZSTD_compressBound(contents.size()));
  const std::size_t size = ZSTD_compressCCtx(context_->zstd, out_.data(), out_.size(),
                                             contents.data(), contents.size(), level);
  ORRERY_CHECK(!ZSTD_isError(size), "compression failed: {}", ZSTD_getErrorName(size));
  return {out_.data(), size};
}

u64 largest_compressed(u64 bytes) { return ZSTD_compressBound(bytes); }

bool decompress(std::span<const u8> stored, std::span<u8> contents) {
  // One frame and nothing behind it; the frame's own claims are believed in nothing.
  if (ZSTD_findFrameCompressedSize(stored.data(), stored.size()) != stored.size()) return false;
  const std::size_t size =
      ZSTD_decompress(contents.data(), contents.size(), stored.data(), stored.size());
  return !ZSTD_isError(size) && size == contents.size();
}

}  // namespace orrery
