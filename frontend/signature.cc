#include "frontend/signature.h"

#include <fmt/format.h>

#include <vector>

#include "base/error.h"
#include "frontend/files.h"

namespace orrery {

void require_signature(Machine& machine) {
  const BootImages& images = machine.images();
  if (!images.begin_signature || !images.end_signature)
    config_error("--signature: {} has no symbols begin_signature and end_signature",
                 machine.config().boot.kernel);
  const PhysAddr begin = *images.begin_signature;
  if (!machine.memory().ram_at(begin, *images.end_signature - begin))
    config_error("--signature: what lies from begin_signature ({:#x}) to end_signature ({:#x}) is not in RAM",
                 begin.value(), images.end_signature->value());
}

void write_signature(Machine& machine, const std::string& file) {
  require_signature(machine);
  const PhysAddr begin = *machine.images().begin_signature;
  const u64 size = *machine.images().end_signature - begin;
  std::vector<u8> bytes(size);
  ORRERY_CHECK(machine.memory().read_bytes(begin, bytes), "signature at {:#x}", begin.value());
  bytes.resize((size + 3) / 4 * 4);
  std::string text;
  for (u64 i = 0; i < bytes.size(); i += 4)
    text += fmt::format("{:02x}{:02x}{:02x}{:02x}\n", bytes[i + 3], bytes[i + 2], bytes[i + 1],
                        bytes[i]);
  write_text_file(file, text);
}

}  // namespace orrery
