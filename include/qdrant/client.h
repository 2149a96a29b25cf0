#ifndef QDRANT_CLIENT_H
#define QDRANT_CLIENT_H

#include "qdrant/error.h"
#include "qdrant/sized.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A client: a pool of connections to one Qdrant, or an embedded engine. Thread-safe and reference-counted. */
typedef struct qdrant_client qdrant_client;

/* A switch whose zero is "the library decides". */
typedef enum qdrant_toggle { QDRANT_DEFAULT = 0, QDRANT_ON = 1, QDRANT_OFF = 2 } qdrant_toggle;

/* Metadata sent with a call. Names are lower case (a-z 0-9 - _ .), values printable ASCII; names that begin with
 * "grpc-" or ":", end in "-bin" or belong to HTTP/2 or the library (content-type, host, te, user-agent, api-key ...)
 * are refused. */
typedef struct qdrant_header {
  const char *name;
  const char *value;
} qdrant_header;

/* How to open a client. All zero means the defaults given here. Everything is copied by qdrant_client_open. */
typedef struct qdrant_options {
  size_t size;         /* sizeof(qdrant_options); QDRANT_OPTIONS_INIT sets it */
  const char *url;     /* http://HOST[:PORT], https://HOST[:PORT] or ":memory:"; NULL: http://localhost:6334. A path
                        * is a REST server's prefix, which gRPC does not send */
  const char *api_key; /* sent as "api-key"; surrounding white space is trimmed; NULL or "": none */
  uint16_t grpc_port;  /* 0: from the URL, else 6334; a URL's 6333 is REST's port, 6334 is dialled then */
  uint16_t rest_port;  /* 0: from the URL, else 6333. Any other port of a URL is gRPC's, or REST's if prefer_grpc is
                        * off or grpc_port is set */
  qdrant_toggle use_env_proxy; /* OFF by default: http_proxy and its relatives are not obeyed */
  int64_t timeout_ms; /* the whole call, retries and waiting included; 0: 30,000; -1: none but the limit of 24 hours */
  int64_t connect_timeout_ms;   /* one attempt to connect; 0: 3,000 */
  int64_t close_timeout_ms;     /* how long close lets calls in flight end by themselves; 0: 1,000; -1: not at all */
  int64_t keepalive_ms;         /* idle time before a ping; 0: 10,000; -1: no pings */
  int64_t keepalive_timeout_ms; /* a ping unanswered for so long ends the connection; 0: 5,000 */
  int32_t max_connections;      /* TCP connections of the pool, 1 to 1,000; 0: 4 */
  int32_t max_retries;          /* attempts after the first for calls that may be repeated; 0: 2; -1: none */
  uint32_t max_calls_in_flight; /* beyond it asynchronous calls answer AGAIN and blocking ones wait; 0: 1,024 */
  size_t max_bytes_in_flight;   /* encoded requests held at once, likewise; 0: 256 MiB */
  size_t max_request_bytes;     /* one encoded request; 0: 512 MiB */
  size_t max_reply_bytes;       /* one encoded reply; 0: 512 MiB */
  const qdrant_header *headers; /* sent with every call */
  size_t n_headers;
  const char *user_agent;         /* put before the library's own; NULL: nothing */
  const char *tls_ca_path;        /* PEM file of trusted roots; NULL: the system's */
  const char *tls_server_name;    /* the name the certificate must carry; NULL: the URL's host */
  size_t memory_threads;          /* ":memory:" only: workers for asynchronous calls; 0: 2. Large searches take more */
  qdrant_toggle prefer_grpc;      /* ON by default; OFF: all calls go over REST */
  qdrant_toggle rest_fallback;    /* ON by default where both ports are known: REST carries calls while gRPC cannot be
                                   * reached, if they may be repeated or were certainly not sent */
  qdrant_toggle rest_compression; /* OFF by default; ON: gzip for bodies and replies of REST */
  const char *memory_snapshot_directory; /* ":memory:" only: where Snapshots/Create writes; NULL: a temporary directory
                                          * that goes with the client */
} qdrant_options;

#define QDRANT_OPTIONS_INIT QDRANT_SIZED(qdrant_options)

/* Opens a client. Connections are made in the background: an unreachable server is not an error here but of the calls.
 * options: NULL means all defaults. On success *client is the caller's, to be closed; on failure it is NULL.
 * Errors: CONFIG_INVALID names the option and its value; NO_MEMORY; FORKED in a child of a process that already opened
 * one over gRPC (":memory:" can be opened anywhere). */
QDRANT_API qdrant_status qdrant_client_open(const qdrant_options *options, qdrant_client **client, qdrant_error *err);

/* Takes another reference, to be given back with qdrant_client_close. Returns client. */
QDRANT_API qdrant_client *qdrant_client_ref(qdrant_client *client);

/* Gives a reference back; NULL is fine. In a child of the process that opened the client it frees what can be freed.
 * The last one closes: new calls are refused with CLOSED, calls in flight get close_timeout_ms to end, are then
 * cancelled, and each reports exactly once. May be called from a callback. Blocks up to close_timeout_ms plus a second
 * otherwise. */
QDRANT_API void qdrant_client_close(qdrant_client *client);

/* What a client has done since it was opened. */
typedef struct qdrant_stats {
  size_t size;            /* sizeof(qdrant_stats), set by the caller */
  const char *transport;  /* that carries calls now: "grpc", "rest" or "memory"; static */
  uint32_t n_connections; /* of the pool */
  uint32_t n_ready;       /* of them connected now */
  uint32_t n_used;        /* of them that carried at least one call */
  uint32_t n_calls_in_flight;
  uint64_t n_calls;  /* attempts handed to the transport */
  uint64_t n_failed; /* of them those that did not end with OK */
  uint64_t n_retries;
  uint64_t request_bytes; /* encoded requests handed to the transport */
  uint64_t reply_bytes;
  uint64_t n_leaked;   /* calls whose state a close had to leave behind, process-wide */
  uint64_t n_fallback; /* attempts that REST carried because gRPC could not be reached */
} qdrant_stats;

#define QDRANT_STATS_INIT QDRANT_SIZED(qdrant_stats)

/* Fills *stats. stats->size says how much of it the caller knows. Any thread. */
QDRANT_API qdrant_status qdrant_client_stats(qdrant_client *client, qdrant_stats *stats, qdrant_error *err);

/* The endpoint as the transport dials it, e.g. "http://127.0.0.1:6334" or ":memory:", without credentials. Lives as
 * long as the client. */
QDRANT_API const char *qdrant_client_endpoint(const qdrant_client *client);

/* Waits until at least one connection is ready or timeout_ms is over (0: the client's connect timeout). Errors:
 * UNAVAILABLE with the last reason. */
QDRANT_API qdrant_status qdrant_client_wait_ready(qdrant_client *client, int64_t timeout_ms, qdrant_error *err);

/* The library's version, as "0.1.0". Static text. */
QDRANT_API const char *qdrant_version(void);

#ifdef __cplusplus
}
#endif
#endif
