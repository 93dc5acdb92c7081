// Signature path prefetching (Kim et al., MICRO 2016).
//
//   signature table:  page -> the line used last, and a signature of the deltas before
//   pattern table:    signature -> the deltas that followed it, each counted
//   lookahead:        the likeliest delta gives the next signature, and so on, while the product of the
//                     likelihoods (and of the share of prefetches that turned out useful) is enough
//   history register: paths that left their page, so that the next page begins with their signature
//
// Not modelled: the filter of the paper (the cache knows which lines it has and which were useful) and
// filling other levels with what is less certain.
#include <algorithm>
#include <array>

#include "base/archive.h"
#include "base/bits.h"
#include "memory/prefetcher.h"

namespace orrery {
namespace {

class SignaturePath final : public Prefetcher {
 public:
  struct Config {
    u32 pages = 256;
    u32 patterns = 512;
    u32 threshold = 25;
    u32 degree = 8;

    void visit(Params& p) {
      p("pages", pages, "pages", "followed at once");
      p("patterns", patterns, "signatures", "whose next deltas are known, four each");
      p("threshold", threshold, "percent", "likelihood with which a line is fetched");
      p("degree", degree, "lines", "fetched for an access at most");
      p.require(is_power_of_two(pages) && pages <= 1 << 16, "pages", "must be a power of two up to 65536");
      p.require(is_power_of_two(patterns) && patterns <= 1 << 12, "patterns", "must be a power of two up to 4096");
      p.require(threshold >= 1 && threshold <= 100, "threshold", "must be 1..100");
      p.require(degree >= 1 && degree <= 64, "degree", "must be 1..64");
    }
  };

  SignaturePath(const Config& config, const PrefetchGeometry& geometry)
      : config_(config),
        lines_per_page_(static_cast<i64>(geometry.lines_per_page())),
        pages_(config.pages, no_page),
        offsets_(config.pages),
        signatures_(config.pages),
        patterns_(config.patterns) {}

  void access(const PrefetchAccess& access, std::vector<u64>& lines) override {
    if (access.first_use) ++useful_;
    const u64 page = access.line / static_cast<u64>(lines_per_page_);
    const auto offset = static_cast<i64>(access.line % static_cast<u64>(lines_per_page_));
    const std::size_t entry = page & (config_.pages - 1);
    if (pages_[entry] != page) {
      pages_[entry] = page;
      signatures_[entry] = begin_of_page(offset);
    } else {
      const i64 delta = offset - offsets_[entry];
      if (delta == 0) return;
      if (signatures_[entry] != 0) learn(signatures_[entry], delta);
      signatures_[entry] = after(signatures_[entry], delta);
    }
    offsets_[entry] = static_cast<u16>(offset);
    if (signatures_[entry] != 0) look_ahead(signatures_[entry], access.line, offset, lines);
  }

  void fetched(u64, Tick, bool prefetch) override {
    if (!prefetch || ++issued_ < 1024) return;
    issued_ /= 2;
    useful_ /= 2;
  }

  void state(Archive& a) override {
    a("pages", std::span<u64>(pages_));
    a("offsets", std::span<u16>(offsets_));
    a("signatures", std::span<u16>(signatures_));
    a("patterns", std::span<Pattern>(patterns_));
    a("history", std::span<Crossing>(history_));
    a("next_history", next_history_);
    a("issued", issued_);
    a("useful", useful_);
    a.require(next_history_ < history_.size(), "next_history", "beyond the history register");
    a.require(issued_ < 1024 && useful_ < 1 << 20, "issued", "more than are counted");
  }

 private:
  static constexpr u64 no_page = ~u64{0};
  static constexpr u16 most = 15;  // of a pattern's counts

  struct Pattern {
    std::array<i16, 4> deltas{};
    std::array<u16, 4> counts{};
    u16 total = 0;
  };
  // A path that would have gone on behind its page, `offset` lines from that page's end.
  struct Crossing {
    u16 signature = 0;  // 0: none
    i16 delta = 0;
    i16 offset = 0;
    u16 likelihood = 0;
  };

