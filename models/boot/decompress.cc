#include "models/boot/decompress.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include "base/error.h"
#include "base/units.h"
#include "models/boot/bytes.h"

namespace orrery {
namespace {

// Makes room for as much output again, up to one byte beyond the limit: that byte tells an output
// that is too long from one that just fits.
std::size_t grow(std::vector<u8>& out, u64 limit) {
  constexpr u64 first = 64 << 10, most = 16 << 20;
  const std::size_t room =
      std::min(std::clamp<u64>(out.size(), first, most), limit + 1 - out.size());
  out.resize(out.size() + room);
  return room;
}

void check_limit(const std::string& name, const std::vector<u8>& out, u64 limit) {
  if (out.size() > limit)
    config_error("{}: unpacks to more than the limit of {}", name,
                 format_quantity(limit, Unit::Bytes));
}

struct Inflater {
  z_stream stream{};
  Inflater() {
    constexpr int gzip_only = 16 + MAX_WBITS;
    ORRERY_CHECK(inflateInit2(&stream, gzip_only) == Z_OK);
  }
  ~Inflater() { inflateEnd(&stream); }
};

struct ZstdContext {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZstdContext() { ORRERY_CHECK(context != nullptr); }
  ~ZstdContext() { ZSTD_freeDCtx(context); }
};

}  // namespace

bool is_gzip(std::span<const u8> bytes) { return matches(bytes, 0, "\x1f\x8b"); }
bool is_zstd(std::span<const u8> bytes) { return matches(bytes, 0, "\x28\xb5\x2f\xfd"); }

std::vector<u8> gunzip(const std::string& name, std::span<const u8> bytes, u64 limit) {
  Inflater inflater;
  z_stream& z = inflater.stream;
  std::vector<u8> out;
  for (;;) {
    if (z.avail_in == 0 && !bytes.empty()) {
      const std::size_t count = std::min<std::size_t>(bytes.size(), 1 << 30);
      z.next_in = const_cast<Bytef*>(bytes.data());  // zlib's older signature; it only reads
      z.avail_in = static_cast<uInt>(count);
      bytes = bytes.subspan(count);
    }
    const std::size_t room = grow(out, limit);
    z.next_out = out.data() + out.size() - room;
    z.avail_out = static_cast<uInt>(room);
    const int status = inflate(&z, Z_NO_FLUSH);
    out.resize(out.size() - z.avail_out);
    check_limit(name, out, limit);
    if (status == Z_STREAM_END) {
      if (z.avail_in < 2 || !is_gzip({z.next_in, z.avail_in})) return out;
      inflateReset(&z);
    } else if (status == Z_BUF_ERROR || (status == Z_OK && z.avail_out != 0 && z.avail_in == 0)) {
      if (bytes.empty()) config_error("{}: the gzip data ends too early", name);
    } else if (status != Z_OK) {
      config_error("{}: damaged gzip data ({})", name, z.msg ? z.msg : "unknown");
    }
  }
}

std::vector<u8> unzstd(const std::string& name, std::span<const u8> bytes, u64 limit) {
  const ZstdContext zstd;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::vector<u8> out;
  for (;;) {
    const std::size_t room = grow(out, limit);
    ZSTD_outBuffer output{out.data() + out.size() - room, room, 0};
    const std::size_t status = ZSTD_decompressStream(zstd.context, &output, &in);
    out.resize(out.size() - room + output.pos);
    if (ZSTD_isError(status))
      config_error("{}: damaged zstd data ({})", name, ZSTD_getErrorName(status));
    check_limit(name, out, limit);
    if (status == 0) return out;  // the end of the frame
    if (in.pos == in.size && output.pos < room)
      config_error("{}: the zstd data ends too early", name);
  }
}

}  // namespace orrery
