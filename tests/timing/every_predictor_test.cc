// What holds for every registered predictor: the same branches give the same predictions, predict()
// changes nothing, the saved state is complete, and a hostile one does no harm.
#include <gtest/gtest.h>

#include "base/archive.h"
#include "base/json.h"
#include "base/random.h"
#include "models/predictor/direction.h"
#include "models/predictor/indirect.h"
#include "tests/memory/mock_below.h"

namespace orrery {
namespace {

// Branches that partly depend on each other, jumps between them.
class Program {
 public:
  explicit Program(u64 seed) : random_(seed) {}

  // Both return what was predicted.
  u64 step(DirectionPredictor& predictor) {
    const u64 pc = 0x1000 + random_.below(48) * 6, target = random_.below(2) ? pc - 64 : pc + 64;
    if (random_.below(8) == 0) predictor.jump(pc, target);
    const u64 predicted = predictor.predict(pc, target) | u64{predictor.is_sure(pc)} << 1;
    last_ = pc % 4 == 0 ? !last_ : random_.below(5) == 0;
    predictor.update(pc, target, last_);
    return predicted;
  }
  u64 step(IndirectPredictor& predictor) {
    const u64 pc = 0x1000 + random_.below(16) * 4;
    const u64 target = 0x8000 + (pc % 8 == 0 ? random_.below(8) : u64{last_}) * 32;
    last_ = random_.below(2);
    predictor.branch(pc, last_);
    const u64 predicted = predictor.predict(pc);
    predictor.update(pc, target, predicted != target);
    return predicted;
  }

 private:
  Random random_;
  bool last_ = false;
};

u64 ask(const DirectionPredictor& predictor, u64 pc) { return predictor.predict(pc, pc + 32); }
u64 ask(const IndirectPredictor& predictor, u64 pc) { return predictor.predict(pc); }

template <class Predictor>
Json saved(Predictor& predictor) {
  Archive archive = Archive::saving("p");
  predictor.state(archive);
  return archive.take();
}

template <class Predictor>
void load(Predictor& predictor, const Json& state) {
  Archive archive = Archive::loading("p", state);
  predictor.state(archive);
  archive.finish();
}

// The fields of a saved state, each of which is changed in its turn.
void fields(Json& state, std::vector<Json*>& found) {
  for (auto& [name, value] : state.items()) {
    if (value.is_object()) {
      fields(value, found);
    } else {
      found.push_back(&value);
    }
  }
}

void forge(Json& field, Random& random) {
  const u64 kind = random.below(3);  // all ones, random, few ones
  const auto byte = [&] { return static_cast<u8>(kind == 0 ? 0xff : kind == 1 ? random.next() : 1u << random.below(8)); };
  if (field.is_binary()) {
    for (u8& element : field.get_binary()) element = byte();
  } else {
    u64 value = byte();
    for (u64 more = random.below(8); more > 0; --more) value = value << 8 | byte();
    if (field.is_array()) {
      for (Json& element : field) element = value;
    } else {
      field = value;
    }
  }
}

template <class Registry>
struct EveryPredictor : testing::Test {
  static auto make(const std::string& type) {
    return read_config(Json{{"type", type}}, typename Registry::Choice(type)).create();
  }
};

using Registries = testing::Types<DirectionPredictors, IndirectPredictors>;
TYPED_TEST_SUITE(EveryPredictor, Registries);

TYPED_TEST(EveryPredictor, IsDeterministicAndPredictingChangesNothing) {
  for (const std::string& type : TypeParam::names()) {
    const auto one = this->make(type), other = this->make(type);
    Program same(1), again(1);
    Random random(2);
    for (int i = 0; i < 5000; ++i) {
      // As a wrong path does.
      for (u64 n = random.below(4); n > 0; --n) ask(*other, 0x1000 + random.below(150) * 2);
      ASSERT_EQ(same.step(*one), again.step(*other)) << type << " at " << i;
    }
    EXPECT_EQ(saved(*one), saved(*other)) << type;
  }
}

TYPED_TEST(EveryPredictor, ComesBackOverAnythingElse) {
  for (const std::string& type : TypeParam::names()) {
    const auto one = this->make(type), other = this->make(type);
    Program program(3), different(4);
    for (int i = 0; i < 5000; ++i) program.step(*one);
    for (int i = 0; i < 3000; ++i) different.step(*other);
    for (u64 pc = 0x1000; pc < 0x1200; pc += 2) ask(*other, pc);  // nothing of this is remembered
    load(*other, saved(*one));
    for (u64 pc = 0x11fe; pc >= 0x1000; pc -= 2) ASSERT_EQ(ask(*one, pc), ask(*other, pc)) << type;
    Program same = program;
    for (int i = 0; i < 5000; ++i) ASSERT_EQ(program.step(*one), same.step(*other)) << type << " at " << i;
    EXPECT_EQ(saved(*one), saved(*other)) << type;
  }
}

TYPED_TEST(EveryPredictor, HostileStateIsRefusedOrHarmless) {
  for (const std::string& type : TypeParam::names()) {
    Random random(5);
    Program program(6);
    const auto good = this->make(type);
    for (int i = 0; i < 3000; ++i) program.step(*good);
    const Json state = saved(*good);
    Json counted = state;
    std::vector<Json*> all;
    fields(counted, all);
    for (std::size_t field = 0; field < all.size(); ++field) {
      for (int round = 0; round < 12; ++round) {
        Json forged = state;
        std::vector<Json*> found;
        fields(forged, found);
        forge(*found[field], random);
        const auto victim = this->make(type);
        try {
          load(*victim, forged);
        } catch (const ConfigError&) {
          continue;
        }
        for (int i = 0; i < 500; ++i) program.step(*victim);
        load(*victim, saved(*victim));  // what it has become can be saved
      }
    }
  }
}

}  // namespace
}  // namespace orrery