  // Signatures are 12 bits; 0 is none. Deltas enter as sign and magnitude.
  static u16 after(u16 signature, i64 delta) {
    const u64 code = delta < 0 ? static_cast<u64>(-delta) | 0x40 : static_cast<u64>(delta);
    const u64 next = bits(u64{signature} << 3 ^ code, 0, 12);
    return static_cast<u16>(next != 0 ? next : 1);
  }
  Pattern& pattern(u16 signature) { return patterns_[signature & (config_.patterns - 1)]; }

  void learn(u16 signature, i64 delta) {
    Pattern& p = pattern(signature);
    if (p.total >= most) {
      p.total /= 2;
      for (u16& count : p.counts) count /= 2;
    }
    ++p.total;
    std::size_t at = 0, rarest = 0;
    for (; at < p.deltas.size() && (p.counts[at] == 0 || p.deltas[at] != delta); ++at)
      if (p.counts[at] < p.counts[rarest]) rarest = at;
    if (at == p.deltas.size()) {
      at = rarest;
      p.deltas[at] = static_cast<i16>(delta);
      p.counts[at] = 0;
    }
    ++p.counts[at];
  }

  // The signature that a page begins with: that of the path which led here, if there is one.
  u16 begin_of_page(i64 offset) const {
    const Crossing* best = nullptr;
    for (const Crossing& crossing : history_)
      if (crossing.signature != 0 && crossing.offset == offset &&
          (!best || crossing.likelihood > best->likelihood))
        best = &crossing;
    return best ? after(best->signature, best->delta) : u16{0};
  }

  void look_ahead(u16 signature, u64 line, i64 offset, std::vector<u64>& lines) {
    u64 likelihood = 100;  // of the path so far, in percent
    i64 gone = 0;          // lines from `line`
    for (u32 depth = 0; depth < 64; ++depth) {
      const Pattern& p = pattern(signature);
      if (p.total == 0) return;
      u64 best = 0;
      i64 best_delta = 0;
      for (std::size_t i = 0; i < p.deltas.size(); ++i) {
        const u64 chance = std::min<u64>(likelihood * p.counts[i] / p.total, 100);
        if (chance > best) {
          best = chance;
          best_delta = p.deltas[i];
        }
        const i64 place = offset + gone + p.deltas[i];
        if (chance < config_.threshold || place == offset) continue;
        if (place < 0 || place >= lines_per_page_) {
          note_crossing(signature, p.deltas[i], place, chance);
          continue;
        }
        lines.push_back(line + static_cast<u64>(gone + p.deltas[i]));
        if (lines.size() >= config_.degree) return;
      }
      gone += best_delta;
      if (best < config_.threshold || offset + gone < 0 || offset + gone >= lines_per_page_) return;
      signature = after(signature, best_delta);
      likelihood = best * accuracy() / 100;
    }
  }

  void note_crossing(u16 signature, i16 delta, i64 place, u64 likelihood) {
    const auto offset = static_cast<i16>(place < 0 ? place + lines_per_page_ : place - lines_per_page_);
    const Crossing crossing{signature, delta, offset, static_cast<u16>(likelihood)};
    const auto known = std::find_if(history_.begin(), history_.end(), [&](const Crossing& c) {
      return c.signature == signature && c.delta == delta && c.offset == offset;
    });
    if (known != history_.end()) {
      *known = crossing;
      return;
    }
    history_[next_history_] = crossing;
    next_history_ = (next_history_ + 1) % static_cast<u32>(history_.size());
  }

  // Percent of the prefetches that were useful; few say nothing.
  u64 accuracy() const { return issued_ < 32 ? 90 : std::min<u64>(100 * useful_ / issued_, 99); }

  const Config config_;
  const i64 lines_per_page_;
  std::vector<u64> pages_;       // of each entry of the signature table: its page,
  std::vector<u16> offsets_;     // the line used last in that,
  std::vector<u16> signatures_;  // and the deltas up to there
  std::vector<Pattern> patterns_;
  std::array<Crossing, 8> history_{};
  u32 next_history_ = 0;
  u64 issued_ = 0;  // prefetches, halved now and then,
  u64 useful_ = 0;  // and those of them that were used
};

const bool registered = Prefetchers::add<SignaturePath>(
    "signature_path", "paths of deltas within pages, looked ahead while they are likely");

}  // namespace
}  // namespace orrery
