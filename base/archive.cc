#include "base/archive.h"

#include <bit>
#include <cstring>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "base/json_io.h"

static_assert(std::endian::native == std::endian::little, "saved arrays are little-endian");

namespace orrery {
namespace {
constexpr const char* version_key = "version";
constexpr std::size_t largest_readable_array = 64;  // longer ones are saved as bytes
}  // namespace

struct Archive::Frame {
  std::string name;
  Json saved = Json::object();
  const Json* source = nullptr;
  std::set<std::string> taken;
  u32 version = 1;
};

Archive::Archive(std::string path) : path_(std::move(path)) {
  frames_.push_back(std::make_unique<Frame>());
}
Archive::Archive(Archive&&) noexcept = default;
Archive::~Archive() = default;

Archive Archive::saving(std::string path) { return Archive(std::move(path)); }

Archive Archive::loading(std::string path, const Json& section) {
  Archive result(std::move(path));
  result.loading_ = true;
  Frame& frame = *result.frames_.back();
  frame.source = &section;
  if (!section.is_object()) config_error("checkpoint: {}: not a section", result.path_);
  return result;
}

bool Archive::is_loading() const { return loading_; }

void Archive::wrong(const char* name, std::string_view what) const {
  std::string path = path_;
  for (std::size_t i = 1; i < frames_.size(); ++i) path += "." + frames_[i]->name;
  config_error("checkpoint: {}.{}: {}", path, name, what);
}

void Archive::version(u32 current) {
  Frame& frame = *frames_.back();
  if (!loading_) {
    frame.version = current;
    frame.saved[version_key] = current;
    return;
  }
  const auto found = frame.source->find(version_key);
  if (found == frame.source->end()) return;
  frame.taken.insert(version_key);
  const std::optional<u64> written = whole_number(*found);
  if (!written || *written == 0) wrong(version_key, "not a version");
  if (*written > current)
    wrong(version_key, fmt::format("{} was written by a newer Orrery; this one knows up to {}",
                                   *written, current));
  frame.version = static_cast<u32>(*written);
}

bool Archive::has_version(u32 at_least) const { return frames_.back()->version >= at_least; }

const Json& Archive::field(const char* name) {
  Frame& frame = *frames_.back();
  ORRERY_CHECK(!frame.taken.contains(name), "{}.{} loaded twice", path_, name);
  const auto found = frame.source->find(name);
  if (found == frame.source->end()) wrong(name, "missing");
  frame.taken.insert(name);
  return *found;
}

void Archive::save(const char* name, Json value) {
  Json& saved = frames_.back()->saved;
  ORRERY_CHECK(!saved.contains(name), "{}.{} saved twice", path_, name);
  saved[name] = std::move(value);
}

void Archive::scalar(const char* name, u64& value, std::size_t width) {
  if (!loading_) {
    save(name, value);
    return;
  }
  const std::optional<u64> number = whole_number(field(name));
  if (!number) wrong(name, "not a whole number");
  if (width < 8 && *number >> (8 * width)) wrong(name, fmt::format("{} is out of range", *number));
  value = *number;
}

void Archive::operator()(const char* name, std::string& text) {
  if (!loading_) {
    save(name, text);
    return;
  }
  const Json& found = field(name);
  if (!found.is_string()) wrong(name, "not a text");
  text = found.get<std::string>();
}

void Archive::array(const char* name, void* data, std::size_t count, std::size_t width,
                    u64 largest) {
  auto* bytes = static_cast<u8*>(data);
  const bool readable = count <= largest_readable_array && width <= 8 && (width & (width - 1)) == 0;
  if (!loading_) {
    if (readable) {
      Json list = Json::array();
      for (std::size_t i = 0; i < count; ++i) {
        u64 element = 0;
        std::memcpy(&element, bytes + i * width, width);
        list.push_back(element);
      }
      save(name, std::move(list));
    } else {
      save(name, Json::binary(std::vector<u8>(bytes, bytes + count * width)));
    }
    return;
  }
  const Json& found = field(name);
  if (found.is_binary()) {
    const auto& blob = found.get_binary();
    if (blob.size() != count * width)
      wrong(name, fmt::format("{} bytes, expected {}", blob.size(), count * width));
    for (const u8 element : blob)
      if (element > largest) wrong(name, "an element is out of range");
    if (!blob.empty()) std::memcpy(bytes, blob.data(), blob.size());
    return;
  }
  if (!found.is_array() || !readable) wrong(name, "not an array");
  if (found.size() != count)
    wrong(name, fmt::format("{} elements, expected {}", found.size(), count));
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<u64> element = whole_number(found[i]);
    if (!element) wrong(name, "an element is not a whole number");
    if (*element > largest || (width < 8 && *element >> (8 * width)))
      wrong(name, "an element is out of range");
    std::memcpy(bytes + i * width, &*element, width);
  }
}

