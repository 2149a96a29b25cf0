#include "tests/support/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SEED 20

random_source random_begin(const char *test) {
  const char *wish = getenv("QD_TEST_SEED");
  uint64_t seed = wish != NULL ? strtoull(wish, NULL, 10) : DEFAULT_SEED;
  printf("%s: seed %" PRIu64 " (QD_TEST_SEED)\n", test, seed);
  return (random_source){.state = seed};
}

/* splitmix64 */
uint64_t random_u64(random_source *random) {
  uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

size_t random_below(random_source *random, size_t below) {
  return (size_t)(random_u64(random) % below);
}

int random_is(random_source *random, size_t n) {
  return random_below(random, n) == 0;
}

uint64_t random_sized(random_source *random) {
  return random_u64(random) >> random_below(random, 64);
}

float random_float(random_source *random) {
  float value;
  do {
    uint32_t bits = (uint32_t)random_u64(random);
    memcpy(&value, &bits, sizeof value);
  } while (!isfinite(value));
  return value;
}

double random_double(random_source *random) {
  double value;
  do {
    uint64_t bits = random_u64(random);
    memcpy(&value, &bits, sizeof value);
  } while (!isfinite(value));
  return value;
}

size_t random_text(random_source *random, char *text, size_t max_bytes, int has_nul) {
  static const char *const characters[] = {
      "a", "Z", "0", " ", "\"", "\\", "\n", "\x7f", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xef\xbf\xbd"};
  size_t n_bytes = 0;
  size_t n_wanted = random_below(random, max_bytes + 1);
  while (n_bytes < n_wanted) {
    if (has_nul && random_is(random, 16)) {
      text[n_bytes++] = '\0';
      continue;
    }
    const char *character = characters[random_below(random, sizeof characters / sizeof characters[0])];
    size_t n = strlen(character);
    if (n > n_wanted - n_bytes)
      break;
    memcpy(text + n_bytes, character, n);
    n_bytes += n;
  }
  return n_bytes;
}
