// A DRAM controller and the parts behind it, in JEDEC's terms: channels, ranks, bank groups, banks,
// rows; refresh; a write queue; requests reordered for open rows.
//
//   open row                      tCL | burst         row hit
//   no row open            tRCD | tCL | burst         row miss
//   another row open  tRP | tRCD | tCL | burst        row conflict
//
// Kept between commands: tRAS, tRC = tRAS + tRP, tRTP, tWR in a bank; tRRD_S/L and tFAW in a rank;
// tCCD_S/L, tWTR_S/L, tRTW, tRTRS and the length of a burst on the data bus of a channel.
//
// Promises. A read gets its time when it comes and keeps it. What comes later may still be put
// before it, into the gaps of data bus and ranks, and into a row that has been promised to another
// but must stay open for a while yet (tRAS, a bus that is taken): scheduling "frfcfs", row hits
// first as far as promises allow. It starves nobody, and finds fewer row hits than a controller
// that may keep a conflict waiting. With "fcfs" data moves in the order of the requests.
//
// Writes are taken into their channel's queue at once (or as soon as it has room) and wait. When
// `write_high` wait, they are drained down to `write_low` behind all reads promised; when a channel
// had no read for `write_idle`, they are carried out as long as none comes. In a drain each bank
// serves its open row first, then row after row in the order of arrival. Reads of a burst in the
// queue are answered from there; a write to one that waits merges with it.
//
// Refresh begins at whole multiples of tREFI, staggered over ranks (banks, when they are refreshed
// one by one, each once in tREFI); rows are closed by then, and no command is promised across it.
// Nothing is done when nobody asks: it all follows from the time of a request.
//
// Not modelled: the command bus, whole clock edges (dram_timing.h), refreshes moved ahead or put
// off, power-down, the order of two requests to one address within the controller. Prefetches are
// reads like others. What a gap could take is forgotten beyond the last 128 bursts of a channel,
// 128 openings of a rank and 4 rows of a bank.
#include <algorithm>

#include "memory/dram.h"
#include "memory/dram_bank.h"
#include "memory/dram_bus.h"
#include "memory/dram_ddr_config.h"
#include "memory/dram_write_queue.h"

namespace orrery {
namespace {

class DdrDram final : public Dram {
 public:
  using Config = DdrConfig;
  using Rows = Config::Rows;

  DdrDram(const Config& config, Component& parent)
      : Dram(parent),
        config_(config),
        timing_(config.timing),
        geometry_(config.geometry()),
        burst_bytes_(config.burst()),
        burst_ticks_(config.timing.burst()),
        refresh_(config.refresh, config.timing, geometry_),
        mapping_(geometry_, config.mapping, config.hash) {
    for (u32 i = 0; i < config.channels; ++i) channels_.emplace_back(config, geometry_);
  }

