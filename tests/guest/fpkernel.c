// fpkernel [ROUNDS]: floating-point loops in double: gravity of five bodies, a Mandelbrot set, an
// FIR filter. Only operations that IEEE 754 rounds exactly, so the result is the same everywhere
// (the build forbids the compiler to contract a*b+c).
#include <math.h>

#include "program.h"

enum { kBodies = 5, kSteps = 2000 };
enum { kWidth = 48, kHeight = 32, kDepth = 100 };
enum { kTaps = 32, kSamples = 4096 };

struct body {
  double x[3], v[3], mass;
};

static uint64_t gravity(void) {
  struct body bodies[kBodies];
  for (int i = 0; i < kBodies; i++) {
    const double angle = i * 1.25;
    bodies[i] = (struct body){
        {angle, 1.0 / (i + 1), 0.25 * i * i}, {0.1 * i, -0.05 * i, 0.02}, 1.0 + i};
  }
  const double step = 1.0 / 1024;
  for (int s = 0; s < kSteps; s++) {
    for (int i = 0; i < kBodies; i++) {
      for (int j = i + 1; j < kBodies; j++) {
        double d[3], square = 0.01;
        for (int k = 0; k < 3; k++) {
          d[k] = bodies[i].x[k] - bodies[j].x[k];
          square += d[k] * d[k];
        }
        const double pull = step / (square * sqrt(square));
        for (int k = 0; k < 3; k++) {
          bodies[i].v[k] -= d[k] * bodies[j].mass * pull;
          bodies[j].v[k] += d[k] * bodies[i].mass * pull;
        }
      }
    }
    for (int i = 0; i < kBodies; i++) {
      for (int k = 0; k < 3; k++) bodies[i].x[k] += step * bodies[i].v[k];
    }
  }
  uint64_t hash = 0;
  for (int i = 0; i < kBodies; i++) {
    for (int k = 0; k < 3; k++) hash = mix(hash, bits_of(bodies[i].x[k]));
  }
  return hash;
}

static uint64_t mandelbrot(void) {
  uint64_t hash = 0;
  for (int row = 0; row < kHeight; row++) {
    for (int column = 0; column < kWidth; column++) {
      const double cx = 3.0 * column / kWidth - 2.25, cy = 2.5 * row / kHeight - 1.25;
      double x = 0, y = 0;
      uint64_t depth = 0;
      while (depth < kDepth && x * x + y * y < 4.0) {
        const double next = x * x - y * y + cx;
        y = 2.0 * x * y + cy;
        x = next;
        depth++;
      }
      hash = mix(hash, depth);
    }
  }
  return hash;
}

static uint64_t filter(uint64_t seed) {
  static double samples[kSamples + kTaps], taps[kTaps];
  for (int i = 0; i < kTaps; i++) taps[i] = 1.0 / (1 + i);
  for (int i = 0; i < kSamples + kTaps; i++) {
    samples[i] = (double)(int64_t)next_random(&seed) * 0x1p-63;
  }
  uint64_t hash = 0;
  for (int i = 0; i < kSamples; i++) {
    double sum = 0;
    for (int k = 0; k < kTaps; k++) sum += samples[i + k] * taps[k];
    hash = mix(hash, bits_of(sum));
  }
  return hash;
}

int main(int argc, char** argv) {
  const uint64_t rounds = argument(argc, argv, 1, 3);
  uint64_t hash = 0;
  orrery_marker(ORRERY_BEGIN);
  for (uint64_t round = 0; round < rounds; round++) {
    hash = mix(hash, gravity());
    hash = mix(hash, mandelbrot());
    hash = mix(hash, filter(round + 1));
  }
  orrery_marker(ORRERY_END);
  printf("fpkernel: %llu rounds = %016llx\n", (unsigned long long)rounds, (unsigned long long)hash);
  return 0;
}
