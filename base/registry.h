// Registries: the types a description may name, one registry an interface.
//
//   using ReplacementPolicies = Registry<ReplacementPolicy, const CacheGeometry&>;
//   static const bool registered = ReplacementPolicies::add<Srrip>("srrip", "re-reference interval");
//
// `Registry::Choice` is the parsed value of such a parameter: a member of the parent's Config. It
// is read before anything is constructed; the parent's constructor then calls create(), which hands
// the type's constructor its Config and the arguments that the parent knows.
//
// Contract: T has `struct Config { void visit(Params&); }` and a constructor T(Config, Args...).
// Add a file to the folder's object library and it is registered: nothing else lists it. (An object
// library, not a static one: a linker drops the latter's unreferenced objects.) Filled before main
// runs and constant afterwards.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/params.h"

namespace orrery {

template <class Interface, class... Args>
class Registry {
  struct Maker {
    virtual ~Maker() = default;
    virtual void visit(Params& p) = 0;
    virtual std::unique_ptr<Interface> create(Args... args) const = 0;
  };

  template <class T>
  struct MakerOf final : Maker {
    typename T::Config config;
    void visit(Params& p) override { config.visit(p); }
    std::unique_ptr<Interface> create(Args... args) const override {
      return std::make_unique<T>(config, args...);
    }
  };

  struct Entry {
    std::string name;
    std::string text;
    std::unique_ptr<Maker> (*make)();
  };

  static std::vector<Entry>& entries() {
    static std::vector<Entry> all;
    return all;
  }

 public:
  // Registers T under `name`. The order of names is alphabetical, whatever the link order.
  template <class T>
  static bool add(const char* name, const char* text) {
    auto& all = entries();
    const auto at = std::lower_bound(all.begin(), all.end(), name,
                                     [](const Entry& e, const char* n) { return e.name < n; });
    ORRERY_CHECK(at == all.end() || at->name != name, "two types are registered as {}", name);
    all.insert(at, Entry{name, text, []() -> std::unique_ptr<Maker> {
                           return std::make_unique<MakerOf<T>>();
                         }});
    return true;
  }

  static std::vector<std::string> names() {
    std::vector<std::string> result;
    for (const Entry& entry : entries()) result.push_back(entry.name);
    return result;
  }

  class Choice {
   public:
    explicit Choice(std::string default_type) : type_(std::move(default_type)) {}

    void visit(Params& p) {
      std::vector<std::string> texts;
      for (const Entry& entry : entries()) texts.push_back(entry.text);
      type_ = p.type(type_, names(), texts);
      for (const Entry& entry : entries())
        if (entry.name == type_) maker_ = entry.make();
      maker_->visit(p);
    }

    const std::string& type() const { return type_; }

    std::unique_ptr<Interface> create(Args... args) const {
      ORRERY_CHECK(maker_ != nullptr, "type {} created before it was read", type_);
      return maker_->create(args...);
    }

   private:
    std::string type_;
    std::shared_ptr<Maker> maker_;
  };

  // The Configs of every registered type, each an object under the type's name.
  class All {
   public:
    void visit(Params& p) {
      makers_.clear();
      for (const Entry& entry : entries()) {
        makers_.push_back(entry.make());
        p.child(entry.name.c_str(), *makers_.back(), entry.text.c_str());
      }
    }

    // Null when no type has that name.
    std::unique_ptr<Interface> create(const std::string& type, Args... args) const {
      ORRERY_CHECK(makers_.size() == entries().size(), "type {} created before it was read", type);
      for (std::size_t i = 0; i < entries().size(); ++i)
        if (entries()[i].name == type) return makers_.at(i)->create(args...);
      return nullptr;
    }

   private:
    std::vector<std::shared_ptr<Maker>> makers_;
  };
};

}  // namespace orrery
