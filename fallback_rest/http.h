#ifndef QD_HTTP_H
#define QD_HTTP_H

#include "core/transport.h"
#include "tls/tls_options.h"

#include <stdatomic.h>

/* HTTP with one server: any number of exchanges at once over a few reused connections, carried by one thread, which is
 * begun with the first exchange. Knows nothing of Qdrant. */
typedef struct qd_http qd_http;

typedef struct qd_http_options {
  const char *host; /* without brackets */
  uint16_t port;
  int is_ipv6;
  int is_tls;
  const char *path_prefix; /* put before each target, as "/qdrant"; NULL or "": none */
  const char *api_key;     /* NULL: none */
  const qdrant_header *headers;
  size_t n_headers;
  const char *user_agent; /* NULL: none */
  qd_tls_options tls;     /* nothing of it matters without is_tls */
  int use_env_proxy;
  int accepts_gzip;
  uint32_t n_connections;
  int64_t connect_timeout_ms;
  int64_t keepalive_ms; /* -1: none */
  int64_t keepalive_timeout_ms;
} qd_http_options;

typedef struct qd_http_exchange qd_http_exchange;
struct qd_http_exchange {
  /* Set before start and kept until done; the rest is zero before. */
  const char *verb;
  const char *target; /* path and query, percent-encoded; begins with "/" */
  const char *body;   /* JSON; NULL: none */
  size_t n_body;
  int is_body_gzip;
  const qdrant_header *headers; /* replace those of the options that have the same names */
  size_t n_headers;
  int64_t deadline_ns;
  int needs_own_connection; /* none that is there already */
  size_t max_reply_bytes;
  void (*done)(qd_http_exchange *exchange); /* once after start returned OK, on the HTTP thread, must not block */
  /* Set before done. error is OK when an answer came, whatever its code; else it tells status, delivery and text. */
  qdrant_error error;
  int is_unreachable; /* with an error: nobody who speaks HTTP could be connected to */
  int code;
  int is_http2;
  char *reply; /* ended by NUL; NULL when empty; to be freed with qd_free */
  size_t n_reply;
  int has_retry_after;
  uint32_t retry_after_ms;
  int is_storage_full; /* it has the header "qdrant-insufficient-storage" */
  char location[128];  /* where a redirect points, without its query */
  /* The HTTP thread's own. */
  struct {
    void *easy;
    void *header_list; /* set by start; NULL: the options' alone */
    size_t capacity;
    uint64_t generation; /* of the certificates of easy */
    int is_tls;
    int has_begun;       /* the request may be on its way */
    qdrant_status fault; /* why it was ended from inside */
    char text[256];      /* libcurl's, of an error */
    char puzzle_address[64];
    uint16_t puzzle_port; /* 0: its end is no puzzle */
    atomic_int is_cancelled;
    qd_http_exchange *previous;
    qd_http_exchange *next;
  } own;
};

/* Everything is copied. No connection is made before the first exchange. CONFIG_INVALID (certificate files), NO_MEMORY.
 */
qdrant_status qd_http_open(const qd_http_options *options, qd_http **http, qdrant_error *err);

/* Begins an exchange. CLOSED, NO_MEMORY, FORKED: not taken. May be called inside done. */
qdrant_status qd_http_start(qd_http *http, qd_http_exchange *exchange, qdrant_error *err);

/* Asks for an early end. The caller sees to it that the exchange is not freed meanwhile: done may already have run. */
void qd_http_cancel(qd_http *http, qd_http_exchange *exchange);

/* "host:port". Lives as long as the client. */
const char *qd_http_endpoint(const qd_http *http);

/* Connections: how many there may be, are open, and were open at the same time. */
void qd_http_stats(qd_http *http, qdrant_stats *stats);

/* Ends what is in flight with CANCELLED and frees. 0 when a callback holds the thread up beyond the deadline: it is
 * left behind with its memory, and counted. is_child: after fork, in the child. */
int qd_http_close(qd_http *http, int64_t deadline_ns, int is_child);
uint64_t qd_http_leaks(void);

/* True in a child of the process that opened it. */
int qd_http_is_forked(const qd_http *http);

#endif
