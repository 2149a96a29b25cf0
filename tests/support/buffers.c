#include "tests/support/buffers.h"

int buffers_set_up(void **state) {
  static buffers made;
  made = (buffers){qd_arena_new(0), qd_body_pool_new(0)};
  *state = &made;
  return made.arena == NULL || made.pool == NULL;
}

int buffers_tear_down(void **state) {
  buffers *with = *state;
  qd_arena_free(with->arena);
  qd_body_pool_unref(with->pool);
  return 0;
}
