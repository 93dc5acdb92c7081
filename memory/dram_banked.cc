// DRAM with channels and banks under an open-page policy. Each bank keeps its row open until another
// is asked for; requests are served in the order of their arrival, limited by their bank and by the
// data bus of their channel. JEDEC's names for the times.
//
//   open row                      tCL | tBURST
//   no row open            tRCD | tCL | tBURST
//   another row open  tRP | tRCD | tCL | tBURST     (tRP not before tRAS after that row's opening)
//
// Addresses, from the low end: burst, channel, column, bank, row.
// Not modelled: reordering, refresh, ranks, bus turnaround, tFAW.
#include <algorithm>

#include "base/archive.h"
#include "base/bits.h"
#include "memory/dram.h"
#include "memory/saved_ticks.h"

namespace orrery {
namespace {

class BankedDram final : public Dram {
 public:
  struct Config {
    u32 channels = 1;
    u32 banks = 16;
    Bytes row{8 << 10};
    Bytes burst{64};
    Duration controller{20'000};
    Duration tRCD{14'160}, tRP{14'160}, tCL{14'160}, tRAS{32'000}, tBURST{3'333};

    void visit(Params& p) {
      p("channels", channels, "channels", "channels, each with its data bus");
      p("banks", banks, "banks", "banks of a channel");
      p("row", row, "bytes of a bank's row");
      p("burst", burst, "bytes of one burst");
      p("controller", controller, "time in the controller and on the way, both directions together");
      p("tRCD", tRCD, "from opening a row to reading it");
      p("tRP", tRP, "to close a row");
      p("tCL", tCL, "from reading to the first data");
      p("tRAS", tRAS, "least time a row is open");
      p("tBURST", tBURST, "time of one burst on the data bus");
      p.require(is_power_of_two(channels), "channels", "must be a power of two");
      p.require(is_power_of_two(banks), "banks", "must be a power of two");
      p.require(is_power_of_two(burst.value), "burst", "must be a power of two");
      p.require(is_power_of_two(row.value) && row.value >= burst.value, "row",
                "must be a power of two, at least a burst");
    }
  };

  BankedDram(const Config& config, Component& parent)
      : Dram(parent), config_(config), banks_(config.channels * config.banks), bus_(config.channels) {}

  Answer submit(const Request& request, Tick now) override {
    count(request);
    const u64 first = request.address.value() / config_.burst.value;
    const u64 bursts = (request.size + config_.burst.value - 1) / config_.burst.value;
    Tick done;
    for (u64 i = 0; i < std::max<u64>(bursts, 1); ++i) done = std::max(done, serve(first + i, now));
    return Answer::done(done + config_.controller.ticks);
  }

  void state(Archive& a) override {
    for (u32 i = 0; i < banks_.size(); ++i)
      a.group(fmt::format("bank{}", i).c_str(), [&](Archive& nested) {
        nested("open_row", banks_[i].open_row);
        nested("opened", banks_[i].opened);
        nested("ready", banks_[i].ready);
        require_reachable(nested, "opened", {&banks_[i].opened, 1});
        require_reachable(nested, "ready", {&banks_[i].ready, 1});
      });
    a("bus", std::span<Tick>(bus_));
    require_reachable(a, "bus", bus_);
  }

  Counter row_hits{this, "row_hits", "bursts", "bursts from an open row"};
  Counter row_misses{this, "row_misses", "bursts", "bursts whose bank had no row open"};
  Counter row_conflicts{this, "row_conflicts", "bursts", "bursts that closed another row"};

 private:
  static constexpr u64 no_row = ~u64{0};
  struct Bank {
    u64 open_row = no_row;
    Tick opened;
    Tick ready;  // for the next read or write command
  };

  Tick serve(u64 burst, Tick now) {
    const u64 channel = burst % config_.channels;
    const u64 row_and_bank = burst / config_.channels / (config_.row.value / config_.burst.value);
    Bank& bank = banks_[channel * config_.banks + row_and_bank % config_.banks];
    const u64 row = row_and_bank / config_.banks;

    Tick command = std::max(now, bank.ready);
    if (bank.open_row == row) {
      ++row_hits;
    } else {
      if (bank.open_row == no_row) {
        ++row_misses;
      } else {
        ++row_conflicts;
        command = std::max(command, bank.opened + config_.tRAS.ticks) + config_.tRP.ticks;
      }
      bank.opened = command;
      bank.open_row = row;
      command += config_.tRCD.ticks;
    }
    const Tick data = std::max(command + config_.tCL.ticks, bus_[channel]);
    bus_[channel] = data + config_.tBURST.ticks;
    bank.ready = command + config_.tBURST.ticks;
    return bus_[channel];
  }

  const Config config_;
  std::vector<Bank> banks_;
  std::vector<Tick> bus_;  // when each channel's is free
};

const bool registered = Drams::add<BankedDram>("banked", "channels and banks with open rows");

}  // namespace
}  // namespace orrery
