// Nanoseconds per operation, dispatching (with and without Inexact already set) and software alone.
#include <chrono>
#include <cstdio>
#include <vector>

#include "cpu/fp/fp.h"

namespace orrery::fp {
namespace {

template <class F>
std::vector<F> ordinary_operands() {
  std::vector<F> list;
  u64 state = 1;
  for (int i = 0; i < 1024; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const F fraction = static_cast<F>((state >> 12) & Format<F>::fraction_mask);
    const F field = static_cast<F>(Format<F>::bias - 8 + static_cast<int>(state >> 60));
    list.push_back(static_cast<F>((field << Format<F>::fraction_bits) | fraction));
  }
  return list;
}

template <class F, class Operation>
double nanoseconds(u8 before, Operation operation) {
  const std::vector<F> list = ordinary_operands<F>();
  constexpr int rounds = 2000;
  volatile u64 sink = 0;
  u64 sum = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i + 2 < list.size(); ++i) {
      u8 flags = before;
      sum += operation(list[i], list[i + 1], list[i + 2], flags) + flags;
    }
  }
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
  sink = sum;
  (void)sink;
  return spent.count() / (rounds * 1022.0);
}

#define TIMED(before, space, call)                                    \
  nanoseconds<F>(before, [](F a, F b, F c, u8& f) {                   \
    (void)b, (void)c;                                                 \
    return static_cast<u64>(space::call);                             \
  })
#define ROW(name, call)                                                                          \
  std::printf("%-10s %-26s %8.1f %8.1f %8.1f\n", sizeof(F) == 4 ? "binary32" : "binary64", name, \
              TIMED(Inexact, fp, call), TIMED(0, fp, call), TIMED(0, soft, call))

template <class F>
void table() {
  constexpr Rounding rne = Rounding::Rne;
  ROW("add", add(a, b, rne, f));
  ROW("mul", mul(a, b, rne, f));
  ROW("div", div(a, b, rne, f));
  ROW("sqrt", sqrt(a, rne, f));
  ROW("fused_multiply_add", fused_multiply_add(a, b, c, rne, f));
  ROW("to_i64 rtz", to_i64(a, Rounding::Rtz, f));
  ROW("from_i64", template from_i64<F>(static_cast<i64>(a >> 2), rne, f));
  if constexpr (sizeof(F) == 4) ROW("convert to binary64", template convert<u64>(a, rne, f));
  else ROW("convert to binary32", template convert<u32>(a, rne, f));
}

}  // namespace
}  // namespace orrery::fp

int main() {
  std::printf("%-10s %-26s %8s %8s %8s   ns per operation\n", "", "", "sticky", "fresh", "soft");
  orrery::fp::table<orrery::u32>();
  orrery::fp::table<orrery::u64>();
}
