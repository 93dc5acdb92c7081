#include "checkpoint/digest.h"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace orrery {

struct Digester::State {
  XXH3_state_t xxh;
};

std::string Digest128::hex() const { return fmt::format("{:016x}{:016x}", high, low); }

Digest128 digest_of(std::span<const u8> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

Digester::Digester() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh); }
Digester::~Digester() = default;
Digester::Digester(Digester&&) noexcept = default;

void Digester::bytes(std::span<const u8> piece) {
  if (!piece.empty()) XXH3_128bits_update(&state_->xxh, piece.data(), piece.size());
}

void Digester::number(u64 value) {
  u8 little_endian[8];
  for (unsigned i = 0; i < 8; ++i) little_endian[i] = static_cast<u8>(value >> (8 * i));
  bytes(little_endian);
}

void Digester::text(std::string_view value) {
  number(value.size());
  bytes({reinterpret_cast<const u8*>(value.data()), value.size()});
}

Digest128 Digester::result() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh);
  return {hash.low64, hash.high64};
}

}  // namespace orrery
