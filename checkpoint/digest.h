// Digests of contents: XXH3, 128 bits, written as 32 hexadecimal digits. They tell damage and
// differences, they do not protect from somebody who forges both contents and digest.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/types.h"

namespace orrery {

struct Digest128 {
  u64 low = 0;
  u64 high = 0;
  bool operator==(const Digest128&) const = default;
  std::string hex() const;
};

Digest128 digest_of(std::span<const u8> bytes);

// A digest of several pieces. Numbers and texts are delimited, so that two different sequences of
// calls do not give the same bytes.
class Digester {
 public:
  Digester();
  ~Digester();
  Digester(Digester&&) noexcept;

  void bytes(std::span<const u8> piece);  // undelimited, for streams
  void number(u64 value);
  void text(std::string_view value);
  Digest128 result() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orrery
