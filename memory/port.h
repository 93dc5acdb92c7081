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
// are never refused (a prefetch may be dropped: done at once). What is in flight is either a ready
// time of the component that owns it or a pending id, so everything can be saved.
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
  u32 size = 8;
  HartId hart = 0;
  RequestKind kind = RequestKind::Load;
  Want want = Want::Access;

  bool owns() const { return kind == RequestKind::Store || kind == RequestKind::Atomic; }
  // Changes the contents of the level that answers it.
  bool writes() const {
    return kind == RequestKind::Writeback || (owns() && want == Want::Access);
  }
};

struct Answer {
  enum class Kind : u8 { Done, Pending, Refused };
  Kind kind = Kind::Done;
  bool shared = false;  // Done: other caches hold the line, so writing it needs Permission
  Tick tick;            // Done: when; Refused: the earliest time worth trying again

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
};

// Takes the replies to pending requests.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void reply(u64 id, Tick now) = 0;
};

}  // namespace orrery
