#include "cpu/arch/csr.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/archive.h"
#include "base/bits.h"
#include "base/error.h"
#include "cpu/arch/hart.h"

namespace orrery {
namespace {

using enum Extension;

// Everything an S-mode handler can take; ecall from M never comes from below (II, 3.1.8).
constexpr u64 delegable_exceptions = 0xb3ff;

bool fp_usable(const Hart& h) { return h.config.has(F) && (h.csr.mstatus & mstatus::FS); }

u64 counter_mask(const Hart& h) {
  return 7 | ((u64{1} << (h.config.hpm_counters + 3)) - 8);
}

// mcounteren and scounteren gate the unprivileged counters (II, 3.1.11, 12.1.5).
bool counter_visible(const Hart& h, u32 index) {
  const u64 which = u64{1} << index;
  if (h.privilege == Privilege::Machine) return true;
  if (!(h.csr.mcounteren & which)) return false;
  return h.privilege == Privilege::Supervisor || !h.config.has(S) || (h.csr.scounteren & which);
}

// II, 10.1 (Sstc): menvcfg.STCE and mcounteren.TM open stimecmp to S mode.
bool stimecmp_usable(const Hart& h) {
  if (!h.config.has(Sstc)) return false;
  return h.privilege == Privilege::Machine ||
         ((h.csr.menvcfg & envcfg::STCE) && (h.csr.mcounteren & 2));
}

bool satp_usable(const Hart& h) {
  return !(h.privilege == Privilege::Supervisor && (h.csr.mstatus & mstatus::TVM));
}

u64 epc_mask(const Hart& h) { return h.config.has(C) ? ~u64{1} : ~u64{3}; }

u64 interrupt_mask(const Hart& h) {
  u64 mask = interrupt::MSI | interrupt::MTI | interrupt::MEI;
  if (h.config.has(S)) mask |= interrupt::SSI | interrupt::STI | interrupt::SEI;
  if (h.config.has(Sscofpmf)) mask |= interrupt::LCOFI;
  return mask;
}

u64 delegable_interrupts(const Hart& h) {
  return interrupt_mask(h) & ~(interrupt::MSI | interrupt::MTI | interrupt::MEI);
}

// With Sstc switched on, STIP is read-only: it shows stimecmp (II, 10.2).
u64 mip_write(const Hart& h) {
  u64 mask = interrupt::SSI | interrupt::SEI | interrupt::LCOFI | interrupt::STI;
  if (h.csr.menvcfg & envcfg::STCE) mask &= ~interrupt::STI;
  return mask & interrupt_mask(h);
}
u64 sip_write(const Hart& h) { return (interrupt::SSI | interrupt::LCOFI) & interrupt_mask(h); }

u64 read_status(const Hart& h) {
  u64 value = h.csr.mstatus;
  if (h.fs_dirty) value |= mstatus::FS;
  if ((value & mstatus::FS) == mstatus::FS) value |= mstatus::SD;
  return value;
}

void write_status(Hart& h, u64 v) {
  u64 mask = mstatus::MIE | mstatus::MPIE | mstatus::MPP;
  if (h.config.has(U)) mask |= mstatus::MPRV | mstatus::TW;
  if (h.config.has(S)) mask |= mstatus::supervisor_write | mstatus::TVM | mstatus::TSR;
  if (h.config.has(F)) mask |= mstatus::FS;
  // MPP holds only modes that exist (WARL).
  const u64 mpp = bits(v, 11, 2);
  const bool legal = mpp == 3 || (mpp == 1 && h.config.has(S)) || (mpp == 0 && h.config.has(U));
  if (!legal) mask &= ~mstatus::MPP;
  h.csr.mstatus = merge(h.csr.mstatus, v, mask);
  h.fs_dirty = false;  // FS says it now
  h.mmu.update_context();
}

u64 write_envcfg(const Hart& h, u64 old, u64 v, bool machine) {
  u64 mask = envcfg::FIOM;
  if (h.config.has(Zicbom)) {
    mask |= envcfg::CBCFE;
    if (bits(v, 4, 2) != 2) mask |= envcfg::CBIE;  // 2 is reserved
  }
  if (h.config.has(Zicboz)) mask |= envcfg::CBZE;
  if (machine) {
    if (h.config.has(Sstc)) mask |= envcfg::STCE;
    if (h.config.has(Svpbmt)) mask |= envcfg::PBMTE;
    if (h.config.has(Svadu)) mask |= envcfg::ADUE;
  }
  return merge(old, v, mask);
}

void write_stimecmp(Hart& h, u64 v) {
  h.csr.stimecmp = v;
  h.arm_timer();
}

void apply_menvcfg(Hart& h) {
  if (h.csr.menvcfg & envcfg::STCE) h.csr.mip_software &= ~interrupt::STI;
  h.arm_timer();
  h.mmu.protection_changed();
}

// An unsupported mode leaves satp as it was (II, 12.1.11).
void write_satp(Hart& h, u64 v) {
  const u64 mode = v >> 60;
  const u64 highest = static_cast<u64>(h.config.satp);
  if (mode != 0 && (mode < 8 || mode > highest)) return;
  if (mode == 0) v = 0;  // II, 12.1.11: with Bare the other fields are to be zero
  h.csr.satp = v;
  h.mmu.update_context();
}

u64 read_pmpcfg(const Hart& h, u32 n) {
  u64 value = 0;
  for (u32 i = 0; i < 8; ++i) value |= u64{h.csr.pmpcfg[n * 4 + i]} << (8 * i);
  return value;
}

void write_pmpcfg(Hart& h, u32 n, u64 v) {
  for (u32 i = 0; i < 8 && n * 4 + i < h.config.pmp_entries; ++i) {
    u8& cfg = h.csr.pmpcfg[n * 4 + i];
    if (cfg & 0x80) continue;  // locked until reset
    u8 next = static_cast<u8>(v >> (8 * i)) & 0x9f;
    if ((next & 3) == 2) next &= 0xfc;  // W without R is reserved; translated code counts on that
    cfg = next;
  }
  h.mmu.protection_changed();
}

void write_pmpaddr(Hart& h, u32 n, u64 v) {
  const auto& cfg = h.csr.pmpcfg;
  const bool next_tor = n + 1 < h.config.pmp_entries && (cfg[n + 1] & 0x80) && (cfg[n + 1] >> 3 & 3) == 1;
  if ((cfg[n] & 0x80) || next_tor) return;
  h.csr.pmpaddr[n] = v & ((u64{1} << 54) - 1);
  h.mmu.protection_changed();
}

// --- counters ---------------------------------------------------------------------------------------

constexpr u64 event_overflow = u64{1} << 63, event_minh = u64{1} << 62, event_sinh = u64{1} << 61,
              event_uinh = u64{1} << 60;
constexpr u64 event_filters = event_minh | event_sinh | event_uinh;
constexpr u64 event_selector = 0xffffff;

// What mhpmcounter `index` counts.
std::optional<Event> counted_event(const Hart& h, u32 index) {
  return event_of(h.csr.mhpmevent[index] & event_selector);
}

u64 counter_source(const Hart& h, u32 index) {
  if (index == 0) return h.cycle_counter();
  if (index == 2) return h.retired();
  const auto event = counted_event(h, index);
  if (!event) return 0;
  if (*event == Event::Cycles) return h.cycle_counter();
  if (*event == Event::Instructions) return h.retired();
  return h.model_events[*event];
}

bool is_model_event(std::optional<Event> event) {
  return event && static_cast<unsigned>(*event) < model_event_count;
}

bool counter_implemented(const Hart& h, u32 index) { return index < 3 + h.config.hpm_counters; }

bool is_running(const Hart& h, u32 index) { return h.csr.running >> index & 1; }

// Calls act(index) for each programmable counter that runs.
template <class Act>
void for_each_running(const Hart& h, Act&& act) {
  for (u32 left = h.csr.running & ~u32{7}; left != 0; left &= left - 1)
    act(static_cast<u32>(std::countr_zero(left)));
}

void set_running(Hart& h, u32 index, bool run) {
  const u32 mask = u32{1} << index;
  h.csr.running = run ? h.csr.running | mask : h.csr.running & ~mask;
}

void note_filters(Hart& h, u32 index) {
  const u32 mask = u32{1} << index;
  const u64 event = h.csr.mhpmevent[index];
  const bool depends = (event & event_selector) && (event & event_filters);
  h.csr.filtered = depends ? h.csr.filtered | mask : h.csr.filtered & ~mask;
}

bool should_run(const Hart& h, u32 index) {
  if (!counter_implemented(h, index) || (h.csr.mcountinhibit >> index & 1)) return false;
  if (index < 3) return true;
  const u64 event = h.csr.mhpmevent[index];
  if ((event & event_selector) == 0) return false;
  const u64 inhibited = h.privilege == Privilege::Machine      ? event_minh
                        : h.privilege == Privilege::Supervisor ? event_sinh
                                                               : event_uinh;
  return !(event & inhibited);
}

// Whether the running instruction, which has not retired yet, is one that counter `index` counts.
u64 this_instruction(const Hart& h, u32 index) {
  return index == 2 || (index > 2 && counted_event(h, index) == Event::Instructions);
}

// From here on the counter counts what its source does. The instruction that sets it going is not
// counted: of a write it is the explicit effect instead of the implicit one (I, 7.1.1), and a return
// belongs to the mode that it leaves.
void set_counter_going(Hart& h, u32 index, CounterChange change) {
  const bool within = change != CounterChange::BetweenInstructions;
  h.csr.counters[index].then = counter_source(h, index) + (within ? this_instruction(h, index) : 0);
}

void write_counter(Hart& h, u32 index, u64 v) {
  if (!counter_implemented(h, index)) return;
  h.csr.counters[index].base = v;
  set_counter_going(h, index, CounterChange::ByWrite);
}

void write_event(Hart& h, u32 index, u64 v) {
  if (!counter_implemented(h, index)) return;
  auto& counter = h.csr.counters[index];
  counter.base = read_counter(h, index);
  u64 mask = event_selector;
  if (h.config.has(Sscofpmf)) mask |= event_overflow | event_filters;
  h.csr.mhpmevent[index] = v & mask;
  note_filters(h, index);
  set_running(h, index, should_run(h, index));
  set_counter_going(h, index, CounterChange::ByWrite);
}

u64 read_scountovf(const Hart& h) {
  u64 value = 0;
  for (u32 i = 3; i < counter_count; ++i)
    if (h.csr.mhpmevent[i] & event_overflow) value |= u64{1} << i;
  // Bits follow mcounteren below M (II, 11.2).
  return h.privilege == Privilege::Machine ? value : value & h.csr.mcounteren;
}

// --- the registers by number ------------------------------------------------------------------------

// A row of csr.def; `n` counts from `first`.
struct Row {
  u32 first, count;
  CsrKind kind;
  bool (*exists)(const Hart& h, u32 n);
  u64 (*read)(Hart& h, u32 n);
  void (*write)(Hart& h, u32 n, u64 v);
};

#define CSR(number, ...) CSR_ARRAY(number, 1, __VA_ARGS__)
#define CSR_ARRAY(first, count, name, kind, exists, read, write)                       \
  {first, count, CsrKind::kind,                                                        \
   []([[maybe_unused]] const Hart& h, [[maybe_unused]] u32 n) -> bool {                \
     return exists;                                                                    \
   },                                                                                  \
   []([[maybe_unused]] Hart& h, [[maybe_unused]] u32 n) -> u64 {                       \
     [[maybe_unused]] const CsrFile& s = h.csr;                                        \
     return read;                                                                      \
   },                                                                                  \
   []([[maybe_unused]] Hart& h, [[maybe_unused]] u32 n, [[maybe_unused]] u64 v) {      \
     [[maybe_unused]] CsrFile& s = h.csr;                                              \
     write;                                                                            \
   }},
#define CSR_STORED(number, name, exists, read, mask) \
  CSR(number, name, Plain, exists, read, s.name = v & (mask))
constexpr Row rows[] = {
#include "cpu/isa/csr.def"
};
#undef CSR
#undef CSR_ARRAY
#undef CSR_STORED

constexpr u8 no_row = 0xff;
static_assert(std::size(rows) < no_row);

constexpr auto row_numbers = [] {
  std::array<u8, 4096> result{};
  result.fill(no_row);
  for (u8 i = 0; i < std::size(rows); ++i)
    for (u32 n = 0; n < rows[i].count; ++n) result[rows[i].first + n] = i;
  return result;
}();

const Row* row_of(u32 number) {
  const u8 row = number < row_numbers.size() ? row_numbers[number] : no_row;
  return row == no_row ? nullptr : &rows[row];
}

}  // namespace

// A counter's value may lie `then` beyond its source right after minstret was written.
u64 read_counter(const Hart& h, u32 index) {
  if (!counter_implemented(h, index)) return 0;
  const HardwareCounter& counter = h.csr.counters[index];
  return is_running(h, index) ? counter.base + (counter_source(h, index) - counter.then) : counter.base;
}

void update_counters(Hart& h, CounterChange change) {
  for (u32 i = 0; i < counter_count; ++i) {
    if (i == 1) continue;
    const bool run = should_run(h, i);
    if (run == is_running(h, i)) continue;
    auto& counter = h.csr.counters[i];
    counter.base = read_counter(h, i);
    if (!run && change == CounterChange::ByReturn) counter.base += this_instruction(h, i);
    set_counter_going(h, i, change);
    set_running(h, i, run);
  }
}

void check_counter_overflow(Hart& h) {
  if (!h.config.has(Sscofpmf)) return;
  h.model_events.clear_alarms();
  for_each_running(h, [&](u32 i) {
    auto& counter = h.csr.counters[i];
    u64& event = h.csr.mhpmevent[i];
    const u64 counted = counter_source(h, i) - counter.then;
    if (counter.base + counted < counter.base) {
      counter.base += counted;
      counter.then += counted;
      if (event & event_overflow) return;
      event |= event_overflow;
      h.csr.mip_software |= interrupt::LCOFI;
    } else if (const auto kind = counted_event(h, i); !(event & event_overflow) && is_model_event(kind)) {
      const u64 left = u64{0} - (counter.base + counted), now = h.model_events[*kind];
      if (left != 0 && now + left > now) h.model_events.alarm(*kind, now + left);
    }
  });
}

u64 steps_to_overflow(const Hart& h, u64 ticks_per_step) {
  u64 nearest = ~u64{0};
  if (!h.config.has(Sscofpmf)) return nearest;
  for_each_running(h, [&](u32 i) {
    if (h.csr.mhpmevent[i] & event_overflow) return;
    const auto kind = counted_event(h, i);
    u64 left = u64{0} - read_counter(h, i);
    if (left == 0 || !kind || is_model_event(kind)) return;  // 0: a full round away
    if (*kind == Event::Cycles)
      left = std::max<u64>(1, left < (u64{1} << 32) ? left * h.clock.period() / ticks_per_step : left);
    nearest = std::min(nearest, left);
  });
  return nearest;
}

std::optional<u64> cycle_of_overflow(const Hart& h) {
  u64 nearest = ~u64{0};
  if (!h.config.has(Sscofpmf)) return {};
  for_each_running(h, [&](u32 i) {
    if ((h.csr.mhpmevent[i] & event_overflow) || counted_event(h, i) != Event::Cycles) return;
    const u64 left = u64{0} - read_counter(h, i);
    if (left != 0) nearest = std::min(nearest, left);  // 0: a full round away
  });
  const u64 now = h.cycle_counter();
  if (nearest == ~u64{0} || now + nearest < now) return {};
  return now + nearest;
}

const CsrStorage* csr_storage(u32 number) {
  static constexpr CsrStorage stored[] = {
#define CSR(...)
#define CSR_ARRAY(...)
#define CSR_STORED(number, name, exists, read, mask) {number, &CsrFile::name, mask},
#include "cpu/isa/csr.def"
#undef CSR
#undef CSR_ARRAY
#undef CSR_STORED
  };
  const auto found = std::find_if(std::begin(stored), std::end(stored),
                                  [number](const CsrStorage& s) { return s.number == number; });
  return found == std::end(stored) ? nullptr : found;
}

std::optional<CsrKind> csr_access(const Hart& h, u32 number, bool write) {
  // II, 2.1: bits 11:10 = 3 is read-only, bits 9:8 the lowest privilege.
  if (write && bits(number, 10, 2) == 3) return {};
  if (h.privilege < csr_privilege(number)) return {};
  const Row* row = row_of(number);
  if (!row || !row->exists(h, number - row->first)) return {};
  return row->kind;
}

u64 csr_read(Hart& h, u32 number) {
  const Row* row = row_of(number);
  return row ? row->read(h, number - row->first) : 0;
}

void csr_write(Hart& h, u32 number, u64 v) {
  if (const Row* row = row_of(number)) row->write(h, number - row->first, v);
}

void reset_csrs(Hart& h) {
  h.csr = CsrFile{};
  h.csr.mstatus = (h.config.has(U) ? u64{2} << 32 : 0) | (h.config.has(S) ? u64{2} << 34 : 0) |
                  (h.config.has(U) ? 0 : mstatus::MPP);
  if (h.config.adue && h.config.has(Svadu)) h.csr.menvcfg |= envcfg::ADUE;
  update_counters(h, CounterChange::BetweenInstructions);
  for (u32 i = 0; i < counter_count; ++i) h.csr.counters[i].then = counter_source(h, i);
}

void csr_state(Hart& h, Archive& a) {
  CsrFile& s = h.csr;
  a("mstatus", s.mstatus);
  a("medeleg", s.medeleg);
  a("mideleg", s.mideleg);
  a("mie", s.mie);
  a("mip_software", s.mip_software);
  a("mip_wires", s.mip_wires);
  a("mtvec", s.mtvec);
  a("mcounteren", s.mcounteren);
  a("mcountinhibit", s.mcountinhibit);
  a("mscratch", s.mscratch);
  a("mepc", s.mepc);
  a("mcause", s.mcause);
  a("mtval", s.mtval);
  a("menvcfg", s.menvcfg);
  a("senvcfg", s.senvcfg);
  a("stvec", s.stvec);
  a("scounteren", s.scounteren);
  a("sscratch", s.sscratch);
  a("sepc", s.sepc);
  a("scause", s.scause);
  a("stval", s.stval);
  a("satp", s.satp);
  const u64 mode = s.satp >> 60;
  if (mode != 0 && (mode < 8 || mode > static_cast<u64>(h.config.satp)))
    config_error("checkpoint: {}.csr.satp: this machine has no translation mode {}", h.path(), mode);
  a("stimecmp", s.stimecmp);
  a("pmpcfg", s.pmpcfg);
  a("pmpaddr", s.pmpaddr);
  a("mhpmevent", s.mhpmevent);
  // Counters are saved by value: sources differ between models and clocks, values go on.
  std::array<u64, counter_count> values{};
  for (u32 i = 0; i < counter_count; ++i) values[i] = i == 1 ? 0 : read_counter(h, i);
  a("counters", values);
  if (!a.is_loading()) return;
  for (u32 i = 0; i < counter_count; ++i) {
    s.counters[i] = {values[i], 0};
    note_filters(h, i);
  }
  s.running = 0;
}

}  // namespace orrery
