// Best-offset prefetching (Michaud, HPCA 2016): one offset D for all, the line of each access plus D is
// fetched. Which D: a table of recent requests holds the lines whose fetch, if it had been followed by
// one D further on, would have come in time; in rounds, each access X asks for one candidate d whether
// X - d is there and adds to its score. A phase ends when a score is full or the rounds are over; the
// best candidate is D from then on, or none when even its score is bad.
//
// In time: a line is in the table from when it has arrived, so its arrival is kept with it.
#include <algorithm>

#include "base/archive.h"
#include "base/bits.h"
#include "memory/prefetcher.h"
#include "memory/saved_ticks.h"

namespace orrery {
namespace {

class BestOffset final : public Prefetcher {
 public:
  struct Config {
    u32 recent = 256;
    u32 largest_offset = 256;
    u32 score_max = 31;
    u32 rounds = 100;
    u32 bad_score = 1;

    void visit(Params& p) {
      p("recent", recent, "lines", "in the table of recent requests");
      p("largest_offset", largest_offset, "lines", "candidates are the products of 2, 3 and 5 up to this and to a page");
      p("score_max", score_max, "points", "that end a phase of learning");
      p("rounds", rounds, "rounds", "after which a phase ends");
      p("bad_score", bad_score, "points", "with which even the best offset is not used");
      p.require(is_power_of_two(recent) && recent <= 1 << 16, "recent", "must be a power of two up to 65536");
      p.require(largest_offset >= 1 && largest_offset <= 256, "largest_offset", "must be 1..256");
      p.require(score_max >= 1 && score_max <= 10'000, "score_max", "must be 1..10000");
      p.require(rounds >= 1 && rounds <= 10'000, "rounds", "must be 1..10000");
      p.require(bad_score < score_max, "bad_score", "must be below score_max");
    }
  };

  BestOffset(const Config& config, const PrefetchGeometry& geometry)
      : config_(config), geometry_(geometry), recent_(config.recent, no_line), arrived_(config.recent) {
    for (u64 offset = 1; offset <= config.largest_offset; ++offset) {
      u64 rest = offset;
      for (const u64 factor : {2u, 3u, 5u})
        while (rest % factor == 0) rest /= factor;
      if (rest == 1 && (offset == 1 || offset < geometry.lines_per_page())) offsets_.push_back(offset);
    }
    scores_.resize(offsets_.size());
  }

  void access(const PrefetchAccess& access, std::vector<u64>& lines) override {
    learn(access.line, access.now);
    if (offset_ != 0) lines.push_back(access.line + offset_);
  }

  // Without an offset every line that is fetched stands for itself, so that learning goes on.
  void fetched(u64 line, Tick ready, bool prefetch) override {
    if (prefetch != (offset_ != 0)) return;
    const u64 base = line - offset_;
    if (!geometry_.same_page(base, line)) return;
    recent_[place(base)] = base;
    arrived_[place(base)] = ready;
  }

  void state(Archive& a) override {
    a("recent", std::span<u64>(recent_));
    a("arrived", std::span<Tick>(arrived_));
    a("scores", std::span<u32>(scores_));
    a("candidate", candidate_);
    a("round", round_);
    a("offset", offset_);
    require_reachable(a, "arrived", arrived_);
    a.require(candidate_ < offsets_.size(), "candidate", "beyond the list of offsets");
    a.require(offset_ <= config_.largest_offset, "offset", "beyond the largest one");
  }

 private:
  static constexpr u64 no_line = ~u64{0};

  std::size_t place(u64 line) const { return (line ^ line / config_.recent) & (config_.recent - 1); }

  void learn(u64 line, Tick now) {
    const u64 base = line - offsets_[candidate_];
    if (geometry_.same_page(base, line) && recent_[place(base)] == base && arrived_[place(base)] <= now)
      ++scores_[candidate_];
    const bool full = scores_[candidate_] >= config_.score_max;
    if (++candidate_ == offsets_.size()) {
      candidate_ = 0;
      ++round_;
    }
    if (!full && round_ < config_.rounds) return;
    const auto best = std::max_element(scores_.begin(), scores_.end());
    offset_ = *best > config_.bad_score ? offsets_[static_cast<std::size_t>(best - scores_.begin())] : 0;
    scores_.assign(scores_.size(), 0);
    candidate_ = round_ = 0;
  }

  const Config config_;
  const PrefetchGeometry geometry_;
  std::vector<u64> offsets_;
  std::vector<u64> recent_;    // lines, each at its place
  std::vector<Tick> arrived_;  // when they do
  std::vector<u32> scores_;    // of each of offsets_
  u32 candidate_ = 0;
  u32 round_ = 0;
  u64 offset_ = 1;  // in use; 0: none
};

const bool registered = Prefetchers::add<BestOffset>("best_offset", "the one offset that is in time most often");

}  // namespace
}  // namespace orrery
