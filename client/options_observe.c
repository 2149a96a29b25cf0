#include "client/options_observe.h"

#include "core/error.h"
#include "core/sized.h"
#include "qdrant/hooks.h"

static qdrant_status copy_hooks(const qdrant_hooks *given, qd_options *options, qdrant_error *err) {
  if (given == NULL)
    return QDRANT_OK;
  qdrant_hooks *copy = qd_arena_zalloc(options->arena, sizeof *copy);
  if (copy == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the options were copied");
  options->hooks = copy;
  return qd_sized_copy(copy, sizeof *copy, given, "qdrant_hooks", QDRANT_CONFIG_INVALID, err);
}

qdrant_status qd_options_resolve_observe(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  if ((unsigned)given->newer_fields > QDRANT_NEWER_SEND)
    return qd_fail(
        err, QDRANT_CONFIG_INVALID, "newer_fields is %d, which is no qdrant_newer_fields", (int)given->newer_fields);
  options->newer_fields = given->newer_fields;
  return copy_hooks(given->hooks, options, err);
}
