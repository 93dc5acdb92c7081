// chase [KIB] [STEPS]: follows pointers through one random cycle over all lines of a buffer: the
// latency of each level of the memory hierarchy, one miss at a time.
#include "program.h"

struct node {
  struct node* next;
  uint64_t number;
  char rest_of_line[48];
};

int main(int argc, char** argv) {
  const size_t count = argument(argc, argv, 1, 4096) * 1024 / sizeof(struct node);
  const uint64_t steps = argument(argc, argv, 2, 1000000);
  struct node* nodes = allocate(count * sizeof *nodes);
  uint32_t* order = allocate(count * sizeof *order);
  for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
  // Sattolo's shuffle gives a permutation that is a single cycle.
  uint64_t seed = 1;
  for (size_t i = count - 1; i > 0; i--) {
    const size_t j = next_random(&seed) % i;
    const uint32_t swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  for (size_t i = 0; i < count; i++) {
    nodes[i].next = &nodes[order[i]];
    nodes[i].number = i;
  }
  const struct node* node = nodes;
  orrery_marker(ORRERY_BEGIN);
  for (uint64_t i = 0; i < steps; i++) node = node->next;
  orrery_marker(ORRERY_END);
  printf("chase: %zu lines, %llu steps, stopped at line %llu\n", count, (unsigned long long)steps,
         (unsigned long long)node->number);
  return 0;
}
