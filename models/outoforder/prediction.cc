#include "models/outoforder/prediction.h"

#include "base/bits.h"

namespace orrery::ooo {

void BtbConfig::visit(Params& p) {
  p("entries", entries, "branches", "taken branches and jumps remembered; 0: none");
  p("ways", ways, "ways", "associativity");
  p("bubbles", bubbles, "cycles", "without a fetch behind a taken branch that it knows");
  p.child("replacement", replacement, "which branch makes room");
  p.require(ways >= 1 && ways <= 1024, "ways", "must be 1..1024");
  p.require(entries <= 1 << 20 && entries % ways == 0 &&
                (entries == 0 || is_power_of_two(entries / ways)),
            "entries", "must be ways x a power of two");
  p.require(bubbles <= 100, "bubbles", "must be 0..100");
}

void PredictionConfig::visit(Params& p) {
  p.child("direction", direction, "predicts conditional branches");
  p.child("indirect", indirect, "predicts indirect jumps and calls");
  p.child("fast_btb", fast_btb, "fetch groups that end in taken branches");
  p.child("btb", btb, "the branch target buffer behind it");
  p("return_stack", return_stack, "calls", "return addresses remembered");
  p("return_bubbles", return_bubbles, "cycles", "without a fetch behind a return");
  p("indirect_bubbles", indirect_bubbles, "cycles", "without a fetch behind an indirect jump");
  p("decode_bubbles", decode_bubbles, "cycles",
    "without a fetch behind a taken direct branch or jump that no buffer knows");
  p.require(return_stack >= 1 && return_stack <= 4096, "return_stack", "must be 1..4096");
  p.require(return_bubbles <= 100, "return_bubbles", "must be 0..100");
  p.require(indirect_bubbles <= 100, "indirect_bubbles", "must be 0..100");
  p.require(decode_bubbles <= 100, "decode_bubbles", "must be 0..100");
}

Prediction::Prediction(Component* parent, std::string name, const PredictionConfig& config)
    : Component(parent, std::move(name)),
      config_(config),
      direction_(config.direction.create()),
      indirect_predictor_(config.indirect.create()),
      fast_btb_(config.fast_btb),
      btb_(config.btb.entries, config.btb.ways, config.btb.replacement),
      return_stack_(config.return_stack) {}

u32 Prediction::bubbles(const Record& branch, u64 target) {
  const bool computed = branch.flow == Record::Flow::Indirect && !branch.is_return;
  const bool conditional = branch.flow == Record::Flow::Conditional;
  // The fast BTB knows the return stack as it was before returns still on their way popped it.
  const bool too_early = branch.is_return && groups_ - last_return_ < config_.return_bubbles + 1;
  if (branch.is_return) last_return_ = groups_;
  if (computed) {
    fast_btb_.turned();
  } else if (fast_btb_.taken(target, conditional, !conditional || direction_->is_sure(branch.pc),
                             branch.is_return)) {
    if (!too_early) return 0;
    fast_btb_.turned();
  }
  if (branch.is_return) return config_.return_bubbles;
  if (branch.flow == Record::Flow::Indirect) return config_.indirect_bubbles;
  return btb_.find(branch.pc) ? config_.btb.bubbles : config_.decode_bubbles;
}

Guess Prediction::predict(const Record& branch) {
  const u64 behind = branch.pc + branch.length;
  Guess guess{behind, 0};
  switch (branch.flow) {
    case Record::Flow::Sequential:
      return guess;
    case Record::Flow::Conditional:
      if (direction_->predict(branch.pc, branch.address)) guess = {branch.address, bubbles(branch, branch.address)};
      return guess;
    case Record::Flow::Direct:
      guess = {branch.address, bubbles(branch, branch.address)};
      break;
    case Record::Flow::Indirect:
      if (branch.is_return && !return_stack_.is_empty()) {
        const u64 target = return_stack_.pop();
        guess = {target, bubbles(branch, target)};
      } else {
        const u64 target = indirect_predictor_->predict(branch.pc);
        guess = {target != 0 ? target : behind, bubbles(branch, target)};
      }
      break;
  }
  if (branch.is_call) return_stack_.push(behind);
  return guess;
}

void Prediction::update(const Record& branch, const Guess& guess) {
  const bool wrong = guess.next != branch.next_pc;
  const bool is_taken = branch.flow != Record::Flow::Conditional || branch.next_pc != branch.pc + branch.length;
  if (is_taken) {
    ++taken;
    if (guess.held) {
      ++loop_buffer_hits;
    } else if (guess.bubbles == 0 && !wrong) {
      ++fast_btb_hits;
    } else if (btb_.find(branch.pc)) {
      ++btb_hits;
    }
  }
  switch (branch.flow) {
    case Record::Flow::Sequential:
      return;
    case Record::Flow::Conditional:
      ++branches;
      if (wrong) ++branches_wrong;
      direction_->update(branch.pc, branch.address, is_taken);
      indirect_predictor_->branch(branch.pc, is_taken);
      break;
    case Record::Flow::Direct:
      ++jumps;
      direction_->jump(branch.pc, branch.next_pc);
      break;
    case Record::Flow::Indirect:
      ++(branch.is_return ? returns : indirect);
      direction_->jump(branch.pc, branch.next_pc);
      if (wrong) ++(branch.is_return ? returns_wrong : indirect_wrong);
      if (branch.is_return) break;
      indirect_predictor_->update(branch.pc, branch.next_pc, wrong);
      return;  // its buffer is the indirect predictor
  }
  if (!is_taken) return;
  if (!branch.is_return) btb_.remember(branch.pc, branch.next_pc);
}

void Prediction::fetched_wrong(const Record& branch, const Guess& guess) {
  if (branch.flow != Record::Flow::Indirect && guess.next != branch.pc + branch.length)
    btb_.remember(branch.pc, guess.next);
}

Guess Prediction::train(const Record& branch) {
  const Guess guess = predict(branch);
  update(branch, guess);
  return guess;
}

void Prediction::state(Archive& a) {
  a.group("direction", [this](Archive& nested) { direction_->state(nested); });
  a.group("indirect", [this](Archive& nested) { indirect_predictor_->state(nested); });
  a.group("fast_btb", [this](Archive& nested) { fast_btb_.state(nested); });
  a.group("btb", [this](Archive& nested) { btb_.state(nested); });
  return_stack_.state(a);
  a("groups", groups_);
  a("last_return", last_return_);
}

}  // namespace orrery::ooo
