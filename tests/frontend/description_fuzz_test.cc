// Descriptions with random mistakes: read, or refused in one sentence.
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json_io.h"
#include "base/random.h"
#include "frontend/description.h"
#include "models/machine.h"
#include "tests/environment.h"

namespace orrery {
namespace {

constexpr std::string_view good = R"({
  "machine": {"harts": 2, "memory": "16MiB", "clock": "1.5GHz", "seed": 7,
    "boot": {"append": "a=\"\u00e4\" \\ ", "add": ["f:/f", "g:/g"], "initramfs": "i", "command": "true"},
    "l1d": {"size": "32KiB", "ways": 8}, "l2": null, "dram": {"type": "fixed", "latency": "80ns"}}
})";

TEST(DescriptionFuzz, MistakesAreRefused) {
  constexpr std::string_view pieces[] = {"{", "}", "[", "]", ",", ":", "\"", "\\u", "\\ud800", "1e999",
                                         "-0", "null", "\xff", "\xe2\x82", "//", "/*", "\n", "\"l2\": {}",
                                         "99999999999999999999", "\"base\": 1,", "GHz"};
  Random random(1);
  int read = 0;
  for (int i = 0; i < 1'000 * fuzz_scale(); ++i) {
    std::string bad(good);
    for (u64 changes = random.below(4); changes > 0; --changes) {
      const u64 at = random.below(bad.size());
      switch (random.below(4)) {
        case 0: bad[at] = static_cast<char>(random.next()); break;
        case 1: bad.erase(at, random.below(8)); break;
        case 2: bad.insert(at, pieces[random.below(std::size(pieces))]); break;
        default: bad.insert(at, bad.substr(random.below(bad.size()), random.below(40)));
      }
    }
    try {
      const Json description = parse_json(bad, "file");
      read_machine(description, nullptr, nullptr);
      ++read;
    } catch (const ConfigError& error) {
      ASSERT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
    }
  }
  EXPECT_GT(read, 10);
}

}  // namespace
}  // namespace orrery
