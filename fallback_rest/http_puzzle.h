#ifndef QD_HTTP_PUZZLE_H
#define QD_HTTP_PUZZLE_H

#include "fallback_rest/http_state.h"

/* A server that wants TLS on a port where we speak none closes the connection, or answers what is no HTTP. Exchanges
 * that end so wait while the port is asked (tls/diagnosis.h). What goes wrong with TLS itself libcurl tells. All but
 * open on the HTTP thread. */

/* Makes http->diagnosis, which over TLS or behind a proxy there is none of. 0 when out of memory. */
int qd_http_puzzle_open(qd_http *http, const qd_http_options *options);

/* Before the handle is let go of: notes to whom it was connected, if its end is a puzzle. */
void qd_http_puzzle_note(const qd_http *http, qd_http_exchange *exchange, CURLcode result);

/* Whether the exchange has to wait; the thread is woken when it is time to ask again. Else its error says all there is
 * to say. */
int qd_http_puzzle_is_open(qd_http *http, qd_http_exchange *exchange);

#endif