  Answer submit(const Request& request, Tick now) override {
    count(request);
    pass_time(now);
    const u64 first = request.address.value() / burst_bytes_;
    const u64 last = (request.address.value() + std::max(request.size, 1u) - 1) / burst_bytes_;
    Tick done = now;
    for (u64 burst = first; burst <= last; ++burst)
      done = std::max(done, request.writes() ? write(burst, now) : read(burst, now));
    done += config_.controller.ticks;
    if (!request.writes()) {
      read_time += done - now;
      read_latencies.add((done - now) / 1'000);
    }
    return Answer::done(done);
  }

  void state(Archive& a) override;

  Counter row_hits{this, "row_hits", "bursts", "bursts from or to an open row"};
  Counter row_misses{this, "row_misses", "bursts", "bursts whose bank had no row open"};
  Counter row_conflicts{this, "row_conflicts", "bursts", "bursts that closed another row"};
  Counter forwarded{this, "forwarded", "bursts", "bursts read from the write queue"};
  Counter merged{this, "merged", "bursts", "bursts written over one that waited in the write queue"};
  Counter written{this, "written", "bursts", "bursts that left the write queue for their bank"};
  Counter queued{this, "queued", "bursts", "bursts that entered the write queue"};
  Counter write_queue_taken{this, "write_queue_taken", "entries", "entries taken as writes came, in sum"};
  Ratio write_queue_occupancy{this,
                              "write_queue_occupancy",
                              "entries per write",
                              {&write_queue_taken},
                              {&queued},
                              "entries of the write queue taken when a burst comes in"};
  Counter write_stalls{this, "write_stalls", "bursts", "bursts that found the write queue full"};
  Counter drains{this, "drains", "drains", "times that the write queue reached write_high"};
  Counter refreshes{this, "refreshes", "refreshes",
                    "refreshes begun, of ranks or banks, up to the last request"};
  Counter refresh_waits{this, "refresh_waits", "bursts", "bursts that waited for a refresh"};
  Counter bus_busy{this, "bus_busy", "ps", "time of data on the data buses"};
  Counter bus_time{this, "bus_time", "ps", "time of the data buses up to the last request"};
  Ratio bus_utilisation{this,        "bus_utilisation", "ps per ps",
                        {&bus_busy}, {&bus_time},       "part of the time with data on a data bus"};
  Counter read_time{this, "read_time", "ps", "time from reads to their data, in sum"};
  Ratio read_latency{this,         "read_latency", "ps per read",
                     {&read_time}, {&reads},       "mean time from a read to its data"};
  Histogram read_latencies{this, "read_latencies", "reads", "reads by latency in nanoseconds",
                           Buckets::linear(33, 16)};

 private:
  struct Channel {
    Channel(const Config& config, const DramGeometry& geometry)
        : bus(config.timing),
          ranks(config.ranks, DramOpenings(config.timing)),
          banks(geometry.banks_of_channel()),
          queue(config.write_queue) {}

    DramBus bus;
    std::vector<DramOpenings> ranks;
    std::vector<DramBank> banks;
    DramWriteQueue queue;
    Tick last_read;  // when the data of the last read ends
  };

  // How a burst would be served.
  struct Plan {
    enum class Kind { Hit, Miss, Conflict };
    Kind kind = Kind::Hit;
    bool refreshed = false;  // waits for a refresh
    u32 row = 0;             // Hit: which of the bank's
    Tick opens;              // else: its row
    Tick closes;             // and the next refresh has it closed
    Tick command;
    Tick data;
  };

  Tick read(u64 burst, Tick now);
  Tick write(u64 burst, Tick now);
  void write_idly(Channel& channel, Tick now);
  void drain(Channel& channel, Tick from, Tick not_before, std::size_t left, Tick until);
  bool drain_one(Channel& channel, std::size_t index, const DramPlace& place, Tick from, Tick not_before,
                 Tick until);
  Plan plan(const Channel& channel, const DramPlace& place, bool is_write, Tick from, Tick not_before) const;
  Plan plan_opening(const Channel& channel, const DramPlace& place, bool is_write, Tick from,
                    Tick not_before) const;
  Tick carry_out(Channel& channel, const DramPlace& place, bool is_write, const Plan& plan);
  Tick closed_by_policy(const DramBank& bank) const;
  void pass_time(Tick now);

  const Config config_;
  const DramTiming timing_;
  const DramGeometry geometry_;
  const u64 burst_bytes_;
  const u64 burst_ticks_;
  const DramRefresh refresh_;
  const DramMapping mapping_;
  std::vector<Channel> channels_;
  Tick seen_;          // the latest request's time
  Tick next_refresh_;  // none begins between seen_ and this; derived
  u64 pass_ = 0;
};

// --- Requests ------------------------------------------------------------------------------------

Tick DdrDram::read(u64 burst, Tick now) {
  const DramPlace place = mapping_.find(burst);
  Channel& channel = channels_[place.channel];
  channel.queue.advance(now);
  if (channel.queue.waiting()) write_idly(channel, now);
  if (channel.queue.holds(burst)) {
    ++forwarded;
    return now;
  }
  const Tick not_before = config_.scheduling == Config::Scheduling::Fcfs ? channel.bus.last() : Tick{};
  const Tick end = carry_out(channel, place, false, plan(channel, place, false, now, not_before));
  channel.last_read = std::max(channel.last_read, end);
  return end;
}

Tick DdrDram::write(u64 burst, Tick now) {
  const DramPlace place = mapping_.find(burst);
  Channel& channel = channels_[place.channel];
  DramWriteQueue& queue = channel.queue;
  queue.advance(now);
  if (queue.waiting()) write_idly(channel, now);
  if (queue.merges(burst)) {
    ++merged;
    return now;
  }
  write_queue_taken += queue.entries().size();
  if (queue.full()) {
    // Fewer wait than it holds, so that one is under way.
    ++write_stalls;
    now = std::max(now, queue.first_leaves());
    queue.advance(now);
  }
  queue.add(burst, now);
  ++queued;
  if (queue.waiting() >= config_.write_high) {
    ++drains;
    drain(channel, now, channel.bus.last(), config_.write_low, never);
  }
  return now;
}

// Carries out what the channel has had time for before `now`.
void DdrDram::write_idly(Channel& channel, Tick now) {
  const Tick from = channel.last_read + config_.write_idle.ticks;
  const bool is_busy = channel.bus.last() >= now + timing_.tCWL.ticks;  // as far as commands go
  if (from < now && !is_busy) drain(channel, from, channel.bus.last(), 0, now);
}

// Schedules waiting writes until `left` are left, or the next one's command would not come before
// `until`.
void DdrDram::drain(Channel& channel, Tick from, Tick not_before, std::size_t left, Tick until) {
  const DramWriteQueue& queue = channel.queue;
  const bool rows_first = config_.scheduling == Config::Scheduling::Frfcfs;
  // In each pass, every bank serves one row. The first to be served in it chooses which, unless
  // one waits for the row that is open.
  while (queue.waiting() > left) {
    ++pass_;
    if (rows_first)
      for (const auto& entry : queue.entries()) {
        if (entry.leaves != DramWriteQueue::waits) continue;
        const DramPlace place = mapping_.find(entry.burst);
        DramBank& bank = channel.banks[place.bank];
        if (bank.last() && bank.last()->row == place.row) bank.serve_in(pass_, place.row);
      }
    for (std::size_t i = 0; i < queue.entries().size() && queue.waiting() > left; ++i) {
      if (queue.entries()[i].leaves != DramWriteQueue::waits) continue;
      const DramPlace place = mapping_.find(queue.entries()[i].burst);
      DramBank& bank = channel.banks[place.bank];
      if (bank.pass != pass_) bank.serve_in(pass_, place.row);
      if (rows_first && bank.pass_row != place.row) continue;
      if (!drain_one(channel, i, place, from, not_before, until)) return;
    }
  }
}

bool DdrDram::drain_one(Channel& channel, std::size_t index, const DramPlace& place, Tick from,
                        Tick not_before, Tick until) {
  const Tick arrived = channel.queue.entries()[index].arrived;
  if (config_.scheduling == Config::Scheduling::Fcfs) not_before = std::max(not_before, channel.bus.last());
  const Plan p = plan(channel, place, true, std::max(from, arrived), not_before);
  if (p.command >= until) return false;
  channel.queue.schedule(index, carry_out(channel, place, true, p));
  ++written;
  return true;
}

// --- Rows ----------------------------------------------------------------------------------------

DdrDram::Plan DdrDram::plan(const Channel& channel, const DramPlace& place, bool is_write, Tick from,
                            Tick not_before) const {
  const DramBank& bank = channel.banks[place.bank];
  const u64 latency = is_write ? timing_.tCWL.ticks : timing_.tCL.ticks;
  const u64 recovery = timing_.recovery(is_write);
  const DramBurst burst{{}, place.rank, static_cast<u16>(place.group), is_write};
  const bool in_order = config_.scheduling == Config::Scheduling::Fcfs;
  for (u32 i = in_order && bank.size() ? bank.size() - 1 : 0; i < bank.size(); ++i) {
    const DramBank::Row& row = bank[i];
    if (row.row != place.row) continue;
    if (i + 1 == bank.size() && closed_by_policy(bank) < from) break;
    const Tick command = std::max(from, row.opened + timing_.tRCD.ticks);
    if (command + recovery > row.closes) continue;
    const Tick latest = row.closes + latency;
    const Tick data = channel.bus.find(burst, std::max(command + latency, not_before), latest - recovery);
    if (data == never) continue;
    Plan p;
    p.row = i;
    p.data = data;
    p.command = Tick{data.value() - latency};
    return p;
  }
  return plan_opening(channel, place, is_write, from, not_before);
}

DdrDram::Plan DdrDram::plan_opening(const Channel& channel, const DramPlace& place, bool is_write, Tick from,
                                    Tick not_before) const {
  const DramBank& bank = channel.banks[place.bank];
  const u64 latency = is_write ? timing_.tCWL.ticks : timing_.tCL.ticks;
  const u64 recovery = timing_.recovery(is_write);
  const DramBurst burst{{}, place.rank, static_cast<u16>(place.group), is_write};
  const u64 tRP = timing_.tRP.ticks, tRCD = timing_.tRCD.ticks;

  Plan p;
  p.kind = Plan::Kind::Miss;
  Tick earliest = from;
  if (const DramBank::Row* last = bank.last()) {
    const Tick closed = closed_by_policy(bank);
    if (closed < from || last->row == place.row) {
      // The same row, open but for too short a time, is opened again after the refresh.
      earliest = std::max(from, (closed < from ? closed : last->closes) + tRP);
    } else {
      p.kind = Plan::Kind::Conflict;
      earliest = std::max(from, last->closable) + tRP;
    }
  }
  for (;;) {
    const DramRefresh::Gap gap = refresh_.gap(place, earliest);
    p.refreshed |= gap.begins > earliest;
    p.closes = gap.closed_by;
    p.opens = channel.ranks[place.rank].find(place.group, gap.begins);
    const Tick first = std::max(p.opens + tRCD + latency, not_before);
    if (p.opens + timing_.tRAS.ticks <= p.closes && p.opens + tRCD + recovery <= p.closes) {
      const Tick latest = p.closes + latency;
      p.data = channel.bus.find(burst, first, latest - recovery);
      if (p.data != never) break;
    }
    // Not before the refresh. What has its data late need not look at each refresh until then.
    p.refreshed = true;
    const Tick data = channel.bus.find(burst, first, never);
    const u64 ahead = latency + tRCD + timing_.tREFI.ticks;
    earliest = std::max(p.closes + tRP, Tick{data.value() > ahead ? data.value() - ahead : 0});
  }
  p.command = Tick{p.data.value() - latency};
  return p;
}

// Promises it: the end of its data.
Tick DdrDram::carry_out(Channel& channel, const DramPlace& place, bool is_write, const Plan& plan) {
  DramBank& bank = channel.banks[place.bank];
  const Tick closable = plan.command + timing_.recovery(is_write);
  if (plan.kind == Plan::Kind::Hit) {
    ++row_hits;
    DramBank::Row& row = bank[plan.row];
    row.used = std::max(row.used, plan.command);
    row.closable = std::max(row.closable, closable);
  } else {
    ++(plan.kind == Plan::Kind::Miss ? row_misses : row_conflicts);
    if (bank.size()) {
      DramBank::Row& last = bank[bank.size() - 1];
      if (plan.kind == Plan::Kind::Conflict) {
        // As late as its successor allows.
        last.closes = std::min(last.closes, Tick{plan.opens.value() - timing_.tRP.ticks});
        if (bank.level > 0) --bank.level;
      } else {
        const Tick closed = closed_by_policy(bank);
        if (last.row == place.row && closed < last.closes && bank.level < DramBank::highest_level)
          ++bank.level;
        last.closes = closed;
      }
    }
    bank.open({place.row, plan.opens, plan.command, std::max(plan.opens + timing_.tRAS.ticks, closable),
               plan.closes});
    channel.ranks[place.rank].add({plan.opens, place.group});
  }
  if (plan.refreshed) ++refresh_waits;
  channel.bus.add({plan.data, place.rank, static_cast<u16>(place.group), is_write});
  bus_busy += burst_ticks_;
  return plan.data + burst_ticks_;
}

// When the last row is closed if nobody else asks for the bank.
Tick DdrDram::closed_by_policy(const DramBank& bank) const {
  const DramBank::Row& row = *bank.last();
  const auto after = [&](u64 timeout) {
    return std::min(row.closes, std::max(row.closable, row.used + timeout));
  };
  switch (config_.row_policy) {
    case Rows::Open: return row.closes;
    case Rows::Closed: return after(0);
    case Rows::Timeout: return after(config_.row_timeout.ticks);
    case Rows::Adaptive: break;
  }
  return after((config_.row_timeout.ticks << bank.level) >> DramBank::mean_level);
}

// --- Time and state ------------------------------------------------------------------------------

void DdrDram::pass_time(Tick now) {
  if (now <= seen_) return;
  if (seen_ != Tick{}) {  // else the first request: what was before is nobody's
    bus_time += (now - seen_) * config_.channels;
    if (now >= next_refresh_) {
      refreshes += (refresh_.begun(now) - refresh_.begun(seen_)) * config_.channels;
      next_refresh_ = refresh_.none_until(now);
    }
  }
  seen_ = now;
}

void DdrDram::state(Archive& a) {
  a("seen", seen_);
  require_reachable(a, "seen", {&seen_, 1});
  next_refresh_ = Tick{};  // found anew
  for (u32 i = 0; i < channels_.size(); ++i)
    a.group(fmt::format("channel{}", i).c_str(), [&](Archive& nested) {
      Channel& channel = channels_[i];
      nested("last_read", channel.last_read);
      require_reachable(nested, "last_read", {&channel.last_read, 1});
      channel.bus.state(nested);
      for (u32 rank = 0; rank < channel.ranks.size(); ++rank)
        channel.ranks[rank].state(nested, fmt::format("rank{}", rank).c_str());
      for (u32 bank = 0; bank < channel.banks.size(); ++bank)
        nested.group(fmt::format("bank{}", bank).c_str(),
                     [&](Archive& group) { channel.banks[bank].state(group); });
      channel.queue.state(nested, config_.write_high - 1);
    });
}

const bool registered = Drams::add<DdrDram>(
    "ddr", "channels, ranks, bank groups and banks in JEDEC's times, with refresh and a write queue");

}  // namespace
}  // namespace orrery
