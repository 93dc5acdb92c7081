// coremarklike [ITERATIONS]: a mixture like that of the well-known embedded benchmarks, written
// from scratch: a linked list is searched, reversed and sorted; small matrices are multiplied; a
// state machine reads numbers out of a text; CRC-16 over all results. No system call while it runs.
#include "program.h"

static uint16_t crc16(uint16_t crc, uint32_t value) {
  for (int bit = 0; bit < 32; bit++) {
    const int carry = (crc ^ value) & 1;
    crc >>= 1;
    value >>= 1;
    if (carry) crc ^= 0xa001;
  }
  return crc;
}

// ---- linked list ----

enum { kItems = 64 };

struct item {
  struct item* next;
  int16_t key, value;
};

static struct item* merge(struct item* a, struct item* b) {
  struct item head, *last = &head;
  while (a != NULL && b != NULL) {
    struct item** smaller = b->key < a->key ? &b : &a;
    last->next = *smaller;
    last = *smaller;
    *smaller = last->next;
  }
  last->next = a != NULL ? a : b;
  return head.next;
}

static struct item* sort(struct item* list) {
  if (list == NULL || list->next == NULL) return list;
  struct item *middle = list, *end = list->next;
  while (end != NULL && end->next != NULL) {
    middle = middle->next;
    end = end->next->next;
  }
  struct item* second = middle->next;
  middle->next = NULL;
  return merge(sort(list), sort(second));
}

static struct item* reverse(struct item* list) {
  struct item* reversed = NULL;
  while (list != NULL) {
    struct item* next = list->next;
    list->next = reversed;
    reversed = list;
    list = next;
  }
  return reversed;
}

static const struct item* find(const struct item* list, int16_t key) {
  while (list != NULL && list->key != key) list = list->next;
  return list;
}

static uint16_t work_on_list(uint16_t crc, uint32_t seed) {
  static struct item items[kItems];
  for (uint32_t i = 0; i < kItems; i++) {
    items[i].next = i + 1 < kItems ? &items[i + 1] : NULL;
    items[i].key = (int16_t)((i * 37 + seed * 11) % 101);
    items[i].value = (int16_t)(i ^ seed);
  }
  struct item* list = items;
  for (int16_t key = 0; key < 16; key++) {
    const struct item* found = find(list, (int16_t)(key * 7));
    crc = crc16(crc, found != NULL ? (uint32_t)found->value : 0xffff);
    list = reverse(list);
  }
  list = sort(list);
  for (const struct item* at = list; at != NULL; at = at->next) {
    crc = crc16(crc, (uint32_t)(at->key << 16 | (uint16_t)at->value));
  }
  return crc;
}

// ---- matrices ----

enum { kSize = 10 };

static uint16_t work_on_matrices(uint16_t crc, uint32_t seed) {
  static int16_t a[kSize][kSize], b[kSize][kSize];
  static int32_t c[kSize][kSize];
  for (uint32_t i = 0; i < kSize; i++) {
    for (uint32_t j = 0; j < kSize; j++) {
      a[i][j] = (int16_t)((seed + i * 3 + j) % 256);
      b[i][j] = (int16_t)((seed * 5 + i + j * 7) % 256);
    }
  }
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) {
      int32_t sum = 0;
      for (int k = 0; k < kSize; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
  int32_t largest = 0;
  for (int i = 0; i < kSize; i++) {
    for (int j = 0; j < kSize; j++) {
      // Bit fields of a product, as in fixed-point filters.
      const int32_t field = (c[i][j] >> 2 & 0xf) * (c[i][j] >> 5 & 0x7f);
      if (field > largest) largest = field;
      crc = crc16(crc, (uint32_t)field);
    }
  }
  return crc16(crc, (uint32_t)largest);
}

// ---- state machine ----

enum state {
  kStart,
  kSign,
  kWhole,
  kFraction,
  kExponent,
  kExponentSign,
  kExponentDigits,
  kBad,
  kStates
};

static enum state step(enum state state, char c) {
  const int digit = c >= '0' && c <= '9', sign = c == '+' || c == '-';
  switch (state) {
    case kStart: return digit ? kWhole : sign ? kSign : c == '.' ? kFraction : kBad;
    case kSign: return digit ? kWhole : c == '.' ? kFraction : kBad;
    case kWhole: return digit ? kWhole : c == '.' ? kFraction : c == 'e' ? kExponent : kBad;
    case kFraction: return digit ? kFraction : c == 'e' ? kExponent : kBad;
    case kExponent: return digit ? kExponentDigits : sign ? kExponentSign : kBad;
    case kExponentSign:
    case kExponentDigits: return digit ? kExponentDigits : kBad;
    default: return kBad;
  }
}

static uint16_t work_on_text(uint16_t crc, uint32_t seed) {
  char text[] = "5012,1234,-874,+122,35.54400,.1234500,-110.700,+0.64400,5.5e+3,-.123e-2,-87e+83,"
                "+0.6e-12,T0.3e-1F,-T.T++Tq,1T3.4e4z,34.0e-T^";
  const uint32_t damage = seed % (sizeof text - 1);
  if (text[damage] != ',') text[damage] = (char)('!' + seed % 64);
  uint32_t ends[kStates] = {0}, steps[kStates] = {0};
  enum state state = kStart;
  for (const char* c = text; *c != '\0'; c++) {
    if (*c == ',') {
      ends[state]++;
      state = kStart;
    } else if (state != kBad) {
      state = step(state, *c);
      steps[state]++;
    }
  }
  for (int i = 0; i < kStates; i++) crc = crc16(crc, ends[i] << 16 | steps[i]);
  return crc;
}

int main(int argc, char** argv) {
  const uint32_t iterations = (uint32_t)argument(argc, argv, 1, 1000);
  uint16_t crc = 0xffff;
  orrery_marker(ORRERY_BEGIN);
  for (uint32_t i = 0; i < iterations; i++) {
    crc = work_on_list(crc, i);
    crc = work_on_matrices(crc, i + crc);
    crc = work_on_text(crc, i + crc);
  }
  orrery_marker(ORRERY_END);
  printf("coremarklike: %u iterations = %04x\n", iterations, crc);
  return 0;
}
