#include "memory/coherence.h"

namespace orrery {

void CoherenceConfig::visit(Params& p) {
  p("remote_dirty_cycles", remote_dirty_cycles, "cycles",
    "added when another hart's cache holds the line dirty");
  p("upgrade_cycles", upgrade_cycles, "cycles", "to get the right to write a shared line");
  p.require(remote_dirty_cycles <= 100'000, "remote_dirty_cycles", "must be 0..100000");
  p.require(upgrade_cycles <= 100'000, "upgrade_cycles", "must be 0..100000");
}

Coherence::Coherence(Component* parent, std::string name, const CoherenceConfig& config,
                     const Clock& clock, TimingPort& next)
    : Component(parent, std::move(name)),
      remote_dirty_(config.remote_dirty_cycles * clock.period()),
      upgrade_(config.upgrade_cycles * clock.period()),
      next_(next) {}

Answer Coherence::submit(const Request& request, Tick now) {
  if (request.kind == RequestKind::Writeback) return next_.submit(request, now);
  Answer answer = request.want == Want::Permission ? Answer::done(now + upgrade_)
                                                   : next_.submit(request, now);
  if (!answer.is_done()) return answer;

  const bool own_copy_counts = request.kind == RequestKind::Fetch;
  for (HartId hart = 0; hart < data_caches_.size(); ++hart) {
    if (hart == request.hart && !own_copy_counts) continue;
    const LineState old = data_caches_[hart]->snoop(request.address, request.owns());
    if (old == LineState::Invalid) continue;
    answer.shared |= !request.owns();
    ++(request.owns() ? takes : shared_reads);
    if (old != LineState::Modified) continue;
    ++remote_dirty;
    answer.tick += remote_dirty_;
    Request writeback = request;
    writeback.kind = RequestKind::Writeback;
    writeback.want = Want::Access;
    next_.submit(writeback, now);
  }
  return answer;
}

}  // namespace orrery
