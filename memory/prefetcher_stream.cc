// Streams of misses up or down memory, several at once (after Palacharla and Kessler, ISCA 1994, and
// the POWER4): a stream begins with a miss, is trained when others follow nearby in one direction, and
// then runs `distance` lines ahead of its accesses.
#include <algorithm>

#include "base/archive.h"
#include "memory/prefetcher.h"

namespace orrery {
namespace {

class Stream final : public Prefetcher {
 public:
  struct Config {
    u32 streams = 16;
    u32 window = 4;
    u32 training = 2;
    u32 distance = 8;
    u32 degree = 2;

    void visit(Params& p) {
      p("streams", streams, "streams", "followed at once");
      p("window", window, "lines", "from a stream's last access, within which the next one belongs to it");
      p("training", training, "accesses", "in one direction, behind the first, before lines are fetched");
      p("distance", distance, "lines", "fetched ahead of the last access");
      p("degree", degree, "lines", "fetched for an access at most");
      p.require(streams >= 1 && streams <= 1024, "streams", "must be 1..1024");
      p.require(window >= 1 && window <= 64, "window", "must be 1..64");
      p.require(training >= 1 && training <= 100, "training", "must be 1..100");
      p.require(distance >= 1 && distance <= 64, "distance", "must be 1..64");
      p.require(degree >= 1 && degree <= 64, "degree", "must be 1..64");
    }
  };

  Stream(const Config& config, const PrefetchGeometry& geometry)
      : config_(config), geometry_(geometry), streams_(config.streams) {}

  void access(const PrefetchAccess& access, std::vector<u64>& lines) override {
    ++time_;
    Entry* const stream = find(access.line);
    if (!stream) {
      auto& oldest = *std::min_element(streams_.begin(), streams_.end(),
                                       [](const Entry& a, const Entry& b) { return a.used < b.used; });
      oldest = {access.line, access.line, time_, 0, 0};
      return;
    }
    stream->used = time_;
    if (access.line == stream->last) return;
    const u32 direction = access.line > stream->last ? up : down;
    if (direction != stream->direction) {
      stream->direction = direction;
      stream->trained = 0;
      stream->ahead = access.line;
    }
    stream->trained = std::min(stream->trained + 1, config_.training);
    stream->last = access.line;
    if (stream->trained == config_.training) run_ahead(*stream, lines);
  }

  void state(Archive& a) override {
    for (u32 i = 0; i < streams_.size(); ++i)
      a.group(fmt::format("stream{}", i).c_str(), [&](Archive& nested) {
        nested("last", streams_[i].last);
        nested("ahead", streams_[i].ahead);
        nested("used", streams_[i].used);
        nested("direction", streams_[i].direction);
        nested("trained", streams_[i].trained);
      });
    a("time", time_);
  }

 private:
  static constexpr u32 up = 1, down = 2;
  struct Entry {
    u64 last = 0;       // line
    u64 ahead = 0;      // the furthest line fetched
    u64 used = 0;       // as time_ counts; 0: there is no stream
    u32 direction = 0;  // up, down; 0: not known yet
    u32 trained = 0;    // accesses in that direction
  };

  // A stream on its way goes on in its direction only. The first that fits.
  Entry* find(u64 line) {
    for (Entry& entry : streams_) {
      if (entry.used == 0) continue;
      if (entry.last == line) return &entry;
      const bool above = line > entry.last;
      const u64 far = above ? line - entry.last : entry.last - line;
      if (far > config_.window) continue;
      if (entry.trained < config_.training || above == (entry.direction == up)) return &entry;
    }
    return nullptr;
  }

  // From the furthest line on, up to the distance and the end of the page.
  void run_ahead(Entry& stream, std::vector<u64>& lines) {
    const u64 step = stream.direction == up ? 1 : ~u64{0};
    for (u32 n = 0; n < config_.degree; ++n) {
      const u64 lead = (stream.ahead - stream.last) * step;  // wraps round when it lags behind
      const u64 next = (lead < config_.distance ? stream.ahead : stream.last) + step;
      if (lead == config_.distance || !geometry_.same_page(next, stream.last)) return;
      stream.ahead = next;
      lines.push_back(next);
    }
  }

  const Config config_;
  const PrefetchGeometry geometry_;
  std::vector<Entry> streams_;
  u64 time_ = 0;  // accesses seen
};

const bool registered = Prefetchers::add<Stream>("stream", "streams of misses, up or down");

}  // namespace
}  // namespace orrery
