#ifndef QD_HTTP_TRANSFER_H
#define QD_HTTP_TRANSFER_H

#include "fallback_rest/http.h"

/* Moves a file in the calling thread, over a connection of its own, with nothing of it in memory but a buffer.
 * transfer->error tells what kept it from an answer, or which of the caller's functions ended it. An answer that is
 * none of success is left in *answer (code, reply to be freed with qd_free, retry_after_ms) for whoever knows its form.
 */
void qd_http_transfer(qd_http *http, qd_transfer *transfer, qd_http_exchange *answer);

#endif
