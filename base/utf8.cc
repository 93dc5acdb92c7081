#include "base/utf8.h"

#include <algorithm>

namespace orrery {

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    const int more = lead >= 0xc2 && lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (lead < 0xc2 || more == 0) return false;
    for (int k = 0; k < more; ++k, ++i)
      if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return false;
  }
  return true;
}

bool is_plain_text(std::string_view text) {
  const auto plain = [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return (code >= ' ' && code != 0x7f) || (c >= '\t' && c <= '\r');
  };
  return std::all_of(text.begin(), text.end(), plain) && is_utf8(text);
}

}  // namespace orrery
