#include "cpu/isa/csr_name.h"

#include <array>
#include <string>

namespace orrery {
namespace {

// "pmpaddr3": the names of array members, made once.
std::array<std::string, 4096> make_names() {
  std::array<std::string, 4096> names;
#define CSR(number, name, ...) names[number] = #name;
#define CSR_STORED CSR
#define CSR_ARRAY(first, count, name, ...) \
  for (u32 n = 0; n < count; ++n) names[first + n] = #name + std::to_string(n + index_of_first(first));
  // Counter 0 to 2 have names of their own.
  const auto index_of_first = [](u32 first) {
    return first == 0xc03 || first == 0xb03 || first == 0x323 ? 3u : 0u;
  };
#include "cpu/isa/csr.def"
#undef CSR
#undef CSR_STORED
#undef CSR_ARRAY
  return names;
}

}  // namespace

std::string_view csr_name(u32 number) {
  static const std::array<std::string, 4096> names = make_names();
  return number < names.size() ? std::string_view(names[number]) : std::string_view();
}

}  // namespace orrery
