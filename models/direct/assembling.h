// asmjit's assembler on a place in the code cache.
#pragma once

#include <asmjit/x86.h>

#include "base/error.h"
#include "models/direct/code_cache.h"

namespace orrery::direct {

// An error of the assembler is a defect of ours.
class AssemblerErrors final : public asmjit::ErrorHandler {
 public:
  void handleError(asmjit::Error, const char* message, asmjit::BaseEmitter*) override {
    ORRERY_CHECK(false, "assembler: {}", message);
  }
};

// Copies what was assembled to cache.next(), which must have been the base address; returns its size.
inline u64 place(asmjit::CodeHolder& code, CodeCache& cache) {
  code.flatten();
  code.resolveUnresolvedLinks();
  code.relocateToBase(reinterpret_cast<u64>(cache.next()));
  const u64 size = code.codeSize();
  ORRERY_CHECK(size <= cache.room(), "translated code does not fit: {} bytes", size);
  code.copyFlattenedData(cache.writable(cache.next()), size);
  cache.take(size);
  return size;
}

}  // namespace orrery::direct
