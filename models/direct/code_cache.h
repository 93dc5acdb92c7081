// Memory for translated code, mapped twice: where it is executed it cannot be written, and where it
// is written it cannot be executed.
//
// A bump allocator: nothing is freed singly; when it is full the owner begins anew with clear().
#pragma once

#include "base/types.h"

namespace orrery::direct {

class CodeCache {
 public:
  // `bytes`: a multiple of 4 KiB. Throws ConfigError when the host refuses the memory.
  explicit CodeCache(u64 bytes);
  ~CodeCache();
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;

  // Where the next code goes (to be executed), and how much room there is.
  u8* next() const { return execute_ + used_; }
  u64 room() const { return bytes_ - used_; }
  u64 used() const { return used_; }

  // The writable alias of an address inside.
  u8* writable(const u8* code) const { return write_ + (code - execute_); }
  // Takes `size` bytes that were written at next().
  void take(u64 size) { used_ += (size + 15) & ~u64{15}; }
  // Forgets everything but the first `keep` bytes.
  void clear(u64 keep) { used_ = keep; }

  // Makes the jump instruction (jmp rel32) at `site` go to `target`.
  void patch_jump(u8* site, const u8* target);

 private:
  u64 bytes_;
  u64 used_ = 0;
  u8* write_ = nullptr;
  u8* execute_ = nullptr;
};

}  // namespace orrery::direct
