#ifndef QD_TRANSPORT_H
#define QD_TRANSPORT_H

#include "core/arena.h"
#include "core/body.h"
#include "core/rpc.h"
#include "core/transfer.h"
#include "qdrant/call.h"
#include "qdrant/error.h"

#include <stdatomic.h>

/* Seam A: one attempt of one RPC. Transports: pool/ (gRPC), memory/ (in this process), fallback_rest/ (REST). */

/* A request is a message, its encoded bytes, or an HTTP request that has no message; ops->accepts says which of them a
 * transport takes. */
typedef enum qd_request_kind { QD_REQUEST_MESSAGE = 1, QD_REQUEST_BYTES = 2, QD_REQUEST_HTTP = 4 } qd_request_kind;

/* What only the REST API has. Its answer's bytes are the text as it came. */
typedef struct qd_http_request {
  const char *verb;
  const char *target; /* path and query, percent-encoded; begins with "/" */
  const char *body;   /* JSON; NULL: none */
  size_t n_body;
} qd_http_request;

typedef struct qd_request {
  qd_request_kind kind;
  const ProtobufCMessage *message; /* MESSAGE: borrowed until start or run returns */
  qd_body *body;                   /* BYTES: the transport takes references of its own */
  const qd_http_request *http;     /* HTTP: stays until done; call->rpc then has a name and a retry class only */
} qd_request;

/* A reply as it came, held by the transport's own means until read. */
typedef struct qd_reply_bytes_ops {
  const uint8_t *(*borrow)(void *owner);   /* all bytes if they lie in one piece, else NULL */
  void (*copy)(void *owner, uint8_t *out); /* all bytes, in order */
  void (*release)(void *owner);
  /* NULL: the bytes are the reply message's encoding. Else borrow and copy are not used, and this makes the message, in
   * arena, in the thread of whoever reads the reply. */
  qdrant_status (*decode)(
      void *owner, const qd_rpc *rpc, qd_arena *arena, ProtobufCMessage **message, qdrant_error *err);
} qd_reply_bytes_ops;

typedef struct qd_reply_bytes {
  const qd_reply_bytes_ops *ops; /* NULL: there are none */
  void *owner;
  size_t n_bytes;
} qd_reply_bytes;

typedef struct qd_call qd_call;
struct qd_call {
  /* Set by the client before start; the transport only reads them. They stay until done, except request.message. */
  const qd_rpc *rpc;
  qd_request request;
  int64_t deadline_ns;          /* of this attempt */
  int is_repeatable;            /* it may be made again although it may have been carried out */
  uint32_t avoided_endpoint;    /* its number plus 1: rather at another (it failed a moment ago); 0: any */
  uint32_t wanted_endpoint;     /* its number plus 1: there, or not at all; 0: any */
  uint32_t avoided_connection;  /* not on this one if there is another (a hedge); 0: any */
  uint32_t server_timeout_s;    /* value for the request's timeout field, sent after the body; 0: leave it out */
  const qdrant_header *headers; /* of this call, valid; the client's own are the transport's since open */
  size_t n_headers;
  qd_arena *arena;             /* where a transport that replies with a message puts it */
  void (*done)(qd_call *call); /* exactly once after start returned OK (perhaps before it returns), any thread, must not
                                  block; afterwards the transport does not touch the call again */
  /* Set by the transport before done. bytes become the client's to release. */
  qd_reply_bytes bytes;
  ProtobufCMessage *message; /* in arena */
  qdrant_error error;        /* status, delivery, remote_code, retry_after_ms, is_permanent, reason, message */
  uint32_t endpoint;         /* whose it was, from 0 */
  atomic_uint connection;    /* on which it is, from 1; 0: not known. Set by start at the latest */
  int is_unreachable;        /* with an error: nobody is there who speaks the transport's protocol */
  /* The transport's own, NULL before start. */
  void *transport_state;
  /* Of a transport that stands in front of others: whom it reports to, and what became of the call so far. */
  struct {
    void *owner;
    void (*done)(qd_call *call);
    int place;
    int is_cancelled;
    const qdrant_error *earlier; /* in arena; NULL: none */
  } front;
};

typedef struct qd_transport_ops {
  const char *name;
  uint32_t accepts; /* bits of qd_request_kind */
  /* Begins the attempt. Not OK: not taken, call->error says why, done never runs. */
  qdrant_status (*start)(void *self, qd_call *call);
  /* Optional: carries the attempt out in the calling thread and returns its status, call->error filled; done is not
   * called. */
  qdrant_status (*run)(void *self, qd_call *call);
  /* Asks for an early end: done follows soon with CANCELLED. After done, or twice, it does nothing. The caller holds
   * the call. Any thread. */
  void (*cancel)(void *self, qd_call *call);
  /* Moves a file, in the calling thread; transfer->error is filled. NULL unless QD_REQUEST_HTTP is accepted. */
  void (*transfer)(void *self, qd_transfer *transfer);
  /* Write a collection, or all when it is NULL, into a snapshot file, and take in what is in one; in the calling
   * thread. NULL: what the transport reaches keeps its files to itself. */
  qdrant_status (*save)(void *self, const char *collection, const char *path, int64_t deadline_ns, qdrant_error *err);
  qdrant_status (*load)(void *self, const char *path, const char *collection, qdrant_error *err);
  /* Waits for a usable connection. NULL: always ready. */
  qdrant_status (*wait_ready)(void *self, int64_t deadline_ns, qdrant_error *err);
  /* Adds the transport's figures to stats: n_connections, n_ready, n_used. NULL: none. */
  void (*stats)(void *self, qdrant_stats *stats);
  /* The figures of one endpoint. A transport of one endpoint tells its state alone. NULL: it has no connections. */
  void (*endpoint_stats)(void *self, size_t number, qdrant_endpoint_stats *stats);
  /* Ends: no new calls; calls in flight are cancelled and report; then frees self. Returns by deadline_ns; what core
   * still holds then is leaked and counted in qd_leaked_calls. is_child: after fork, in the child: frees only our own
   * memory. Not on a thread of the transport's. */
  void (*close)(void *self, int64_t deadline_ns, int is_child);
} qd_transport_ops;

typedef struct qd_transport {
  const qd_transport_ops *ops;
  void *self;
} qd_transport;

#endif
