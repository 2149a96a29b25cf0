#ifndef QD_FUZZ_H
#define QD_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What libFuzzer calls, and replay.c in its place. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

/* What must hold for every input. The fuzzer keeps the input that made the program abort. */
static inline void fuzz_require(int holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
  }
}

#endif
