#include "client/option_toggle.h"

#include "core/error.h"

qdrant_status qd_option_toggle(const char *name, qdrant_toggle *toggle, qdrant_toggle fallback, qdrant_error *err) {
  if (*toggle != QDRANT_DEFAULT && *toggle != QDRANT_ON && *toggle != QDRANT_OFF)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is %d, which is no qdrant_toggle", name, (int)*toggle);
  if (*toggle == QDRANT_DEFAULT)
    *toggle = fallback;
  return QDRANT_OK;
}
