#ifndef QD_OPTIONS_RETRY_H
#define QD_OPTIONS_RETRY_H

#include "client/options.h"

/* How long a call may take and how often it is tried: timeout_ms, attempt_timeout_ms, max_retries, retry_delay_ms,
 * retry_budget and repeat, of a client and of one call. */
qdrant_status qd_options_resolve_retry(const qdrant_options *given, qd_options *options, qdrant_error *err);
qdrant_status qd_settings_resolve_retry(
    const qd_options *options, const qdrant_call_options *given, qd_settings *settings, qdrant_error *err);

#endif
