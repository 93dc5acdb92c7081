// stream [KIB_PER_ARRAY] [ROUNDS]: long sequential runs over three arrays of doubles: copy, scale,
// add, triad. Bandwidth of caches and DRAM.
#include "program.h"

int main(int argc, char** argv) {
  const size_t n = argument(argc, argv, 1, 2048) * 1024 / sizeof(double);
  const uint64_t rounds = argument(argc, argv, 2, 5);
  double* a = allocate(n * sizeof *a);
  double* b = allocate(n * sizeof *b);
  double* c = allocate(n * sizeof *c);
  for (size_t i = 0; i < n; i++) {
    a[i] = (double)(i % 1024);
    b[i] = 2.0;
    c[i] = 0.0;
  }
  orrery_marker(ORRERY_BEGIN);
  for (uint64_t round = 0; round < rounds; round++) {
    for (size_t i = 0; i < n; i++) c[i] = a[i];
    for (size_t i = 0; i < n; i++) b[i] = 0.5 * c[i];
    for (size_t i = 0; i < n; i++) c[i] = a[i] + b[i];
    for (size_t i = 0; i < n; i++) a[i] = b[i] + 0.25 * c[i];
  }
  orrery_marker(ORRERY_END);
  uint64_t hash = 0;
  for (size_t i = 0; i < n; i++) hash = mix(hash, bits_of(a[i]));
  printf("stream: 3 x %zu doubles, %llu rounds = %016llx\n", n, (unsigned long long)rounds,
         (unsigned long long)hash);
  return 0;
}
