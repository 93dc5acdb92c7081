// text [KIB]: writes lines of words, of a made-up language in which some words are frequent, as
// input for gzip, sort, awk and their like. Unlike the other programs it prints nothing else.
#include "program.h"

enum { kWords = 4096, kLongest = 12, kPerLine = 8, kBuffer = 1 << 16 };

static char words[kWords][kLongest + 1];

static void invent_words(uint64_t* seed) {
  static const char consonants[] = "bcdfghjklmnprstv", vowels[] = "aeio";
  for (int w = 0; w < kWords; w++) {
    const uint64_t random = next_random(seed);
    const int length = 2 + (int)(random >> 60) % (kLongest - 1);
    for (int i = 0; i < length; i++) {
      const uint64_t choice = random >> (4 * i);
      words[w][i] = i % 2 == 0 ? consonants[choice % 16] : vowels[choice % 4];
    }
  }
}

// Of four numbers the smallest: word 0 is drawn most often.
static const char* frequent_word(uint64_t random) {
  uint64_t smallest = kWords - 1;
  for (int i = 0; i < 4; i++) {
    const uint64_t number = random >> (16 * i) & (kWords - 1);
    if (number < smallest) smallest = number;
  }
  return words[smallest];
}

int main(int argc, char** argv) {
  static char buffer[kBuffer];
  uint64_t left = argument(argc, argv, 1, 64) * 1024, seed = 1;
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  invent_words(&seed);
  while (left > 0) {
    char line[kPerLine * (kLongest + 1) + 16];
    int length = 0;
    for (int i = 0; i < kPerLine; i++) {
      length += sprintf(line + length, "%s ", frequent_word(next_random(&seed)));
    }
    length += sprintf(line + length, "%u\n", (unsigned)(next_random(&seed) % 100000));
    if ((uint64_t)length > left) length = (int)left;
    fwrite(line, 1, (size_t)length, stdout);
    left -= (uint64_t)length;
  }
  return fflush(stdout) != 0;
}
