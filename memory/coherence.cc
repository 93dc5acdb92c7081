#include "memory/coherence.h"

#include <algorithm>
#include <bit>

#include "base/archive.h"

namespace orrery {

void CoherenceConfig::visit(Params& p) {
  p.choice("protocol", protocol, {{"mesi", Protocol::Mesi}, {"moesi", Protocol::Moesi}},
           "what becomes of a dirty line that others read: it is written below (mesi), or stays with its Owner (moesi)");
  p.choice("instruction_caches", instruction_caches,
           {{"fence.i", InstructionCaches::FenceI}, {"directory", InstructionCaches::Directory}},
           "what empties instruction caches: fence.i alone, or stores to their lines (directory)");
  p("lookup_cycles", lookup_cycles, "cycles", "to look a request up in the directory");
  p("remote_dirty_cycles", remote_dirty_cycles, "cycles",
    "added when another hart's cache holds the line dirty");
  p("upgrade_cycles", upgrade_cycles, "cycles", "to get the right to write a shared line");
  p("forwarding", forwarding, "a line that another cache holds comes from there, not from below");
  p("forward_cycles", forward_cycles, "cycles", "from a request to a line forwarded by another cache");
  for (const auto& [name, cycles] : {std::pair("lookup_cycles", lookup_cycles),
                                     std::pair("remote_dirty_cycles", remote_dirty_cycles),
                                     std::pair("upgrade_cycles", upgrade_cycles),
                                     std::pair("forward_cycles", forward_cycles)})
    p.require(cycles <= 100'000, name, "must be 0..100000");
}

class Coherence::Port final : public TimingPort {
 public:
  Port(Coherence& point, std::size_t count, bool for_code, Interconnect* on_network, u32 at_stop)
      : bit(u64{1} << count),
        index(static_cast<u8>(count)),
        is_code(for_code),
        network(on_network),
        stop{NetworkEnd::Side::Stop, at_stop},
        point_(point) {}

  Answer submit(const Request& request, Tick now) override {
    return point_.submit(request, *this, now);
  }
  Tick evict(const Request& victim, Tick now) override { return point_.evict(victim, *this, now); }

  const u64 bit;
  const u8 index;
  const bool is_code;
  Interconnect* const network;
  const NetworkEnd stop;
  Holder* child = nullptr;

 private:
  Coherence& point_;
};

Coherence::Coherence(Component* parent, const CoherenceConfig& config, const Clock& clock,
                     const Shape& shape, TimingPort& next)
    : Component(parent, "coherence"),
      shape_(shape),
      line_bits_(static_cast<unsigned>(std::countr_zero(shape.line_size))),
      moesi_(config.protocol == CoherenceConfig::Protocol::Moesi),
      tracks_code_(config.instruction_caches == CoherenceConfig::InstructionCaches::Directory),
      forwarding_(config.forwarding),
      lookup_(config.lookup_cycles * clock.period()),
      remote_dirty_(config.remote_dirty_cycles * clock.period()),
      upgrade_(config.upgrade_cycles * clock.period()),
      forward_(config.forward_cycles * clock.period()),
      next_(next) {}

Coherence::~Coherence() = default;

TimingPort& Coherence::add_data_port(Interconnect* network, u32 stop) {
  ORRERY_CHECK(data_.size() < most_children, "{}: too many caches meet here", path());
  data_.push_back(std::make_unique<Port>(*this, data_.size(), false, network, stop));
  return *data_.back();
}

TimingPort& Coherence::add_code_port(Interconnect* network, u32 stop) {
  ORRERY_CHECK(code_.size() < most_children, "{}: too many caches meet here", path());
  code_.push_back(std::make_unique<Port>(*this, code_.size(), true, network, stop));
  return *code_.back();
}

void Coherence::connect_data(Holder& child) { data_.back()->child = &child; }
void Coherence::connect_code(Holder& child) { code_.back()->child = &child; }

std::vector<const Holder*> Coherence::data_children() const {
  std::vector<const Holder*> children;
  for (const auto& port : data_) children.push_back(port->child);
  return children;
}

std::vector<const Holder*> Coherence::code_children() const {
  std::vector<const Holder*> children;
  for (const auto& port : code_) children.push_back(port->child);
  return children;
}

// --- from above -------------------------------------------------------------------------------------

Answer Coherence::submit(const Request& request, const Port& from, Tick now) {
  Entry* entry = entries_.find(number(request.address));
  Others others;
  if (entry) others = {entry->data, entry->code};
  if (from.is_code) {
    others.code &= ~from.bit;
  } else {
    others.data &= ~from.bit;
  }
  if (request.kind == RequestKind::Writeback) {  // the data alone: the caches there keep the line, clean
    if (entry && entry->owner == from.index && (others.any() || !entry->alone)) entry->owner = no_owner;
    return next_.submit(request, now);
  }

  const bool owner_is_asked =
      entry && entry->owner != no_owner && (others.data >> entry->owner & 1) != 0;
  const bool forward =
      others.any() && request.want == Want::Line &&
      (forwarding_ || shape_.below_is_exclusive ||
       (moesi_ && owner_is_asked && data_[entry->owner]->child->holds_dirty(request.address)));
  Request wanted = request;
  wanted.untracked = from.is_code && !tracks_code_;
  Answer answer = supply(wanted, shape_.is_last || (entry && entry->alone), forward, now + lookup_);
  if (answer.is_refused()) return Answer::refused(answer.tick - lookup_);

  const bool is_shared_here = others.any() && !request.owns();
  const Answer below = answer;
  if (others.any() && ask(request, others, owner_is_asked, now + lookup_, answer.tick)) {
    ++remote_dirty;
    const bool keeps = request.want == Want::Permission || (forward && request.owns());
    if (!forward && request.want != Want::Permission) answer.tick += remote_dirty_;
    if (request.owns() ? !keeps : !moesi_) write_below(request, now);
  }
  if (forward) {
    ++forwards;
    bytes_forwarded += request.size;
  }
  remember(request, from, below, is_shared_here, forward, now);
  answer.shared |= is_shared_here;
  if (from.is_code) {
    answer.shared = true;  // it will not write
    answer.dirty = false;
  }
  return answer;
}

Answer Coherence::supply(const Request& request, bool alone, bool forward, Tick now) {
  if (!forward && request.want != Want::Permission) return next_.submit(request, now);
  Answer answer = Answer::done(now + (forward ? forward_ : upgrade_));
  if (request.owns() && !alone) {
    Request permission = request;
    permission.want = Want::Permission;
    const Answer below = next_.submit(permission, now + (forward ? 0 : upgrade_));
    if (below.is_refused()) return Answer::refused(below.tick - (forward ? 0 : upgrade_));
    answer.tick = std::max(answer.tick, below.tick);
  }
  return answer;
}

bool Coherence::ask(const Request& request, const Others& others, bool owner_is_asked, Tick now,
                    Tick& done) {
  if (!request.owns()) {
    shared_reads += static_cast<u64>(std::popcount(others.data) + std::popcount(others.code));
    if (!owner_is_asked) return false;
    Entry* const entry = entries_.find(number(request.address));
    ORRERY_CHECK(entry && entry->owner != no_owner, "{}: {:#x} has been taken while it is asked for", path(),
                 request.address.value());
    const bool dirty =
        ask_one(*data_[entry->owner], request.address, moesi_ ? Snoop::Own : Snoop::Share, now, done);
    if (!dirty || !moesi_) entry->owner = no_owner;
    return dirty;
  }
  bool dirty = false;
  const auto take = [&](u64 holders, const std::vector<std::unique_ptr<Port>>& ports) {
    for (; holders; holders &= holders - 1) {
      ++takes;
      dirty |= ask_one(*ports[static_cast<unsigned>(std::countr_zero(holders))], request.address,
                       Snoop::Take, now, done);
    }
  };
  take(others.data, data_);
  take(others.code, code_);
  return dirty;
}

bool Coherence::ask_one(const Port& port, PhysAddr line, Snoop how, Tick now, Tick& done) {
  const bool dirty = port.child->snoop(line, how);
  if (port.network) {
    const NetworkEnd home = port.network->home(line);
    const Tick there = port.network->send(home, port.stop, Interconnect::header, now, true);
    const u64 size = Interconnect::header + (dirty ? shape_.line_size : 0);
    done = std::max(done, port.network->send(port.stop, home, static_cast<u32>(size), there, true));
  }
  return dirty;
}

// The entry may have moved since submit() looked: the level below may have recalled other lines.
void Coherence::remember(const Request& request, const Port& from, const Answer& below,
                         bool is_shared_here, bool forward, Tick now) {
  const u64 line = number(request.address);
  Entry* entry = entries_.find(line);
  if (request.owns() && entry) {
    entry->data &= from.is_code ? 0 : from.bit;
    entry->code &= from.is_code ? from.bit : 0;
    if (entry->owner != from.index) entry->owner = no_owner;
  }
  if (from.is_code && below.dirty) write_below(request, now);
  if (request.want == Want::Access) {
    if (entry && (entry->data | entry->code) == 0) {
      entries_.erase(line);
      if (shape_.hears_victims) {
        Request victim = request;
        victim.kind = RequestKind::Writeback;
        victim.address = PhysAddr{line << line_bits_};
        victim.size = static_cast<u32>(shape_.line_size);
        victim.clean = true;
        next_.evict(victim, now);
      }
    }
    return;
  }
  if (from.is_code && !tracks_code_) return;
  if (!entry) entry = &entries_.at(line);
  (from.is_code ? entry->code : entry->data) |= from.bit;
  if (request.owns()) {
    entry->owner = from.index;
    entry->alone = true;
    return;
  }
  if (!forward) entry->alone = shape_.is_last || !below.shared;
  if (!from.is_code && (below.dirty || !(is_shared_here || below.shared))) entry->owner = from.index;
}

void Coherence::write_below(const Request& request, Tick now) {
  Request writeback = request;
  writeback.kind = RequestKind::Writeback;
  writeback.want = Want::Access;
  bytes_written += writeback.size;
  next_.submit(writeback, now);
}

Tick Coherence::evict(const Request& victim, const Port& from, Tick now) {
  if (from.is_code && !tracks_code_) return now;
  const u64 line = number(victim.address);
  Request below = victim;
  if (Entry* entry = entries_.find(line)) {
    (from.is_code ? entry->code : entry->data) &= ~from.bit;
    if (!from.is_code && entry->owner == from.index) entry->owner = no_owner;
    if ((entry->data | entry->code) != 0) return victim.clean ? now : next_.submit(victim, now).tick;
    below.shared = !entry->alone;
    entries_.erase(line);
  }
  return !victim.clean || shape_.hears_victims ? next_.evict(below, now) : now;
}

// --- from below -------------------------------------------------------------------------------------

bool Coherence::snoop(PhysAddr line, Snoop how) {
  Entry* entry = entries_.find(number(line));
  if (!entry) return false;
  bool dirty = false;
  if (how == Snoop::Take) {
    ++recalls;
    for (u64 left = entry->data; left; left &= left - 1)
      dirty |= data_[static_cast<unsigned>(std::countr_zero(left))]->child->snoop(line, how);
    for (u64 left = entry->code; left; left &= left - 1)
      dirty |= code_[static_cast<unsigned>(std::countr_zero(left))]->child->snoop(line, how);
    entries_.erase(number(line));
    return dirty;
  }
  entry->alone = false;
  if (entry->owner == no_owner) return false;
  dirty = data_[entry->owner]->child->snoop(line, how);
  if (!dirty || how == Snoop::Share) entry->owner = no_owner;
  return dirty;
}

bool Coherence::holds_dirty(PhysAddr line) const {
  const Entry* entry = find(line);
  return entry && entry->owner != no_owner && data_[entry->owner]->child->holds_dirty(line);
}

// --- state ------------------------------------------------------------------------------------------

void Coherence::state(Archive& a) {
  std::vector<u64> lines, data, code;
  std::vector<u8> owners, alone;
  entries_.for_each([&](u64 line, const Entry&) { lines.push_back(line); });
  std::sort(lines.begin(), lines.end());
  for (const u64 line : lines) {
    const Entry& entry = *entries_.find(line);
    data.push_back(entry.data);
    code.push_back(entry.code);
    owners.push_back(entry.owner);
    alone.push_back(entry.alone);
  }
  constexpr std::size_t most = std::size_t{1} << 22;  // lines of 256MiB of caches
  a.resizable("lines", lines, most);
  const std::size_t count = lines.size();
  a.resizable("data", data, count);
  a.resizable("code", code, count);
  a.resizable("owners", owners, count);
  a.resizable("alone", alone, count);
  if (!a.is_loading()) return;

  a.require(data.size() == count && code.size() == count && owners.size() == count && alone.size() == count,
            "lines", "not as many as there are entries");
  const auto bits_of = [](std::size_t children) {
    return children == most_children ? ~u64{0} : (u64{1} << children) - 1;
  };
  entries_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    a.require((i == 0 || lines[i - 1] < lines[i]) && lines[i] <= ~u64{0} >> line_bits_, "lines",
              "not in order, or beyond any address");
    a.require((data[i] & ~bits_of(data_.size())) == 0 && (data[i] | code[i]) != 0, "data",
              "a cache that does not exist");
    a.require((code[i] & ~bits_of(tracks_code_ ? code_.size() : 0)) == 0, "code",
              "a cache that does not exist");
    a.require(owners[i] == no_owner || (owners[i] < data_.size() && (data[i] >> owners[i] & 1) != 0),
              "owners", "an owner that does not hold its line");
    a.require(alone[i] <= 1 && (alone[i] || !shape_.is_last), "alone", "no answer to the question");
    entries_.at(lines[i]) = {data[i], code[i], owners[i], alone[i] != 0};
  }
}

}  // namespace orrery
