// fptest [ROUNDS]: every kind of floating-point operation, in single and double, on ordinary and
// on odd operands, in every rounding mode, with the exception flags; prints a hash of it all.
//
// A NaN counts as "a NaN": its bits differ between architectures. Conversions are kept in range,
// for C leaves the others undefined. Ties away from zero (rmm) has no name in C: conversions come
// by llround, and a product in single by an instruction of its own (elsewhere it is computed).
#include <fenv.h>
#include <math.h>

#include "program.h"

static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};

static const double odd[] = {0.0, -0.0, 1.0, -1.0, 0x1p-1074, -0x1.8p-1070, 0x1p-1022,
                             0x1.fffffffffffffp1023, -0x1.fffffffffffffp1023, INFINITY, -INFINITY,
                             0x1p-126, 0x1.8p-149, 0x1.fffffep127, 0x1.000001p0, 1.0 / 3, 1e300,
                             -1e-300, 0.5, 2.5};
enum { kOdd = sizeof odd / sizeof odd[0] };

static double operand(uint64_t* seed) {
  const uint64_t random = next_random(seed);
  if (random % 4 == 0) return odd[(random >> 8) % kOdd];
  // Exponents near each other make sums round and cancel.
  const uint64_t exponent = random % 4 == 1 ? (random >> 2) % 2046 + 1 : (random >> 2) % 64 + 991;
  uint64_t bits = (next_random(seed) & 0x800fffffffffffff) | exponent << 52;
  if (random & 0x1000000) bits &= ~0xfffffffull; // few digits: exact results and ties
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint64_t seen(double result) { return isnan(result) ? 0x7ff8dead : bits_of(result); }

static uint64_t flags(void) {
  static const int all[] = {FE_INEXACT, FE_UNDERFLOW, FE_OVERFLOW, FE_DIVBYZERO, FE_INVALID};
  uint64_t raised = 0;
  for (int i = 0; i < 5; i++) raised |= (uint64_t)(fetestexcept(all[i]) != 0) << i;
  return raised;
}

// One operation, its result and its flags. Operands are volatile: nothing may be computed early.
#define TRY(expression)                                 \
  do {                                                  \
    feclearexcept(FE_ALL_EXCEPT);                       \
    volatile __typeof__(expression) result = expression; \
    hash = mix(mix(hash, seen(result)), flags());       \
  } while (0)

static uint64_t in_double(uint64_t hash, uint64_t* seed) {
  volatile double a = operand(seed), b = operand(seed), c = operand(seed);
  TRY(a + b);
  TRY(a - b);
  TRY(a * b);
  TRY(a / b);
  TRY(sqrt(a));
  TRY(fma(a, b, c));
  TRY(fma(-a, b, -c));
  TRY((float)a);
  hash = mix(hash, (uint64_t)(a < b) << 2 | (uint64_t)(a <= b) << 1 | (uint64_t)(a == b));
  TRY(copysign(a, b));
  TRY(a == b ? 0.0 : fmin(a, b)); // C leaves open which of 0.0 and -0.0 is the smaller
  TRY(a == c ? 0.0 : fmax(a, c));
  return hash;
}

static uint64_t in_single(uint64_t hash, uint64_t* seed) {
  volatile float a = (float)operand(seed), b = (float)operand(seed), c = (float)operand(seed);
  TRY(a + b);
  TRY(a - b);
  TRY(a * b);
  TRY(a / b);
  TRY(sqrtf(a));
  TRY(fmaf(a, b, c));
  TRY((double)a);
  return hash;
}

static uint64_t with_integers(uint64_t hash, uint64_t* seed) {
  volatile int64_t wide = (int64_t)next_random(seed) >> next_random(seed) % 64;
  volatile uint64_t natural = next_random(seed) >> next_random(seed) % 64;
  volatile int32_t narrow = (int32_t)next_random(seed);
  TRY((double)wide);
  TRY((double)natural);
  TRY((double)narrow);
  TRY((float)wide);
  TRY((float)natural);
  TRY((float)narrow);
  volatile double in_range = (double)wide * 0x1p-24; // |value| <= 2^39
  feclearexcept(FE_ALL_EXCEPT);
  hash = mix(hash, (uint64_t)(int64_t)in_range);
  hash = mix(hash, flags());
  hash = mix(hash, (uint64_t)llrint(in_range));
  hash = mix(hash, (uint64_t)llround(in_range));
  return hash;
}

// a * b in single, ties away from zero; both are ordinary numbers near 1.
#if defined(__riscv)
static float product_away(float a, float b) {
  float product;
  __asm__("fmul.s %0, %1, %2, rmm" : "=f"(product) : "f"(a), "f"(b));
  return product;
}
#else
static float product_away(float a, float b) {
  uint64_t bits = bits_of((double)a * (double)b); // exact: 48 digits fit into 53
  bits += 1ull << 28;                             // half of the last place of a single
  bits &= ~((1ull << 29) - 1);
  double rounded;
  memcpy(&rounded, &bits, sizeof rounded);
  return (float)rounded;
}
#endif

static uint64_t ties_away(uint64_t hash, uint64_t* seed) {
  const uint64_t random = next_random(seed);
  const float a = 1.0f + (float)(random & 0xfff) * 0x1p-12f;
  const float b = 1.0f + (float)(random >> 16 & 0x1fff) * 0x1p-13f;
  return mix(hash, bits_of((double)product_away(random >> 63 ? -a : a, b)));
}

int main(int argc, char** argv) {
  const uint64_t rounds = argument(argc, argv, 1, 2000);
  uint64_t hash = 0, seed = 1;
  orrery_marker(ORRERY_BEGIN);
  for (uint64_t round = 0; round < rounds; round++) {
    for (size_t mode = 0; mode < sizeof modes / sizeof modes[0]; mode++) {
      fesetround(modes[mode]);
      hash = in_double(hash, &seed);
      hash = in_single(hash, &seed);
      hash = with_integers(hash, &seed);
    }
    fesetround(FE_TONEAREST);
    hash = ties_away(hash, &seed);
  }
  orrery_marker(ORRERY_END);
  printf("fptest: %llu rounds = %016llx\n", (unsigned long long)rounds, (unsigned long long)hash);
  return 0;
}
