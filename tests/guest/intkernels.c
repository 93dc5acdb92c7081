// intkernels [ROUNDS]: integer loops: a sieve of primes, a sort, a hash table, a matrix product.
#include "program.h"

enum { kSieve = 1 << 16, kSort = 1 << 13, kSlots = 1 << 14, kKeys = 1 << 13, kSize = 48 };

static uint64_t sieve(void) {
  static unsigned char composite[kSieve];
  memset(composite, 0, sizeof composite);
  uint64_t primes = 0;
  for (uint32_t i = 2; i < kSieve; i++) {
    if (composite[i]) continue;
    primes++;
    for (uint32_t j = 2 * i; j < kSieve; j += i) composite[j] = 1;
  }
  return primes;
}

static void sift_down(uint32_t* heap, size_t root, size_t count) {
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && heap[child] < heap[child + 1]) child++;
    if (heap[root] >= heap[child]) return;
    const uint32_t swapped = heap[root];
    heap[root] = heap[child];
    heap[child] = swapped;
  }
}

static uint64_t sort(uint64_t* seed) {
  static uint32_t values[kSort];
  for (size_t i = 0; i < kSort; i++) values[i] = (uint32_t)next_random(seed);
  for (size_t i = kSort / 2; i-- > 0;) sift_down(values, i, kSort);
  for (size_t i = kSort; i-- > 1;) {
    const uint32_t largest = values[0];
    values[0] = values[i];
    values[i] = largest;
    sift_down(values, 0, i);
  }
  uint64_t hash = 0;
  for (size_t i = 0; i < kSort; i++) hash = mix(hash, values[i]);
  return hash;
}

static uint64_t hash_table(uint64_t* seed) {
  static uint32_t slots[kSlots];
  memset(slots, 0, sizeof slots);
  uint64_t probes = 0;
  for (int i = 0; i < kKeys; i++) {
    const uint32_t key = (uint32_t)next_random(seed) | 1;
    uint32_t slot = key * 2654435761u >> 18;
    while (slots[slot] != 0 && slots[slot] != key) {
      slot = (slot + 1) % kSlots;
      probes++;
    }
    slots[slot] = key;
  }
  return probes;
}

static uint64_t product(uint64_t* seed) {
  static int32_t a[kSize][kSize], b[kSize][kSize];
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) {
      a[i][j] = (int32_t)(next_random(seed) % 1000);
      b[i][j] = (int32_t)(next_random(seed) % 1000);
    }
  }
  uint64_t hash = 0;
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) {
      int32_t sum = 0;
      for (int k = 0; k < kSize; k++) sum += a[i][k] * b[k][j];
      hash = mix(hash, (uint64_t)sum % 10007);
    }
  }
  return hash;
}

int main(int argc, char** argv) {
  const uint64_t rounds = argument(argc, argv, 1, 10);
  uint64_t hash = 0, seed = 1;
  orrery_marker(ORRERY_BEGIN);
  for (uint64_t round = 0; round < rounds; round++) {
    hash = mix(hash, sieve());
    hash = mix(hash, sort(&seed));
    hash = mix(hash, hash_table(&seed));
    hash = mix(hash, product(&seed));
  }
  orrery_marker(ORRERY_END);
  printf("intkernels: %llu rounds = %016llx\n", (unsigned long long)rounds,
         (unsigned long long)hash);
  return 0;
}
