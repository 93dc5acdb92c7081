// orrery config check|show|schema|devicetree: what a description says and what follows from it.
#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "base/params.h"
#include "frontend/description.h"
#include "frontend/files.h"
#include "frontend/options.h"
#include "frontend/output.h"
#include "frontend/run_options.h"
#include "frontend/subcommand.h"
#include "models/machine.h"

namespace orrery {
namespace {

struct ConfigOptions {
  std::string file;   // "" when none was named
  RunOptions values;  // of the flags that set a value of the description
  std::optional<std::string> dtb;
};

Json description_of(const ConfigOptions& options) {
  Json description =
      options.file.empty() ? Json{{"machine", Json::object()}} : read_description(options.file);
  apply_settings(description, options.values);
  return description;
}

int check(const ConfigOptions& options) {
  const Machine machine(read_machine(description_of(options), nullptr, nullptr));
  print(options.file + ": ok\n");
  return 0;
}

int show(const ConfigOptions& options) {
  Json resolved;
  read_machine(description_of(options), &resolved, nullptr);
  print(resolved.dump(2) + "\n");
  return 0;
}

// Of every description, or of those that choose the types that `file` chooses.
int schema(const ConfigOptions& options) {
  const Json description = description_of(options);
  Params params(description, "");
  MachineConfig config;
  params.child("machine", config, "the machine");
  params.finish();
  Json result = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Orrery machine description"}};
  result.update(params.schema());
  result["properties"]["base"] = {{"type", {"string", "array"}},
                                  {"items", {{"type", "string"}}},
                                  {"description", "file or files that this one builds on"}};
  print(result.dump(2) + "\n");
  return 0;
}

int device_tree(const ConfigOptions& options) {
  if (options.dtb) require_writable("--dtb", *options.dtb);
  const Machine machine(read_machine(description_of(options), nullptr, nullptr));
  ChosenFacts chosen;
  chosen.bootargs = machine.config().boot.append;
  const DeviceTree tree = machine.device_tree(chosen);
  if (options.dtb) {
    const std::vector<u8> blob = tree.serialise();
    write_text_file(*options.dtb, {reinterpret_cast<const char*>(blob.data()), blob.size()});
  } else {
    print(tree.source());
  }
  return 0;
}

struct Action {
  const char* name;
  bool needs_file;
  int (*run)(const ConfigOptions&);
};
constexpr Action actions[] = {{"check", true, check},
                              {"show", true, show},
                              {"schema", false, schema},
                              {"devicetree", true, device_tree}};

}  // namespace

int config_command(const Arguments& args) {
  ConfigOptions o;
  std::vector<std::string> words;
  Options options("config check|show|schema|devicetree [CONFIG] [flags]",
                  "check       says whether a description is sound\n"
                  "show        the resolved description, every default included\n"
                  "schema      JSON Schema of descriptions, for editors\n"
                  "devicetree  what the machine tells its operating system about itself (without the place of\n"
                  "            the initramfs, which is chosen at power-on)");
  add_setting_flags(options, RunKind::Run, o.values);
  options.value("dtb", "FILE", o.dtb, "write the device tree as a blob rather than print its source")
      .arguments("check, show, schema or devicetree", words, 1, 2);
  if (!options.parse(args)) return 0;
  std::vector<std::string> known;
  for (const Action& action : actions) {
    known.push_back(action.name);
    if (words[0] != action.name) continue;
    if (o.dtb && action.run != device_tree) config_error("--dtb: only for config devicetree");
    if (words.size() > 1) o.file = words[1];
    if (o.file.empty() && action.needs_file)
      config_error("orrery config {}: CONFIG is missing; see --help", action.name);
    return action.run(o);
  }
  const auto meant = nearest(words[0], known);
  config_error("orrery config {}: unknown{}; known: check show schema devicetree", words[0],
               meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "");
}

}  // namespace orrery
