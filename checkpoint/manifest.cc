#include "checkpoint/manifest.h"

#include "base/error.h"
#include "base/json_io.h"
#include "checkpoint/digest.h"

namespace orrery {
namespace {

constexpr const char* format_name = "orrery checkpoint";

std::string render(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string digest_of_text(const std::string& text) {
  return digest_of({reinterpret_cast<const u8*>(text.data()), text.size()}).hex();
}

// One list of the fields, for both directions.
template <class Self, class Field>
void each_field(Self& manifest, Field&& field) {
  field("digest", manifest.digest);
  field("parent", manifest.parent);
  field("model", manifest.model);
  field("steps", manifest.steps);
  field("time_ticks", manifest.time_ticks);
  field("fixed_at_restore", manifest.fixed_at_restore);
  field("timing_digest", manifest.timing_digest);
  field(state_file, manifest.state);
  field(timing_file, manifest.timing);
  field(ram_index_file, manifest.ram_index);
  field(ram_file, manifest.ram);
  field("description", manifest.description);
}

template <class Self, class Field>
void each_fact(Self& facts, Field&& field) {
  field("bytes", facts.bytes);
  field("stored_bytes", facts.stored_bytes);
  field("digest", facts.digest);
  field("stored_digest", facts.stored_digest);
}

struct Writer {
  Json& out;
  template <class T>
  void operator()(const char* name, const T& value) const {
    out[name] = value;
  }
  void operator()(const char* name, const FileFacts& facts) const {
    Json nested = Json::object();
    each_fact(facts, Writer{nested});
    out[name] = std::move(nested);
  }
};

struct Reader {
  const Json& in;
  const std::string& shown;

  const Json& find(const char* name) const {
    const auto found = in.find(name);
    if (found == in.end()) config_error("{}: damaged: {} is missing", shown, name);
    return *found;
  }
  void expect(bool good, const char* name) const {
    if (!good) config_error("{}: damaged: {} cannot be {}", shown, name, show(find(name)));
  }
  void operator()(const char* name, std::string& value) const {
    expect(find(name).is_string(), name);
    value = find(name).get<std::string>();
  }
  void operator()(const char* name, u64& value) const {
    const auto number = whole_number(find(name));
    expect(number.has_value(), name);
    value = *number;
  }
  void operator()(const char* name, std::vector<std::string>& value) const {
    expect(find(name).is_array(), name);
    for (const Json& element : find(name)) {
      expect(element.is_string(), name);
      value.push_back(element.get<std::string>());
    }
  }
  void operator()(const char* name, FileFacts& facts) const {
    expect(find(name).is_object(), name);
    each_fact(facts, Reader{find(name), shown});
  }
  void operator()(const char* name, Json& value) const { value = find(name); }
};

Json to_json(const Manifest& manifest) {
  Json json = {{"format", format_name}, {"version", checkpoint_version}};
  each_field(manifest, Writer{json});
  return json;
}

}  // namespace

std::string Manifest::text() const {
  Json json = to_json(*this);
  json["manifest_digest"] = digest_of_text(render(json));
  return render(json);
}

Manifest Manifest::parse(std::string_view text, const std::string& shown) {
  const Json json = parse_json(text, shown);
  if (!json.is_object() || json.value("format", Json()) != format_name)
    config_error("{}: not the manifest of an Orrery checkpoint", shown);
  const auto version = whole_number(json.value("version", Json()));
  if (!version || *version != checkpoint_version)
    config_error("{}: format version {}; this Orrery reads version {}", shown,
                 show(json.value("version", Json())), checkpoint_version);
  Manifest manifest;
  each_field(manifest, Reader{json, shown});
  if (manifest.text() != text)
    config_error("{}: damaged or edited: it does not have the digest that it names", shown);
  return manifest;
}

}  // namespace orrery
