// The guests of these tests: the bare-metal program tests/guest/bare/harts.c and stock Linux, each
// on a machine that keeps what it prints.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/archive.h"
#include "base/json.h"
#include "base/statistics.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/digest.h"
#include "devices/char_sink.h"
#include "frontend/description.h"
#include "models/machine.h"
#include "tests/environment.h"

namespace orrery {

// A machine, what it is made of and what its console has said.
struct GuestMachine final : CharSink {
  explicit GuestMachine(const Json& description) : source(description) { build(); }
  GuestMachine(const GuestMachine&) = delete;
  GuestMachine& operator=(const GuestMachine&) = delete;

  void put(u8 byte) override { console += static_cast<char>(byte); }

  // As built: to restore into. The console's text stays.
  void build() {
    machine = std::make_unique<Machine>(read_machine(source, &resolved, &fixed));
    machine->board().uart().set_sink(this);
  }

  Json source, resolved;
  std::vector<std::string> fixed;
  std::unique_ptr<Machine> machine;
  std::string console;
};

inline std::string harts_program() { return ORRERY_BARE_GUESTS "/harts"; }

inline Json harts_description(const std::string& model, u32 harts) {
  return {{"machine",
           {{"harts", harts},
            {"memory", "4MiB"},
            {"cpu", model},
            {"direct", {{"translate_after", 0}}},  // rather than interpret the beginning of everything
            {"boot", {{"kernel", harts_program()}}}}}};
}

inline Json linux_description(const std::string& model, u32 harts) {
  Json description = read_description(ORRERY_SOURCE_DIR "/configs/linux.json");
  set_value(description, "machine.cpu", model);
  set_value(description, "machine.harts", harts);
  set_value(description, "machine.boot.command", "echo so be it");
  return description;
}

// Why a guest cannot be had here; empty when it can.
inline std::string no_harts_program() {
  return std::filesystem::exists(harts_program()) ? "" : "there is no cross compiler for RISC-V";
}
inline std::string no_linux() {
  return std::filesystem::exists(cache_directory() + "/guests/linux/kernel")
             ? ""
             : "the guest images are not in the cache; see configs/guests/guest.sh";
}

#define SKIP_WITHOUT(reason) \
  if (const std::string why = reason; !why.empty()) GTEST_SKIP() << why

inline std::string harts_console(u64 harts) {
  const u64 each = 24 * 64;
  return fmt::format(
      "{} harts, {} by reservation, {} by amo, {} and {} under the lock, {} interrupts\ngood\n", harts,
      each * harts * (harts + 1) / 2, 24 * harts * 64 * 63 / 2, each * harts, each * harts / 2, 24 * harts);
}

// Of everything that a checkpoint holds, timing state included.
inline std::string whole_digest(Machine& machine) {
  const std::string architectural = machine_digest(machine);
  return architectural + " " + digest_of(Json::to_cbor(save_tree(machine, true))).hex();
}

}  // namespace orrery
