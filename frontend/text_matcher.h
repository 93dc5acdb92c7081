// Finds texts in a stream of characters, wherever the stream is cut.
//
// Each text is followed by an automaton (Knuth, Morris and Pratt), so a character costs the same
// however long and repetitive the texts are, and overlapping beginnings are found.
#pragma once

#include <string>
#include <vector>

#include "base/types.h"

namespace orrery {

class TextMatcher {
 public:
  // `text` is not empty. Returns the index by which feed() names it.
  std::size_t add(std::string text);
  void clear() { patterns_.clear(); }

  // Calls found(index) for every text that ends with this character.
  template <class Found>
  void feed(u8 character, Found&& found) {
    for (std::size_t i = 0; i < patterns_.size(); ++i)
      if (patterns_[i].advance(character)) found(i);
  }

 private:
  struct Pattern {
    std::string text;
    std::vector<std::size_t> fallback;  // length of the longest proper border of each prefix
    std::size_t matched = 0;
    bool advance(u8 character);
  };
  std::vector<Pattern> patterns_;
};

}  // namespace orrery