std::size_t Archive::length(const char* name, std::size_t current, std::size_t most) {
  const std::string key = std::string(name) + "_length";
  u64 value = current;
  scalar(key.c_str(), value, 8);
  if (value > most) wrong(key.c_str(), fmt::format("{} is more than {}", value, most));
  return value;
}

void Archive::enter(const char* name) {
  auto frame = std::make_unique<Frame>();
  frame->name = name;
  if (loading_) {
    frame->source = &field(name);
    if (!frame->source->is_object()) wrong(name, "not a group");
  }
  frames_.push_back(std::move(frame));
}

void Archive::leave() {
  if (loading_) finish();
  const std::unique_ptr<Frame> frame = std::move(frames_.back());
  frames_.pop_back();
  if (!loading_) save(frame->name.c_str(), std::move(frame->saved));
}

void Archive::finish() {
  const Frame& frame = *frames_.back();
  for (const auto& [key, value] : frame.source->items())
    if (!frame.taken.contains(key)) wrong(key.c_str(), "unknown field");
}

Json Archive::take() { return std::move(frames_.back()->saved); }

Json save_tree(const Component& root, bool timing) {
  Json sections = Json::object();
  root.for_each([&](const Component& component) {
    if (component.is_timing_state() != timing) return;
    Archive archive = Archive::saving(component.path());
    // state() lists members for both directions, hence is not const; saving changes nothing.
    const_cast<Component&>(component).state(archive);
    Json section = archive.take();
    if (!section.empty()) sections[component.path()] = std::move(section);
  });
  return sections;
}

void load_tree(Component& root, const Json& sections, bool timing) {
  if (!sections.is_object()) config_error("checkpoint: not a set of sections");
  std::set<std::string> taken;
  static const Json none = Json::object();
  root.for_each([&](Component& component) {
    if (component.is_timing_state() != timing) return;
    const std::string path = component.path();
    const auto found = sections.find(path);
    Archive archive = Archive::loading(path, found == sections.end() ? none : *found);
    component.state(archive);
    archive.finish();
    taken.insert(path);
  });
  for (const auto& [path, section] : sections.items())
    if (!taken.contains(path)) config_error("checkpoint: {}: this machine has no such component", path);
}

namespace {

void compare(const Json& a, const Json& b, const std::string& path, std::size_t most,
             std::vector<std::string>& out) {
  if (out.size() >= most || a == b) return;
  if (a.is_object() && b.is_object()) {
    const auto join = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
    for (const auto& [key, value] : a.items()) {
      if (out.size() >= most) return;
      if (b.contains(key)) {
        compare(value, b[key], join(key), most, out);
      } else {
        out.push_back(join(key) + ": only in the first");
      }
    }
    for (const auto& [key, value] : b.items())
      if (!a.contains(key) && out.size() < most) out.push_back(join(key) + ": only in the second");
    return;
  }
  if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (std::size_t i = 0; i < a.size() && out.size() < most; ++i)
      compare(a[i], b[i], fmt::format("{}[{}]", path, i), most, out);
    return;
  }
  if (a.is_binary() && b.is_binary()) {
    const auto &x = a.get_binary(), &y = b.get_binary();
    std::size_t at = 0;
    while (at < x.size() && at < y.size() && x[at] == y[at]) ++at;
    out.push_back(fmt::format("{}: bytes differ from offset {} on ({} and {} bytes)", path, at,
                              x.size(), y.size()));
    return;
  }
  const auto show = [](const Json& j) {
    const std::optional<u64> number = whole_number(j);
    return number ? fmt::format("{:#x}", *number) : orrery::show(j);
  };
  out.push_back(fmt::format("{}: {} and {}", path, show(a), show(b)));
}

}  // namespace

std::vector<std::string> differences(const Json& a, const Json& b, std::size_t most) {
  std::vector<std::string> result;
  compare(a, b, "", most, result);
  return result;
}

}  // namespace orrery
