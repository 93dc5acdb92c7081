#include "models/boot/boot.h"

#include <algorithm>
#include <charconv>

#include "base/bits.h"
#include "devices/board.h"
#include "models/boot/elf.h"
#include "models/boot/file.h"
#include "models/boot/image.h"
#include "models/boot/initramfs.h"
#include "models/boot/layout.h"
#include "models/boot/reset_vector.h"

namespace orrery {
namespace {

constexpr u64 kernel_alignment = u64{2} << 20;  // a large page: what Linux asks for

// Files with debug information may be larger than the machine's memory, but not boundless.
u64 largest_image(const Layout& layout) {
  return std::max(layout.ram_size(), u64{1} << 30);
}

std::optional<PhysAddr> parse_address(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  u64 value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return PhysAddr{value};
}

// A file of the description, unpacked.
struct Image {
  std::string name;  // for messages: parameter and file
  std::vector<u8> bytes;
  ImageFormat format;
};

Image read_image(const char* parameter, const std::string& path, u64 limit) {
  std::string name = fmt::format("{}: {}", parameter, path);
  auto bytes = unpack_image(name, read_host_file(parameter, path, limit).bytes, limit);
  const ImageFormat format = identify_image(name, bytes);
  return {std::move(name), std::move(bytes), format};
}

struct Program {
  PhysAddr entry;
  PhysAddr end;       // of what it occupies
  u64 moved = 0;      // where it stands minus where its ELF file says
  ElfFile elf;        // without segments for other formats

};

// Where a symbol stands in RAM, in a segment or (a mailbox) outside of them.
std::optional<PhysAddr> find_symbol(const Layout& layout, const Program& program,
                                    std::string_view name) {
  const auto address = program.elf.symbols.find(name);
  if (!address) return std::nullopt;
  const PhysAddr place =
      program.elf.physical(*address).value_or(PhysAddr{*address}) + program.moved;
  return layout.in_ram(place, 0) ? std::optional(place) : std::nullopt;
}

// An ELF file stands where it says, unless `required` says otherwise or that is not in RAM and it
// may be moved to `fallback`, as a whole.
Program place_elf(Layout& layout, const Image& image, std::optional<PhysAddr> required,
                  std::optional<PhysAddr> fallback) {
  Program program;
  program.elf = parse_elf(image.name, image.bytes);
  const auto& segments = program.elf.segments;
  const bool at_home = std::all_of(segments.begin(), segments.end(), [&](const ElfSegment& s) {
    return layout.in_ram(s.physical, s.memory_size);
  });
  if (required || (!at_home && fallback))
    program.moved = (required ? *required : *fallback) - program.elf.lowest();
  for (const ElfSegment& segment : segments) {
    const PhysAddr address = segment.physical + program.moved;
    layout.claim(image.name, address, segment.memory_size);
    layout.place(image.name, address,
                 std::span(image.bytes).subspan(segment.offset, segment.file_size));
    program.end = std::max(program.end, address + segment.memory_size);
  }
  const auto entry = program.elf.physical(program.elf.entry);
  if (!entry)
    config_error("{}: the entry point {:#x} lies in no segment", image.name, program.elf.entry);
  program.entry = *entry + program.moved;
  return program;
}

// The names of a program that runs where it is loaded move with it; those of one with a virtual
// memory of its own (vmlinux) do not.
SymbolTable names_of(Program& program) {
  const bool flat = std::all_of(
      program.elf.segments.begin(), program.elf.segments.end(), [](const ElfSegment& s) {
        return s.physical.value() == s.virtual_address.value();
      });
  if (flat) program.elf.symbols.move_by(program.moved);
  return std::move(program.elf.symbols);
}

Program place_bytes(Layout& layout, const Image& image, PhysAddr address, u64 memory_size) {
  layout.claim(image.name, address, memory_size);
  layout.place(image.name, address, image.bytes);
  return {address, address + memory_size, 0, {}};
}

void require_aligned_entry(const char* parameter, const std::string& file, const Program& program,
                           u64 alignment) {
  if (program.entry.value() % alignment != 0)
    config_error("{}: {}: begins at {:#x}, and instructions of these harts stand at multiples of {}",
                 parameter, file, program.entry.value(), alignment);
}

Program load_firmware(Layout& layout, const std::string& path) {
  const Image image = read_image("machine.boot.firmware", path, largest_image(layout));
  switch (image.format) {
    case ImageFormat::Elf: return place_elf(layout, image, {}, layout.ram_base());
    case ImageFormat::Raw: return place_bytes(layout, image, layout.ram_base(), image.bytes.size());
    case ImageFormat::Linux: break;
  }
  config_error("{}: a Linux kernel, which belongs into machine.boot.kernel", image.name);
}

Program load_kernel(Layout& layout, const BootConfig& config, const Program* firmware) {
  const Image image = read_image("machine.boot.kernel", config.kernel, largest_image(layout));
  const auto required = parse_address(config.kernel_address);
  const PhysAddr free{align_up(firmware ? firmware->end.value() : layout.ram_base().value(),
                               kernel_alignment)};
  if (image.format == ImageFormat::Elf)
    return place_elf(layout, image, required, firmware ? std::optional(free) : std::nullopt);
  if (image.format == ImageFormat::Raw)
    return place_bytes(layout, image, required.value_or(free), image.bytes.size());

  const LinuxHeader header = parse_linux_header(image.name, image.bytes);
  if (!firmware && header.text_offset != 0)
    config_error("{}: a Linux kernel for S mode, which needs machine.boot.firmware", image.name);
  if (header.text_offset > layout.ram_size())
    config_error("{}: the Linux image asks to stand {:#x} bytes above the base of memory",
                 image.name, header.text_offset);
  const PhysAddr told{align_up(layout.ram_base().value() + header.text_offset, kernel_alignment)};
  const PhysAddr address = required.value_or(std::max(free, told));
  if (address.value() % kernel_alignment != 0)
    config_error("{}: a Linux kernel must stand at a multiple of 2MiB, found "
                 "machine.boot.kernel_address = {}", image.name, config.kernel_address);
  return place_bytes(layout, image, address, header.memory_size);
}

std::vector<u8> read_initramfs(const BootConfig& config, u64 limit) {
  std::vector<u8> archive;
  if (!config.initramfs.empty()) {
    const std::string parameter = "machine.boot.initramfs";
    archive = read_host_file(parameter, config.initramfs, limit).bytes;
    check_initramfs(parameter + ": " + config.initramfs, archive, limit);
  }
  std::vector<InitramfsFile> files;
  u64 left = limit;
  for (const std::string& text : config.add) {
    const std::string parameter = "machine.boot.add";
    const AddedFile added = parse_added_file(parameter, text);
    HostFile file = read_host_file(parameter, added.file, left);
    left -= file.bytes.size();
    files.push_back({added.path, std::move(file.bytes), file.executable});
  }
  if (!config.command.empty()) {
    std::vector<u8> script(config.command.begin(), config.command.end());
    script.push_back('\n');
    files.push_back({"/command", std::move(script), true});
  }
  return files.empty() ? std::move(archive) : join_archives(std::move(archive), make_cpio(files));
}

ChosenFacts load_initramfs(Layout& layout, const BootConfig& config) {
  ChosenFacts facts;
  facts.bootargs = config.append;
  const auto archive = read_initramfs(config, layout.ram_size());
  if (archive.empty()) return facts;
  const auto address = layout.find_high(archive.size(), page_size);
  if (!address)
    config_error("machine.boot.initramfs: {} bytes do not fit into what the kernel leaves of the "
                 "machine's memory ({}); set machine.memory", archive.size(),
                 format_quantity(layout.ram_size(), Unit::Bytes));
  layout.place("machine.boot.initramfs", *address, archive);
  facts.initrd_start = address;
  facts.initrd_end = *address + archive.size();
  return facts;
}

PhysAddr load_device_tree(Layout& layout, const std::vector<u8>& tree) {
  // Firmware adds nodes to the tree where it stands. Small machines have no large page to spare.
  constexpr u64 slack = u64{64} << 10;
  constexpr std::pair<u64, u64> places[] = {
      {kernel_alignment, slack}, {page_size, slack}, {8, 0}};
  for (const auto& [alignment, reserve] : places) {
    if (const auto address = layout.find_high(tree.size() + reserve, alignment)) {
      layout.claim("the device tree", *address, tree.size() + reserve);
      layout.place("the device tree", *address, tree);
      return *address;
    }
  }
  config_error("machine.memory: {} leaves no room for the device tree of {} bytes",
               format_quantity(layout.ram_size(), Unit::Bytes), tree.size());
}

void find_places(BootImages& images, const Layout& layout, const Program& program,
                 const std::string& kernel) {
  images.tohost = find_symbol(layout, program, "tohost");
  images.fromhost = find_symbol(layout, program, "fromhost");
  images.begin_signature = find_symbol(layout, program, "begin_signature");
  images.end_signature = find_symbol(layout, program, "end_signature");
  if (images.begin_signature && images.end_signature &&
      *images.end_signature < *images.begin_signature)
    config_error("machine.boot.kernel: {}: end_signature ({:#x}) lies before begin_signature "
                 "({:#x})", kernel, images.end_signature->value(),
                 images.begin_signature->value());
}

}  // namespace

void BootConfig::visit(Params& p) {
  p("firmware", firmware, "OpenSBI, as fw_dynamic or fw_jump; empty: the kernel is bare-metal");
  p("kernel", kernel, "program to start: ELF, Linux Image, EFI zboot or raw, also compressed");
  p("kernel_address", kernel_address, "\"auto\", or the address at which to put the kernel");
  p.require(kernel_address == "auto" || parse_address(kernel_address), "kernel_address",
            "must be \"auto\" or an address such as \"0x80200000\"");
  p("initramfs", initramfs, "cpio archive of the guest's first files, also compressed");
  p("append", append, "the kernel's command line");
  p("command", command, "shell command for the guest's init to run before it powers off");
  p("add", add, "files to add to the initramfs, as FILE:/path");
  p.require(command.empty() || !firmware.empty() || !initramfs.empty(), "command",
            "needs a guest with an initramfs or firmware");
}

BootImages load_images(const BootConfig& config, AddressSpace& memory, Ram& ram,
                       const TreeBuilder& build_tree, u64 instruction_alignment) {
  if (config.kernel.empty() && config.firmware.empty())
    config_error("machine.boot.kernel: nothing to start; name a program or a kernel");
  Layout layout(memory, ram);
  BootImages images;
  std::optional<Program> firmware;
  if (!config.firmware.empty()) {
    firmware = load_firmware(layout, config.firmware);
    require_aligned_entry("machine.boot.firmware", config.firmware, *firmware,
                          instruction_alignment);
  }
  std::optional<Program> kernel;
  if (!config.kernel.empty()) {
    kernel = load_kernel(layout, config, firmware ? &*firmware : nullptr);
    require_aligned_entry("machine.boot.kernel", config.kernel, *kernel, instruction_alignment);
  }

  images.device_tree = load_device_tree(layout, build_tree(load_initramfs(layout, config)));
  if (kernel) {
    images.kernel_entry = kernel->entry;
    find_places(images, layout, *kernel, config.kernel);
  }
  if (firmware) {
    images.entry = Board::rom_base.value();
    images.rom = make_reset_rom({firmware->entry, images.device_tree, images.kernel_entry});
  } else {
    images.entry = kernel->entry.value();
  }
  const bool kernel_has_names = kernel && !kernel->elf.symbols.empty();
  Program& named = kernel_has_names || !firmware ? *kernel : *firmware;
  images.symbols = names_of(named);
  return images;
}

}  // namespace orrery
