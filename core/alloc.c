#include "core/alloc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Atomic so that threads which outlive a test's hook read a whole pointer. */
static _Atomic(qd_alloc_hook) current_hook;
static _Atomic(void *) current_user;

static int is_refused(size_t n_bytes) {
  qd_alloc_hook hook = atomic_load_explicit(&current_hook, memory_order_acquire);
  return hook != NULL && !hook(atomic_load_explicit(&current_user, memory_order_relaxed), n_bytes);
}

void qd_alloc_set_hook(qd_alloc_hook hook, void *user) {
  atomic_store_explicit(&current_user, user, memory_order_relaxed);
  atomic_store_explicit(&current_hook, hook, memory_order_release);
}

/* malloc(0) may answer NULL, which would read as out of memory. */
static size_t at_least_one(size_t n_bytes) {
  return n_bytes == 0 ? 1 : n_bytes;
}

void *qd_alloc(size_t n_bytes) {
  return is_refused(n_bytes) ? NULL : malloc(at_least_one(n_bytes));
}

void *qd_zalloc(size_t n_bytes) {
  return is_refused(n_bytes) ? NULL : calloc(1, at_least_one(n_bytes));
}

void *qd_alloc_array(size_t n, size_t n_bytes) {
  if (n_bytes != 0 && n > SIZE_MAX / n_bytes)
    return NULL;
  return qd_alloc(n * n_bytes);
}

void *qd_realloc(void *block, size_t n_bytes) {
  return is_refused(n_bytes) ? NULL : realloc(block, at_least_one(n_bytes));
}

char *qd_strdup(const char *text) {
  return qd_strndup(text, strlen(text));
}

char *qd_strndup(const char *text, size_t n_bytes) {
  char *copy = n_bytes == SIZE_MAX ? NULL : qd_alloc(n_bytes + 1);
  if (copy == NULL)
    return NULL;
  if (n_bytes > 0)
    memcpy(copy, text, n_bytes);
  copy[n_bytes] = '\0';
  return copy;
}

void qd_free(void *block) {
  free(block);
}
