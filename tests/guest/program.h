// What the guest programs share: arguments, a random number generator, a running hash, failing.
//
// Every program prints one line, "NAME: what it did = result", which depends on its arguments only
// and is the same on every machine. The part worth measuring stands between two markers.
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orrery.h"

// The whole number given as argument `index` (1..), or `fallback`.
static inline uint64_t argument(int argc, char** argv, int index, uint64_t fallback) {
  if (index >= argc) return fallback;
  char* end;
  uint64_t value = strtoull(argv[index], &end, 0);
  if (*end != '\0' || end == argv[index] || value == 0) {
    fprintf(stderr, "%s: argument %d must be a whole number above 0, not '%s'\n", argv[0], index,
            argv[index]);
    exit(2);
  }
  return value;
}

static inline void* allocate(size_t bytes) {
  void* memory = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
  if (memory == NULL) {
    fprintf(stderr, "out of memory: %zu bytes\n", bytes);
    exit(1);
  }
  return memory;
}

// For system calls that have no reason to fail.
static inline long require(long result, const char* what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  return result;
}

// xorshift64*: small, fast, the same everywhere. The state must not be 0.
static inline uint64_t next_random(uint64_t* state) {
  uint64_t x = *state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return x * 0x2545f4914f6cdd1dull;
}

// Adds one value to a running hash.
static inline uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
  return hash ^ (hash >> 29);
}

static inline uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

#endif
