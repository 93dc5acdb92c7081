// A point where several caches meet: a full-map directory between them (and what is above them) and
// what they share. It knows which of them hold each line, and which one owns it.
//
// MESI: a read makes others' copies Shared, a store takes them; a dirty copy is written to the level
// below on the way. MOESI: a read leaves a dirty copy with its Owner, who supplies it from then on.
// Where directories stand above each other, one speaks for all the caches above it, and asks for the
// right to write when caches elsewhere have the line.
//
// The line comes from the level below, after remote_dirty_cycles more when another cache had it
// dirty; or, with `forwarding` (and always where the level below gave the line away, or the Owner is
// asked), from a cache that holds it, forward_cycles after the request.
//
// Instruction caches read only. Unless `instruction_caches` says "directory" they are not known here:
// stores do not take their copies, no level is inclusive of them, and fence.i empties them.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/statistics.h"
#include "memory/interconnect.h"
#include "memory/line_map.h"
#include "memory/port.h"

namespace orrery {

struct CoherenceConfig {
  enum class Protocol { Mesi, Moesi };
  enum class InstructionCaches { FenceI, Directory };

  Protocol protocol = Protocol::Mesi;
  InstructionCaches instruction_caches = InstructionCaches::FenceI;
  u32 lookup_cycles = 0;
  u32 remote_dirty_cycles = 20;
  u32 upgrade_cycles = 12;
  bool forwarding = false;
  u32 forward_cycles = 20;

  void visit(Params& p);
};

class Coherence final : public Component, public Holder {
 public:
  static constexpr unsigned most_children = 64;
  static constexpr unsigned no_owner = 255;

  // Children are counted from 0 among the data (or unified) caches, and among the instruction caches.
  struct Entry {
    u64 data = 0;          // those that hold the line
    u64 code = 0;          // instruction caches that do
    u8 owner = no_owner;   // the data child that may write it, or has it dirty
    bool alone = false;    // no cache outside this directory's reach holds the line
  };
  struct Shape {
    u64 line_size;
    bool is_last;          // no directory below: everybody is within reach
    bool hears_victims;    // the level below wants to know of clean ones too
    bool below_is_exclusive;
  };

  Coherence(Component* parent, const CoherenceConfig& config, const Clock& clock, const Shape& shape,
            TimingPort& next);
  ~Coherence() override;

  // While the hierarchy is built: first the port that the next child sends to, then that child.
  // `network`, when not null, carries what goes between here and the child, at its stop.
  TimingPort& add_data_port(Interconnect* network, u32 stop);
  TimingPort& add_code_port(Interconnect* network, u32 stop);
  void connect_data(Holder& child);
  void connect_code(Holder& child);

  bool snoop(PhysAddr line, Snoop how) override;
  bool holds(PhysAddr line) const override { return find(line) != nullptr; }
  bool holds_dirty(PhysAddr line) const override;

  // Null: no cache here holds the line.
  const Entry* find(PhysAddr line) const { return entries_.find(number(line)); }
  std::size_t size() const { return entries_.size(); }  // lines held
  template <class Visit>
  void for_each_line(Visit&& visit) const {
    entries_.for_each([&](u64 line, const Entry& entry) { visit(PhysAddr{line << line_bits_}, entry); });
  }
  std::vector<const Holder*> data_children() const;
  std::vector<const Holder*> code_children() const;
  bool tracks_code() const { return tracks_code_; }
  bool is_last() const { return shape_.is_last; }

  void state(Archive& a) override;
  bool is_timing_state() const override { return true; }

  Counter remote_dirty{this, "remote_dirty", "requests", "requests that found the line dirty elsewhere"};
  Counter shared_reads{this, "shared_reads", "requests", "reads that found the line elsewhere"};
  Counter takes{this, "takes", "lines", "copies taken from other caches"};
  Counter forwards{this, "forwards", "lines", "lines that came from another cache"};
  Counter bytes_forwarded{this, "bytes_forwarded", "bytes", "lines that came from another cache"};
  Counter bytes_written{this, "bytes_written", "bytes", "dirty lines of caches here written to the level below"};
  Rate bandwidth{this, "bandwidth", "bytes per second", {&bytes_forwarded, &bytes_written}, "from caches here"};
  Counter recalls{this, "recalls", "lines", "lines that the level below took from every cache here"};

 private:
  class Port;
  // The caches other than the one that asks.
  struct Others {
    u64 data = 0;
    u64 code = 0;
    bool any() const { return (data | code) != 0; }
  };

  Answer submit(const Request& request, const Port& from, Tick now);
  Tick evict(const Request& victim, const Port& from, Tick now);
  // The line, or the right to write it, from below or (forward) from a cache here.
  Answer supply(const Request& request, bool alone, bool forward, Tick now);
  // Others lose the line, or its owner shares it. True: a copy was dirty. `done` awaits their answers.
  bool ask(const Request& request, const Others& others, bool owner_is_asked, Tick now, Tick& done);
  bool ask_one(const Port& port, PhysAddr line, Snoop how, Tick now, Tick& done);
  void remember(const Request& request, const Port& from, const Answer& below, bool is_shared_here,
                bool forward, Tick now);
  void write_below(const Request& request, Tick now);
  u64 number(PhysAddr address) const { return address.value() >> line_bits_; }

  const Shape shape_;
  const unsigned line_bits_;
  const bool moesi_, tracks_code_, forwarding_;
  const u64 lookup_, remote_dirty_, upgrade_, forward_;  // ticks
  TimingPort& next_;
  std::vector<std::unique_ptr<Port>> data_, code_;
  LineMap<Entry> entries_;
};

}  // namespace orrery
