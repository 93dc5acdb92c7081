// fpsingle [ROUNDS]: floating-point loops in float: linear equations by elimination, heat spreading
// over a plate, rays against spheres. As in fpkernel, only operations that IEEE 754 rounds exactly.
#include <math.h>

#include "program.h"

enum { kSize = 64, kPlate = 64, kSweeps = 24, kRays = 64, kSpheres = 8 };

static float between(uint64_t* seed, float low, float high) {
  return low + (high - low) * (float)(next_random(seed) >> 40) * 0x1p-24f;
}

static uint64_t hash_floats(uint64_t hash, const float* values, size_t count) {
  for (size_t i = 0; i < count; i++) hash = mix(hash, bits_of((double)values[i]));
  return hash;
}

static void swap_rows(float* a, float* b) {
  for (int k = 0; k <= kSize; k++) {
    const float swapped = a[k];
    a[k] = b[k];
    b[k] = swapped;
  }
}

// Gauss's elimination with the largest pivot of each column, and substitution backwards.
static uint64_t equations(uint64_t* seed) {
  static float a[kSize][kSize + 1];
  for (int i = 0; i < kSize; i++) {
    for (int k = 0; k <= kSize; k++) a[i][k] = between(seed, -1.0f, 1.0f);
  }
  for (int k = 0; k < kSize; k++) {
    int pivot = k;
    for (int i = k + 1; i < kSize; i++) {
      if (fabsf(a[i][k]) > fabsf(a[pivot][k])) pivot = i;
    }
    if (pivot != k) swap_rows(a[k], a[pivot]);
    for (int i = k + 1; i < kSize; i++) {
      const float factor = a[i][k] / a[k][k];
      for (int j = k; j <= kSize; j++) a[i][j] -= factor * a[k][j];
    }
  }
  float x[kSize];
  for (int i = kSize - 1; i >= 0; i--) {
    float sum = a[i][kSize];
    for (int k = i + 1; k < kSize; k++) sum -= a[i][k] * x[k];
    x[i] = sum / a[i][i];
  }
  return hash_floats(0, x, kSize);
}

static uint64_t heat(uint64_t* seed) {
  static float plate[2][kPlate][kPlate];
  for (int i = 0; i < kPlate; i++) {
    for (int j = 0; j < kPlate; j++) plate[0][i][j] = plate[1][i][j] = between(seed, 0.0f, 100.0f);
  }
  for (int sweep = 0; sweep < kSweeps; sweep++) {
    float(*from)[kPlate] = plate[sweep % 2], (*to)[kPlate] = plate[1 - sweep % 2];
    for (int i = 1; i < kPlate - 1; i++) {
      for (int j = 1; j < kPlate - 1; j++) {
        const float around = from[i - 1][j] + from[i + 1][j] + from[i][j - 1] + from[i][j + 1];
        to[i][j] = 0.5f * from[i][j] + 0.125f * around;
      }
    }
  }
  return hash_floats(0, &plate[0][0][0], kPlate * kPlate);
}

// The nearest of some spheres along each ray of a square picture, and how bright it is there.
static uint64_t rays(uint64_t* seed) {
  struct { float x, y, z, square; } spheres[kSpheres];
  for (int s = 0; s < kSpheres; s++) {
    const float radius = between(seed, 0.25f, 1.0f);
    spheres[s].x = between(seed, -2.0f, 2.0f);
    spheres[s].y = between(seed, -2.0f, 2.0f);
    spheres[s].z = between(seed, 3.0f, 6.0f);
    spheres[s].square = radius * radius;
  }
  uint64_t hash = 0;
  for (int i = 0; i < kRays; i++) {
    float line[kRays];
    for (int j = 0; j < kRays; j++) {
      float x = (float)(2 * j - kRays) / kRays, y = (float)(2 * i - kRays) / kRays;
      const float scale = 1.0f / sqrtf(x * x + y * y + 1.0f);
      x *= scale;
      y *= scale;
      float nearest = 1e9f, brightness = 0.0f;
      for (int s = 0; s < kSpheres; s++) {
        const float along = x * spheres[s].x + y * spheres[s].y + scale * spheres[s].z;
        const float square = spheres[s].x * spheres[s].x + spheres[s].y * spheres[s].y +
                             spheres[s].z * spheres[s].z - along * along;
        if (square > spheres[s].square) continue;
        const float half = sqrtf(spheres[s].square - square);
        if (along - half >= nearest) continue;
        nearest = along - half;
        brightness = half / sqrtf(spheres[s].square);
      }
      line[j] = brightness;
    }
    hash = hash_floats(hash, line, kRays);
  }
  return hash;
}

int main(int argc, char** argv) {
  const uint64_t rounds = argument(argc, argv, 1, 3);
  uint64_t hash = 0, seed = 1;
  orrery_marker(ORRERY_BEGIN);
  for (uint64_t round = 0; round < rounds; round++) {
    hash = mix(hash, equations(&seed));
    hash = mix(hash, heat(&seed));
    hash = mix(hash, rays(&seed));
  }
  orrery_marker(ORRERY_END);
  printf("fpsingle: %llu rounds = %016llx\n", (unsigned long long)rounds, (unsigned long long)hash);
  return 0;
}
