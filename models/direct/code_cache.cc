#include "models/direct/code_cache.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace orrery::direct {

CodeCache::CodeCache(u64 bytes) : bytes_(bytes) {
  const int file = memfd_create("orrery-code", MFD_CLOEXEC);
  if (file >= 0 && ftruncate(file, static_cast<off_t>(bytes)) == 0) {
    void* write = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void* execute = mmap(nullptr, bytes, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    if (write != MAP_FAILED) write_ = static_cast<u8*>(write);
    if (execute != MAP_FAILED) execute_ = static_cast<u8*>(execute);
  }
  const int error = errno;
  if (file >= 0) close(file);
  if (!write_ || !execute_) {
    if (write_) munmap(write_, bytes_);
    if (execute_) munmap(execute_, bytes_);
    throw ConfigError(fmt::format("the host gives no memory for translated code ({}); --cpu "
                                  "interpreter needs none", std::strerror(error)));
  }
}

CodeCache::~CodeCache() {
  munmap(write_, bytes_);
  munmap(execute_, bytes_);
}

void CodeCache::patch_jump(u8* site, const u8* target) {
  const i32 distance = static_cast<i32>(target - (site + 5));
  u8* at = writable(site);
  at[0] = 0xe9;
  std::memcpy(at + 1, &distance, sizeof distance);
}

}  // namespace orrery::direct
