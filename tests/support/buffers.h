#ifndef QD_TEST_BUFFERS_H
#define QD_TEST_BUFFERS_H

#include "core/arena.h"
#include "core/body.h"

/* Fixture of the tests of encoders: where messages and bodies come from. */
typedef struct buffers {
  qd_arena *arena;
  qd_body_pool *pool;
} buffers;

/* For cmocka: *state becomes a buffers. */
int buffers_set_up(void **state);
int buffers_tear_down(void **state);

#endif
