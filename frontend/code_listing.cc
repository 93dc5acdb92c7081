#include "frontend/code_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cpu/isa/disassemble.h"

namespace orrery {
namespace {

constexpr std::size_t guest_width = 42;
constexpr std::size_t ir_width = 42;

using Lines = std::vector<std::string>;

// Breaks at spaces, so that the columns stay where they are.
Lines wrap(std::string text, std::size_t width) {
  Lines lines;
  while (text.size() >= width) {
    const std::size_t space = text.rfind(' ', width - 1);
    const std::size_t end = space == std::string::npos || space < 3 ? width - 1 : space;
    lines.push_back(text.substr(0, end));
    text = "  " + text.substr(text[end] == ' ' ? end + 1 : end);
  }
  lines.push_back(std::move(text));
  return lines;
}

std::string side_by_side(const Lines& guest, const Lines& ir, const Lines& host) {
  std::string result;
  const std::size_t rows = std::max({guest.size(), ir.size(), host.size()});
  for (std::size_t i = 0; i < rows; ++i) {
    const auto cell = [i](const Lines& lines) {
      return i < lines.size() ? std::string_view(lines[i]) : std::string_view();
    };
    std::string row = fmt::format("{:<{}}{:<{}}{}", cell(guest), guest_width, cell(ir), ir_width,
                                  cell(host));
    row.erase(row.find_last_not_of(' ') + 1);
    result += row + '\n';
  }
  return result;
}

std::string guest_text(const TranslatedInstruction& instruction, const GuestFacts& guest) {
  std::array<u8, 4> bytes{};
  if (!guest.memory.read_bytes(instruction.physical, std::span(bytes).first(instruction.length)))
    return "?";
  u32 bits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) bits |= u32{bytes[i]} << (8 * i);
  return disassemble(bits, instruction.pc, guest.extensions);
}

Lines guest_lines(const TranslatedInstruction& instruction, const GuestFacts& guest) {
  Lines lines;
  for (std::string& line :
       wrap(fmt::format("{:016x}  {}", instruction.pc, guest_text(instruction, guest)), guest_width))
    lines.push_back(std::move(line));
  return lines;
}

Lines ir_lines(const TranslatedInstruction& instruction, const direct::Ir& ir) {
  Lines lines;
  for (const direct::Ref root : instruction.roots)
    for (std::string& line : wrap(text(ir, root), ir_width))
      lines.push_back(std::move(line));
  return lines;
}

// The host code from one offset to another.
class HostLines {
 public:
  HostLines(const Translation& t, const HostDisassembler& host) {
    const u64 begin = reinterpret_cast<u64>(t.code.data());
    const auto names = t.thunks ? names_of(*t.thunks) : std::vector<HostName>();
    all_ = host.disassemble(t.code, [&](u64 address) -> std::string {
      if (address - begin < t.code.size()) return fmt::format("{:x}", address - begin);
      for (const HostName& name : names)
        if (reinterpret_cast<u64>(name.at) == address) return name.name;
      return "";
    });
  }

  Lines take(u64 end) {
    Lines lines;
    for (; next_ < all_.size() && all_[next_].offset < end; ++next_)
      lines.push_back(fmt::format("{:>5x}  {}", all_[next_].offset, all_[next_].text));
    return lines;
  }

 private:
  std::vector<HostInstruction> all_;
  std::size_t next_ = 0;
};

// Above a piece: its name, beside the host code that belongs to no instruction.
std::string piece_label(const TranslatedPiece& piece, const GuestFacts& guest) {
  const std::string name = guest.symbols.describe(piece.instructions.front().pc);
  return name.empty() ? "" : name + ":";
}

std::string title(const Translation& t, const GuestFacts& guest) {
  const std::string name = guest.symbols.describe(t.first().pc);
  return fmt::format("--- {:016x} at pc {:016x}{}{}: {} guest instructions ({} bytes) in {} {}, {} "
                     "bytes of host code\n", t.first().physical.value(), t.first().pc,
                     name.empty() ? "" : " ", name, t.instructions(), t.guest_bytes(),
                     t.pieces.size(), t.pieces.size() == 1 ? "piece" : "pieces", t.code.size());
}

}  // namespace

std::string list_translation(const Translation& t, const GuestFacts& guest,
                             const HostDisassembler& host) {
  HostLines host_lines(t, host);
  std::string result = title(t, guest);
  result += side_by_side({"guest"}, {"IR"}, {" host"});
  result += side_by_side({}, {}, host_lines.take(t.pieces.front().host_offset));
  for (std::size_t p = 0; p < t.pieces.size(); ++p) {
    const TranslatedPiece& piece = t.pieces[p];
    const auto& all = piece.instructions;
    const u64 piece_end = p + 1 == t.pieces.size() ? t.body_end : t.pieces[p + 1].host_offset;
    result += side_by_side({piece_label(piece, guest)}, {}, host_lines.take(all.front().host_offset));
    for (std::size_t i = 0; i < all.size(); ++i) {
      const u64 end = i + 1 == all.size() ? piece_end : all[i + 1].host_offset;
      result += side_by_side(guest_lines(all[i], guest), ir_lines(all[i], *piece.ir),
                             host_lines.take(end));
    }
  }
  result += side_by_side({"rare paths and exits"}, {}, host_lines.take(t.code.size()));
  return result + '\n';
}

bool CodeListing::wants(const Translation& translation) const {
  for (const TranslatedPiece& piece : translation.pieces)
    for (const TranslatedInstruction& each : piece.instructions)
      if (each.pc >= filter_.from && each.pc < filter_.to) return true;
  return false;
}

void CodeListing::translated(const Translation& translation) {
  if (written_ >= filter_.count || !wants(translation)) return;
  ++written_;
  file_.write(list_translation(translation, guest_, host_));
}

}  // namespace orrery
