#include "frontend/text_matcher.h"

#include "base/error.h"

namespace orrery {

std::size_t TextMatcher::add(std::string text) {
  ORRERY_CHECK(!text.empty(), "an empty text is everywhere");
  Pattern pattern;
  pattern.fallback.resize(text.size(), 0);
  for (std::size_t i = 1, border = 0; i < text.size(); ++i) {
    while (border > 0 && text[i] != text[border]) border = pattern.fallback[border - 1];
    if (text[i] == text[border]) ++border;
    pattern.fallback[i] = border;
  }
  pattern.text = std::move(text);
  patterns_.push_back(std::move(pattern));
  return patterns_.size() - 1;
}

bool TextMatcher::Pattern::advance(u8 character) {
  const char c = static_cast<char>(character);
  while (matched > 0 && text[matched] != c) matched = fallback[matched - 1];
  if (text[matched] == c) ++matched;
  if (matched < text.size()) return false;
  matched = fallback[matched - 1];
  return true;
}

}  // namespace orrery
