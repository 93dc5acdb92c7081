// Decompression into memory, with a limit: a few bytes can stand for terabytes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace orrery {

bool is_gzip(std::span<const u8> bytes);
bool is_zstd(std::span<const u8> bytes);

// ConfigErrors begin with `name`. At most `limit` bytes come out. What follows the compressed
// stream is ignored, further gzip members excepted, which continue it.
std::vector<u8> gunzip(const std::string& name, std::span<const u8> bytes, u64 limit);
std::vector<u8> unzstd(const std::string& name, std::span<const u8> bytes, u64 limit);

}  // namespace orrery
