#ifndef QD_HTTP_WAIT_H
#define QD_HTTP_WAIT_H

#include "fallback_rest/http_state.h"

/* How the HTTP thread drives libcurl, which may take away a timer that it has just set, by which it means to come back
 * to an answer that is in its buffers already: with those that had run out when curl_multi_perform began (until 8.4,
 * curl's pull request 11937), and when another handle begins meanwhile. The socket has nothing more to say then, and
 * the answer would lie there until the call's deadline. */

/* When connections that nobody uses are closed. */
int64_t qd_http_idle_end_ns(const qd_http *http);

/* Has libcurl do what there is to do; there is a multi. */
CURLMcode qd_http_perform(qd_http *http);

/* Until a socket, the wake descriptor or a timer has something; not for long where a timer may have been lost. */
void qd_http_wait(const qd_http *http);

#endif
