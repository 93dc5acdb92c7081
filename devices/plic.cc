#include "devices/plic.h"

#include <array>
#include <bit>

#include "base/error.h"

namespace orrery {
namespace {

// Bits of sources that exist: source 0 does not.
constexpr u32 existing(u32 word) {
  u32 mask = 0;
  for (u32 i = 0; i < 32; ++i) {
    const u32 source = 32 * word + i;
    if (source >= 1 && source <= Plic::sources) mask |= u32{1} << i;
  }
  return mask;
}

bool test(const std::vector<u32>& set, u32 source) { return bit(set[source / 32], source % 32); }

void put(std::vector<u32>& set, u32 source, bool value) {
  const u32 mask = u32{1} << source % 32;
  set[source / 32] = value ? set[source / 32] | mask : set[source / 32] & ~mask;
}

}  // namespace

std::span<const Register<Plic>> Plic::map() {
  static const Register<Plic> rows[] = {
      {0x4, "priority", &Plic::priority_, 0, 7, nullptr, &Plic::write_priority_or_threshold},
      {0x1000, "pending", &Plic::pending_},
      Register<Plic>{0x2000, "enable", &Plic::enable_, 0, ~u32{0}, nullptr, &Plic::write_enable}
          .every(0x80, words),
      Register<Plic>{0x200000, "threshold", &Plic::threshold_, 0, 7, nullptr,
                     &Plic::write_priority_or_threshold}
          .every(0x1000),
      Register<Plic>{0x200004, "claim", Width{4}, 0, 0, &Plic::claim, &Plic::complete}
          .every(0x1000)
          .times(&Plic::contexts_),
      {no_offset, "level", &Plic::level_},
      {no_offset, "in_service", &Plic::in_service_},
  };
  return rows;
}

Plic::Plic(Component* parent, std::string name, u32 harts)
    : RegisterDevice(parent, std::move(name)),
      priority_(sources),
      pending_(words),
      level_(words),
      in_service_(words),
      enable_(std::size_t{2} * harts * words),
      threshold_(std::size_t{2} * harts),
      outputs_(std::size_t{2} * harts),
      contexts_(2 * harts) {
  ORRERY_CHECK(harts <= most_harts, "{}: {} harts", path(), harts);
}

void Plic::reset() {
  RegisterDevice::reset();
  update_outputs();
}

void Plic::set_wire(u32 index, bool level) {
  ORRERY_CHECK(index >= 1 && index <= sources, "{}: no source {}", path(), index);
  if (test(level_, index) == level) return;
  put(level_, index, level);
  sample(index);
}

void Plic::sample(u32 source) {
  if (!test(level_, source) || test(in_service_, source) || test(pending_, source)) return;
  put(pending_, source, true);
  update_outputs();
}

u32 Plic::best(u32 context, u32 threshold) const {
  u32 result = 0;
  u32 highest = threshold;
  for (u32 word = 0; word < words; ++word) {
    u32 candidates = pending_[word] & enable_[context * words + word] & existing(word);
    for (; candidates; candidates &= candidates - 1) {
      const u32 source = 32 * word + static_cast<u32>(std::countr_zero(candidates));
      if (priority_[source - 1] <= highest) continue;
      highest = priority_[source - 1];
      result = source;
    }
  }
  return result;
}

void Plic::update_outputs() {
  for (u32 context = 0; context < contexts_; ++context)
    outputs_[context].set(best(context, threshold_[context]) != 0);
}

void Plic::write_priority_or_threshold(const RegisterAccess&) { update_outputs(); }

void Plic::write_enable(const RegisterAccess& access) {
  enable_[access.index] &= existing(access.index % words);
  update_outputs();
}

// Claiming looks at priorities, not at the threshold (chapter 8).
u64 Plic::claim(const RegisterAccess& access) {
  const u32 source = best(access.index, 0);
  if (source == 0) return 0;
  put(pending_, source, false);
  put(in_service_, source, true);
  update_outputs();
  return source;
}

// A completion of what is not enabled for the context is ignored (chapter 9).
void Plic::complete(const RegisterAccess& access) {
  const u64 source = access.value;
  if (source < 1 || source > sources) return;
  const u32 word = access.index * words + static_cast<u32>(source / 32);
  if (!bit(enable_[word], source % 32)) return;
  put(in_service_, static_cast<u32>(source), false);
  sample(static_cast<u32>(source));
}

DeviceTree::Node& Plic::describe(const DeviceSite& site) const {
  DeviceTree::Node& node = describe_as(site, "plic");
  node.strings("compatible", {"sifive,plic-1.0.0", "riscv,plic0"})
      .flag("interrupt-controller")
      .cells("#interrupt-cells", {1})
      .cells("#address-cells", {0})
      .cells("riscv,ndev", {sources});
  connect_to_harts(site, node, std::array{u32{11}, u32{9}});
  return node;
}

}  // namespace orrery
