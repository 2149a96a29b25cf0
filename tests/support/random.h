#ifndef QD_TEST_RANDOM_H
#define QD_TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Numbers for randomised tests: the same in every run unless QD_TEST_SEED says otherwise. */
typedef struct random_source {
  uint64_t state;
} random_source;

/* Prints the seed, so that a failure can be repeated. */
random_source random_begin(const char *test);

uint64_t random_u64(random_source *random);
/* From 0 to below - 1. */
size_t random_below(random_source *random, size_t below);
/* 1 in n. */
int random_is(random_source *random, size_t n);
/* Of every size: about as many small ones as large ones. */
uint64_t random_sized(random_source *random);
/* Any bits that make a finite number. */
float random_float(random_source *random);
double random_double(random_source *random);
/* UTF-8 with characters of one to four bytes, NUL among them if has_nul; at most max_bytes. Returns how many bytes. */
size_t random_text(random_source *random, char *text, size_t max_bytes, int has_nul);

#endif
