// A mesh of rows and columns: a message goes along its row, then along its column. Its head takes a
// fixed time a hop and waits where a link is busy; its tail follows.
//
// Stops, slices and controllers are each spread evenly over the nodes, in row order.
#include "memory/interconnect.h"
#include "memory/occupancy.h"

namespace orrery {
namespace {

class Mesh final : public Interconnect {
 public:
  struct Config {
    u32 columns = 4;
    u32 rows = 4;
    u32 hop_cycles = 2;
    u32 width = 32;
    u32 slices = 0;

    void visit(Params& p) {
      p("columns", columns, "nodes", "nodes of a row");
      p("rows", rows, "nodes", "nodes of a column");
      p("hop_cycles", hop_cycles, "cycles", "from a node to its neighbour");
      p("width", width, "bytes", "that a link takes in a cycle, each way");
      p("slices", slices, "slices", "of the shared cache, which its lines are spread over; 0: one a node");
      p.require(columns >= 1 && columns <= 32, "columns", "must be 1..32");
      p.require(rows >= 1 && rows <= 32, "rows", "must be 1..32");
      p.require(hop_cycles <= 10'000, "hop_cycles", "must be 0..10000");
      p.require(width >= 1 && width <= 4096, "width", "must be 1..4096");
      p.require(slices <= 1024, "slices", "must be 0..1024");
    }
    u32 nodes() const { return columns * rows; }
  };

  Mesh(const Config& config, Component& parent, const NetworkShape& shape)
      : Interconnect(parent, shape, config.slices ? config.slices : config.nodes()),
        columns_(config.columns),
        nodes_(config.nodes()),
        hop_(config.hop_cycles * shape.clock.period()),
        links_(std::size_t{4} * nodes_, Occupancy(config.width, shape.clock.period())) {}

  Tick send(NetworkEnd from, NetworkEnd to, u32 size, Tick now, bool book) override {
    const u32 last = node(to);
    u32 at = node(from);
    const u64 length = links_[0].length(size);
    Tick head = now;
    u64 hop_count = 0;
    for (; at != last; ++hop_count) {
      const Step step = towards(at, last);
      head = links_[4 * at + step.direction].pass(size, head, book) - length + hop_;
      at = step.node;
    }
    // Within a node nothing is crossed.
    const Tick done = hop_count ? head + length : now;
    if (book) {
      hops += hop_count;
      count(size, done, hop_count ? now + hop_count * hop_ + length : now);
    }
    return done;
  }

  void state(Archive& a) override {
    for (std::size_t i = 0; i < links_.size(); ++i)
      a.group(fmt::format("link{}", i).c_str(), [&](Archive& nested) { links_[i].state(nested); });
  }

  Counter hops{this, "hops", "hops", "links crossed by messages"};

 private:
  struct Step {
    u32 node;
    u32 direction;  // of the link, at the node it leaves
  };
  Step towards(u32 at, u32 to) const {
    if (at % columns_ < to % columns_) return {at + 1, 0};
    if (at % columns_ > to % columns_) return {at - 1, 1};
    return at < to ? Step{at + columns_, 2} : Step{at - columns_, 3};
  }
  u32 node(NetworkEnd end) const {
    const u32 ends = end.side == NetworkEnd::Side::Stop    ? shape().stops
                     : end.side == NetworkEnd::Side::Slice ? slices()
                                                           : shape().memory.nodes;
    return static_cast<u32>(u64{end.index} * nodes_ / ends);
  }

  const u32 columns_, nodes_;
  const u64 hop_;  // ticks
  std::vector<Occupancy> links_;
};

const bool registered = Interconnects::add<Mesh>("mesh", "rows and columns of nodes, with links between neighbours");

}  // namespace
}  // namespace orrery
