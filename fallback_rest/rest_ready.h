#ifndef QD_REST_READY_H
#define QD_REST_READY_H

#include "fallback_rest/http.h"

/* Waits until somebody answers HTTP there, whatever the answer. The last reason why not, or CLOSED. */
qdrant_status qd_rest_wait_ready(qd_http *http, int64_t deadline_ns, qdrant_error *err);

#endif
