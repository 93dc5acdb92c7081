#include "base/component.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"

namespace orrery {

Component::Component(Component* parent, std::string name) : parent_(parent), name_(std::move(name)) {
  if (!parent_) return;
  for (const Component* sibling : parent_->children_)
    ORRERY_CHECK(sibling->name_ != name_, "two components at {}", path());
  parent_->children_.push_back(this);
}

Component::~Component() {
  if (parent_) std::erase(parent_->children_, this);
}

std::string Component::path() const {
  return parent_ ? parent_->path() + "." + name_ : name_;
}

void Component::on_event(u32 kind, u64, Tick) {
  ORRERY_CHECK(false, "{} has no event of kind {}", path(), kind);
}

Component* Component::find(std::string_view relative_path) {
  if (relative_path.empty()) return this;
  const std::size_t dot = relative_path.find('.');
  const std::string_view head = relative_path.substr(0, dot);
  const auto rest = dot == std::string_view::npos ? std::string_view() : relative_path.substr(dot + 1);
  if (dot != std::string_view::npos && rest.empty()) return nullptr;  // "hart0."
  for (Component* child : children_)
    if (child->name_ == head) return child->find(rest);
  return nullptr;
}

}  // namespace orrery
