#include "models/warm/warmer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bits.h"
#include "base/error.h"
#include "memory/ram.h"
#include "memory/tlb_path.h"
#include "models/timing/describe.h"

namespace orrery {
namespace {

constexpr u64 nowhere = 1;           // odd: no pc
constexpr std::size_t batch = 256;   // branches handed on at a time
constexpr u64 notes_per_branch = 3;  // of 32 bits, at most

}  // namespace

struct Warmer::Seat {
  Seat(Hart& h, Hierarchy& hierarchy) : hart(h), ports(hierarchy.ports(h.id)) {
    notes.resize(most_noted * notes_per_branch);
    hart.warm = WarmFilter();
    hart.warm.notes = notes.data();
  }

  void forget_pages() {
    hart.warm.data_page = hart.warm.second_page = hart.warm.fetch_page = told_page = LineFilter::none;
  }

  Hart& hart;
  const Hierarchy::Ports ports;
  Tick now;                        // of the last access, which may have been repeated until then
  u64 expected = nowhere;          // where execution runs on
  u64 fetch_space = ~u64{0};       // of the hart's MMU, at the last begin()
  u64 told_page = LineFilter::none;  // the data page that the TLB was asked for last ...
  u32 data_space = SpaceId::untranslated;  // ... and the space that it is in
  u64 page = 0;                    // of the code that notes
  std::vector<u32> notes;          // up to hart.warm.notes
  std::array<WarmBranch, batch> branches;
  std::size_t filled = 0;          // of these
};

Warmer::Warmer(const std::vector<Hart*>& harts, Hierarchy& hierarchy, const Ram& ram, WarmSink* sink)
    : ram_(ram), sink_(sink), sites_(1) {
  const u64 to_host = reinterpret_cast<u64>(ram.host(ram.base())) - ram.base().value();
  for (Hart* hart : harts) {
    seats_.push_back(std::make_unique<Seat>(*hart, hierarchy));
    const Hierarchy::Ports& ports = seats_.back()->ports;
    ports.l1i.publish(&hart->warm.fetches, nullptr, 0);
    ports.l1d.publish(&hart->warm.loads, &hart->warm.stores, to_host);
  }
}

Warmer::~Warmer() {
  for (auto& seat : seats_) {
    seat->ports.l1i.publish(nullptr, nullptr, 0);
    seat->ports.l1d.publish(nullptr, nullptr, 0);
    seat->hart.warm = WarmFilter();
  }
}

const Cache& Warmer::l1i(HartId hart) const { return seats_[hart]->ports.l1i; }
const Cache& Warmer::l1d(HartId hart) const { return seats_[hart]->ports.l1d; }

PhysAddr Warmer::physical(const u8* host) const {
  return ram_.base() + static_cast<u64>(host - ram_.host(ram_.base()));
}

void Warmer::begin(Hart& hart, u64 pc) {
  Seat& seat = *seats_[hart.id];
  if (seat.fetch_space != hart.mmu.fetch_space()) {
    // The inline TLB's contexts may have begun again.
    tell_page(seat);
    seat.fetch_space = hart.mmu.fetch_space();
    seat.forget_pages();
  }
  if (pc != seat.expected) restart(hart, pc);
  seat.expected = pc;
}

void Warmer::end(Hart& hart, u64 next_pc) { seats_[hart.id]->expected = next_pc; }

// Repeats a request until it is taken.
void Warmer::submit(Seat& seat, Cache& cache, const Request& request) {
  ++accesses_;
  Answer answer = cache.submit(request, seat.now);
  while (answer.is_refused()) {
    seat.now = answer.tick;
    answer = cache.submit(request, seat.now);
  }
  ORRERY_CHECK(answer.is_done(), "hart {}: an answer is pending", seat.hart.id);
}

// Asks the TLBs and, where they miss, walks the tables.
void Warmer::translate(Seat& seat, TimingTlb& tlb, u32 space, u64 address, bool fetch, u64 pc) {
  if (space == SpaceId::untranslated || tlb.lookup(address, space)) return;
  Mmu::Probe found;
  const bool second_level = fill_tlb(seat.ports, tlb, address, space, found, [&] {
    return seat.hart.mmu.probe(address, fetch ? AccessKind::Fetch : AccessKind::Load);
  });
  if (second_level) return;
  Request request;
  request.pc = pc;
  request.hart = seat.hart.id;
  request.kind = RequestKind::Walk;
  for (u32 i = 0; i < found.count; ++i) {
    request.address = found.entries[i];
    submit(seat, seat.ports.l1d, request);
  }
}

// Translated code may have exchanged the two pages asked for last, any number of times: under every
// replacement policy that comes to one lookup of the one that is first now.
void Warmer::tell_page(Seat& seat) {
  const u64 page = seat.hart.warm.data_page;
  if (page == seat.told_page) return;
  seat.told_page = page;
  if (seat.data_space != SpaceId::untranslated)
    seat.ports.dtlb.lookup(align_down(page, page_size), seat.data_space);
}

void Warmer::translate_data(Seat& seat, u64 address, u64 pc) {
  tell_page(seat);
  WarmFilter& filter = seat.hart.warm;
  TimingTlb& dtlb = seat.ports.dtlb;
  const u32 space = space_of(seat.hart).data;
  const u64 context = *seat.hart.mmu.inline_context();
  const u64 page = align_down(address, page_size) | context;
  translate(seat, dtlb, space, address, false, pc);
  const bool translated = space != SpaceId::untranslated;
  if (page != filter.data_page) {
    const u64 before = filter.data_page;
    const bool stays = before != LineFilter::none && before % page_size == context &&
                       (!translated || dtlb.holds(align_down(before, page_size), space));
    filter.second_page = stays ? before : LineFilter::none;
  }
  filter.data_page = page;
  if (translated && !dtlb.needs_no_lookup(address, space))
    filter.data_page = filter.second_page = LineFilter::none;
  seat.told_page = filter.data_page;
  seat.data_space = space;
}

void Warmer::fetch_line(Hart& hart, u64 pc, PhysAddr physical, Tick now) {
  Seat& seat = *seats_[hart.id];
  Cache& cache = seat.ports.l1i;
  seat.now = std::max(seat.now, now);
  const u32 space = space_of(hart).fetch;
  translate(seat, seat.ports.itlb, space, pc, true, pc);
  const bool settled = space == SpaceId::untranslated || seat.ports.itlb.needs_no_lookup(pc, space);
  hart.warm.fetch_page = settled ? align_down(pc, page_size) : LineFilter::none;
  Request request;
  request.address = PhysAddr{align_down(physical.value(), cache.line_size())};
  request.pc = align_down(pc, cache.line_size());
  request.size = static_cast<u32>(cache.line_size());
  request.hart = hart.id;
  request.kind = RequestKind::Fetch;
  submit(seat, cache, request);
}

void Warmer::fetch(Hart& hart, u64 pc, PhysAddr physical, u8 length, Tick now) {
  fetch_line(hart, pc, physical, now);
  const u64 line = seats_[hart.id]->ports.l1i.line_size();
  const u64 last = align_down(pc + length - 1, line);
  if (last == align_down(pc, line)) return;
  // The rest of it is in the next line, perhaps on another page.
  if (last % page_size != 0) {
    fetch_line(hart, last, physical + (last - pc), now);
  } else if (const auto second = hart.mmu.probe(last, AccessKind::Fetch).physical) {
    fetch_line(hart, last, *second, now);
  }
}

void Warmer::data_page(Hart& hart, u64 pc, u64 address, Tick now) {
  Seat& seat = *seats_[hart.id];
  seat.now = std::max(seat.now, now);
  translate_data(seat, address, pc);
}

void Warmer::data_line(Hart& hart, const WarmAccess& access, Tick now) {
  Seat& seat = *seats_[hart.id];
  seat.now = std::max(seat.now, now);
  Request request;
  request.address = access.physical;
  request.pc = access.pc;
  request.size = access.size;
  request.hart = hart.id;
  request.kind = access.kind;
  submit(seat, seat.ports.l1d, request);
}

void Warmer::access(Hart& hart, const WarmAccess& access, Tick now) {
  data_page(hart, access.pc, access.address, now);
  const u64 last = access.address + access.size - 1;
  if (last / page_size != access.address / page_size) data_page(hart, access.pc, last, now);
  if (!access.is_device) data_line(hart, access, now);
}

void Warmer::flush_instructions(Hart& hart) { seats_[hart.id]->ports.l1i.fence_i(); }

void Warmer::flush_tlbs(Hart& hart) {
  orrery::flush_tlbs(seats_[hart.id]->ports);
  seats_[hart.id]->forget_pages();
  hart.warm.fetches.clear();  // translated code looks at the page as it enters it only
}

void Warmer::add_figures(std::vector<HostFigure>& figures) const {
  figures.push_back({"warm_accesses", accesses_});
  figures.push_back({"warm_branches", branches_});
}

// --- branches ---------------------------------------------------------------------------------------

void Warmer::flush(Seat& seat) {
  if (seat.filled == 0) return;
  branches_ += seat.filled;
  if (sink_) sink_->train(seat.hart.id, {seat.branches.data(), seat.filled});
  seat.filled = 0;
}

void Warmer::branch(Hart& hart, const WarmBranch& branch) {
  Seat& seat = *seats_[hart.id];
  if (hart.warm.notes != seat.notes.data()) read_notes(seat);
  seat.branches[seat.filled++] = branch;
  if (seat.filled == batch) flush(seat);
}

void Warmer::restart(Hart& hart, u64 pc) {
  WarmBranch here;
  here.pc = here.next = pc;
  branch(hart, here);
}

u32 Warmer::add_site(const WarmSite& site) {
  sites_.push_back(site);
  return static_cast<u32>(sites_.size() - 1);
}

void Warmer::clear_sites() {
  for (auto& seat : seats_) read_notes(*seat);
  sites_.resize(1);
}

void Warmer::begin_notes(Hart& hart, u64 pc) { seats_[hart.id]->page = align_down(pc, page_size); }

void Warmer::end_notes(Hart& hart) { read_notes(*seats_[hart.id]); }

void Warmer::read_notes(Seat& seat) {
  const u32* const end = seat.hart.warm.notes;
  const u32* note = seat.notes.data();
  u64 page = seat.page;
  while (note != end) {
    const u32 word = *note++;
    const u32 number = word >> 1;
    if (number == next_page) {
      page += page_size;
      continue;
    }
    const WarmSite& site = sites_[number];
    WarmBranch& branch = seat.branches[seat.filled++];
    branch.pc = page + site.offset;
    branch.target = page + static_cast<u64>(site.target);
    if (site.computed) {
      std::memcpy(&branch.target, note, sizeof branch.target);
      note += 2;
    }
    branch.footprint = site.footprint;
    // Without a jump, which the host would predict badly.
    const u64 behind = branch.pc + site.footprint.length;
    branch.next = behind ^ ((behind ^ branch.target) & (0 - u64{word & 1}));
    page = align_down(branch.next, page_size);
    if (seat.filled == batch) flush(seat);
  }
  seat.page = page;
  seat.hart.warm.notes = seat.notes.data();
}

void Warmer::settle() {
  for (auto& seat : seats_) {
    read_notes(*seat);
    flush(*seat);
    tell_page(*seat);
    seat->forget_pages();
    seat->expected = nowhere;
    seat->fetch_space = ~u64{0};
    seat->now = Tick{};
  }
}

}  // namespace orrery
