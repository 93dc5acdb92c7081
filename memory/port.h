// The timing port: when an access is done. What it reads or writes is the functional side's business
// (address_space.h, cpu/arch/mmu.h): a request carries no data and no callback.
//
//   submit(request, now) -> done(tick)       the data is there, or the write accepted, at `tick`
//                        -> pending          a reply will come through ReplySink, with request.id
//                        -> refused(tick)    nothing changed; worth trying again from `tick` on
//
// Contract. `now` never decreases over the calls of one caller. Two callers of a shared level may be
// out of step by their distance from it (an L1's latency, a page walk): such a level serves in the
// order of the calls and lets a late one wait for resources already promised. Writeback and Prefetch
// are never refused (a prefetch may be dropped: done at once), but for a prefetch of a Line, which the
// cache above drops. What is in flight is either a ready time of the component that owns it or a
// pending id, so everything can be saved.
//
// Downwards a cache submits requests and reports the lines it gives up, evict(); upwards a level asks
// the caches above it through Holder. A line found or given up by those takes no time by itself.
//
// Today every component answers done or refused; pending is for the levels with queues to come.
#pragma once

#include "base/types.h"

namespace orrery {

enum class RequestKind : u8 { Fetch, Load, Store, Atomic, Walk, Prefetch, Writeback };
inline constexpr unsigned request_kinds = 7;

// What the caller wants of the level below.
enum class Want : u8 {
  Access,      // the access itself, `size` bytes
  Line,        // a whole line, to keep; Store and Atomic will own it
  Permission,  // the line is held already; only the right to write it
};

struct Request {
  PhysAddr address;
  u64 pc = 0;  // of the instruction, for prefetchers; 0 when there is none
  u64 id = 0;  // names the reply when the answer is pending
  // Prefetch: an address whose line must not make room, for the access to it is still under way.
  u64 keep = ~u64{0};
  // Where the bytes behind the end of a page are, of an access that crosses pages.
  u64 second = ~u64{0};
  u32 size = 8;
  HartId hart = 0;
  RequestKind kind = RequestKind::Load;
  Want want = Want::Access;
  bool clean = false;      // Writeback, in evict(): the line needs no writing
  bool shared = false;     // Writeback, in evict(): caches elsewhere hold the line too
  bool untracked = false;  // Line: for an instruction cache that no directory knows of

  bool crosses_page() const { return second != ~u64{0}; }
  bool owns() const { return kind == RequestKind::Store || kind == RequestKind::Atomic; }
  // Changes the contents of the level that answers it.
  bool writes() const {
    return kind == RequestKind::Writeback || (owns() && want == Want::Access);
  }
  // What goes between the caller and the level that answers it: down when it writes, up otherwise.
  u32 bytes_moved() const {
    return want == Want::Permission || (kind == RequestKind::Prefetch && want == Want::Access) ? 0 : size;
  }
};

struct Answer {
  enum class Kind : u8 { Done, Pending, Refused };
  Kind kind = Kind::Done;
  bool shared = false;  // Done: other caches hold the line, so writing it needs Permission
  Tick tick;            // Done: when; Refused: the earliest time worth trying again
  bool dirty = false;   // Done, Line: the line left a level below and has yet to be written to memory

  static Answer done(Tick tick, bool shared = false) { return {Kind::Done, shared, tick}; }
  static Answer pending() { return {Kind::Pending, false, never}; }
  static Answer refused(Tick retry) { return {Kind::Refused, false, retry}; }
  bool is_done() const { return kind == Kind::Done; }
  bool is_refused() const { return kind == Kind::Refused; }
};

class TimingPort {
 public:
  virtual ~TimingPort() = default;
  virtual Answer submit(const Request& request, Tick now) = 0;
  // No cache on the caller's side holds the line any more: a Writeback, whose data go down if dirty.
  // Returns when it has been taken.
  virtual Tick evict(const Request& victim, Tick now) {
    return victim.clean ? now : submit(victim, now).tick;
  }
};

enum class Snoop : u8 {
  Share,  // others read the line: copies become Shared, the dirty one written back by the caller
  Own,    // the same, but a dirty copy stays dirty, as the line's Owner
  Take,   // copies go
};

// One cache, or several and what is above them, as the level below sees them.
class Holder {
 public:
  virtual ~Holder() = default;
  // True when there was a dirty copy.
  virtual bool snoop(PhysAddr line, Snoop how) = 0;
  virtual bool holds(PhysAddr line) const = 0;
  virtual bool holds_dirty(PhysAddr line) const = 0;
};

// Takes the replies to pending requests.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void reply(u64 id, Tick now) = 0;
};

}  // namespace orrery
