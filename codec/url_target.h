#ifndef QD_URL_TARGET_H
#define QD_URL_TARGET_H

#include "codec/url_values.h"

/* Path and query of a route, percent-encoded. */

/* In arena. INVALID_ARGUMENT names an empty part of the path, which would be another route, or a target that is too
 * long for a server. */
qdrant_status qd_url_target_write(
    const qd_route *route, const qd_url_values *values, qd_arena *arena, const char **target, qdrant_error *err);

/* Whether the path of a target is one of the route's. */
int qd_url_target_is_of(const qd_route *route, const char *target);

/* The values in a target of the route's, in arena. Parameters that are not known are ignored, as servers do.
 * INVALID_ARGUMENT. */
qdrant_status qd_url_target_read(
    const qd_route *route, const char *target, qd_arena *arena, qd_url_values *values, qdrant_error *err);

#endif
