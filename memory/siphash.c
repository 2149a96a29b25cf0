#include "memory/siphash.h"

static uint64_t rotate(uint64_t word, int n_bits) {
  return word << n_bits | word >> (64 - n_bits);
}

static void mix_rounds(uint64_t v[4], int n_rounds) {
  for (int i = 0; i < n_rounds; i++) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
  }
}

static void absorb(uint64_t v[4], uint64_t word) {
  v[3] ^= word;
  mix_rounds(v, 2);
  v[0] ^= word;
}

/* Up to eight bytes, the first the lowest. */
static uint64_t read_word(const uint8_t *bytes, size_t n_bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < n_bytes; i++)
    word |= (uint64_t)bytes[i] << (8 * i);
  return word;
}

uint64_t qd_siphash(qd_siphash_key key, const void *data, size_t n_bytes) {
  uint64_t v[4] = {key.low ^ UINT64_C(0x736f6d6570736575), key.high ^ UINT64_C(0x646f72616e646f6d),
      key.low ^ UINT64_C(0x6c7967656e657261), key.high ^ UINT64_C(0x7465646279746573)};
  const uint8_t *next = data;
  size_t n_left = n_bytes;
  for (; n_left >= 8; n_left -= 8, next += 8)
    absorb(v, read_word(next, 8));
  absorb(v, read_word(next, n_left) | (uint64_t)n_bytes << 56);
  v[2] ^= 0xff;
  mix_rounds(v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}
