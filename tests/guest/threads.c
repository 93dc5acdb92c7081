// threads [THREADS] [ROUNDS]: every thread counts in three ways: an atomic addition (AMO), a
// compare-and-swap loop (LR/SC), and a plain counter under a lock made of LR/SC. All must agree.
#include <pthread.h>
#include <sched.h>

#include "program.h"

static uint64_t rounds;
static uint64_t added, swapped, locked_count;
static uint32_t lock_word, started;

static void lock(void) {
  uint32_t free = 0;
  while (!__atomic_compare_exchange_n(&lock_word, &free, 1, 1, __ATOMIC_ACQUIRE,
                                      __ATOMIC_RELAXED)) {
    if (free != 0) sched_yield();
    free = 0;
  }
}

static void unlock(void) { __atomic_store_n(&lock_word, 0, __ATOMIC_RELEASE); }

static void* count(void* wanted) {
  __atomic_fetch_add(&started, 1, __ATOMIC_ACQ_REL);
  while (__atomic_load_n(&started, __ATOMIC_ACQUIRE) < *(const uint32_t*)wanted) sched_yield();
  for (uint64_t i = 0; i < rounds; i++) {
    __atomic_fetch_add(&added, i, __ATOMIC_RELAXED);
    uint64_t seen = __atomic_load_n(&swapped, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&swapped, &seen, seen + i, 1, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED)) {
    }
    lock();
    locked_count += i;
    unlock();
  }
  return NULL;
}

int main(int argc, char** argv) {
  uint32_t threads = (uint32_t)argument(argc, argv, 1, 4);
  rounds = argument(argc, argv, 2, 20000);
  pthread_t* ids = allocate(threads * sizeof *ids);
  orrery_marker(ORRERY_BEGIN);
  for (uint32_t i = 0; i < threads; i++) {
    require(-pthread_create(&ids[i], NULL, count, &threads), "pthread_create");
  }
  for (uint32_t i = 0; i < threads; i++) pthread_join(ids[i], NULL);
  orrery_marker(ORRERY_END);
  const uint64_t expected = threads * (rounds * (rounds - 1) / 2);
  const int right = added == expected && swapped == expected && locked_count == expected;
  printf("threads: %u threads, %llu rounds = %llu %s\n", threads, (unsigned long long)rounds,
         (unsigned long long)locked_count, right ? "right" : "WRONG");
  return !right;
}
