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

/* One node of a cluster. */
typedef struct qdrant_endpoint {
  const char *url;    /* as qdrant_options.url, but for ":memory:" */
  uint16_t grpc_port; /* 0: as in qdrant_options */
  uint16_t rest_port; /* 0: as in qdrant_options */
} qdrant_endpoint;

/* Which calls are repeated after a failure. */
typedef enum qdrant_repeat {
  QDRANT_REPEAT_DEFAULT = 0,  /* the client's; SAFE for a client */
  QDRANT_REPEAT_NOT_SENT = 1, /* only what certainly did not leave this process */
  QDRANT_REPEAT_SAFE = 2,     /* also what leaves the same state when it is done twice: reads, writes by ids */
  QDRANT_REPEAT_ALWAYS = 3    /* also writes by filter, which may meet other points the second time */
} qdrant_repeat;

/* How a server's certificate is checked. */
typedef enum qdrant_tls_verify {
  QDRANT_VERIFY_FULL = 0,       /* chain, dates and name */
  QDRANT_VERIFY_CHAIN_ONLY = 1, /* chain and dates, any name */
  QDRANT_VERIFY_NONE = 2        /* nothing: whoever sits on the way reads and changes everything; logged as a warning */
} qdrant_tls_verify;

/* What to do with a request that uses a field which the server is too old to know, and would ignore in silence. The
 * server's version decides. Until it is known, the first request with a field that is newer than 1.10 asks for it by a
 * health check within its own deadline (a started call returns at once and reports as always), and fails with NOT_SENT
 * if nobody answers. Of several endpoints each is asked, and the oldest that answers counts. It is asked again after an
 * attempt ended with UNAVAILABLE, and after ten minutes unless the servers know all fields. Requests with checks OFF,
 * and all to the engine in the process, go as they are. */
typedef enum qdrant_newer_fields {
  QDRANT_NEWER_REFUSE = 0,    /* UNSUPPORTED, reason TOO_OLD; names the field and both versions */
  QDRANT_NEWER_LEAVE_OUT = 1, /* leaves out hints (where data lies, timeouts, pace), with a warning in the log; refuses
                               * what changes the meaning of the call or its answer all the same */
  QDRANT_NEWER_SEND = 2       /* sends everything */
} qdrant_newer_fields;

/* Gives the key to send as "api-key": writes at most n_key bytes with the final NUL into key, and into *valid_ms how
 * long it may be used (0: until the server refuses it). Not OK: the call fails with UNAUTHENTICATED and err's message.
 * Runs on the thread that begins a call, one at a time, or, for repeats of asynchronous calls, on a thread of the
 * library; never inside a callback, where the last key is sent even if its time is over. May block, within the call's
 * deadline. After UNAUTHENTICATED it is asked once more, and the call made once more. */
typedef qdrant_status (*qdrant_api_key_provider)(
    void *user, char *key, size_t n_key, int64_t *valid_ms, qdrant_error *err);

struct qdrant_hooks;

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
  const qdrant_endpoint *endpoints;      /* nodes of one cluster, each may be asked anything; in place of url. All with
                                          * TLS or all without. Snapshots and what only REST has: of the first. NULL:
                                          * the one of url */
  size_t n_endpoints;
  int64_t attempt_timeout_ms; /* one attempt of a call; 0: no limit but the call's own */
  int64_t retry_delay_ms;     /* the first wait before another attempt is at most this; 0: 100. It doubles each time up
                               * to the larger of 5 s and four times this; a server's retry-after is waited for */
  int32_t retry_budget;       /* tokens an endpoint: a retry takes 5, one after a timeout 10, a call that succeeds at
                               * once gives 1 back (AWS SDKs' standard mode); 0: 500; -1: no limit */
  qdrant_repeat repeat;       /* which calls are repeated */
  qdrant_api_key_provider api_key_provider; /* renewable credentials, in place of api_key; NULL: none */
  void *api_key_user;
  const char *tls_cert_path;    /* PEM: certificate chain shown to the server (mTLS); NULL: none */
  const char *tls_key_path;     /* PEM: its private key; both or none */
  qdrant_tls_verify tls_verify; /* never implied by anything else */
  int64_t tls_reload_ms;        /* certificate files are looked at for a change so often at most, when a connection is
                                 * made or cannot be; new connections use what changed; 0: 60,000; -1: never */
  qdrant_toggle hedge_reads;    /* OFF by default; ON: a read that is late goes out once more, on another connection or
                                 * node, and the first answer counts */
  int64_t hedge_delay_ms;       /* how late; 0: the observed 95th percentile */
  double hedge_fraction;        /* of all reads, at most; 0: 0.02 */
  const char *route_affinity;   /* sent with reads as "x-qdrant-route-affinity": reads with one token prefer the same
                                 * replicas; NULL: none */
  int32_t read_consistency;     /* of reads that say none themselves: the number of replicas, or a qdrant_consistency;
                                 * 0: the server's default */
  qdrant_newer_fields newer_fields;
  const struct qdrant_hooks *hooks; /* hooks.h; NULL: none */
} qdrant_options;

/* Values of read_consistency beside a number of replicas. */
typedef enum qdrant_consistency {
  QDRANT_CONSISTENCY_MAJORITY = -1,
  QDRANT_CONSISTENCY_QUORUM = -2,
  QDRANT_CONSISTENCY_ALL = -3
} qdrant_consistency;

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
  uint64_t n_leaked;      /* calls whose state a close had to leave behind, process-wide */
  uint64_t n_fallback;    /* attempts that REST carried because gRPC could not be reached */
  uint64_t n_over_budget; /* calls that ended with their error because an endpoint's retry_budget was used up */
} qdrant_stats;

#define QDRANT_STATS_INIT QDRANT_SIZED(qdrant_stats)

/* Fills *stats. stats->size says how much of it the caller knows. Any thread. */
QDRANT_API qdrant_status qdrant_client_stats(qdrant_client *client, qdrant_stats *stats, qdrant_error *err);

typedef enum qdrant_endpoint_state {
  QDRANT_ENDPOINT_CONNECTING = 0, /* no connection yet */
  QDRANT_ENDPOINT_READY = 1,
  QDRANT_ENDPOINT_UNREACHABLE = 2, /* the last attempt to connect failed */
  QDRANT_ENDPOINT_EJECTED = 3      /* connected, but its calls failed: it gets none but trials for a while */
} qdrant_endpoint_state;

/* One endpoint of a client. */
typedef struct qdrant_endpoint_stats {
  size_t size;     /* sizeof(qdrant_endpoint_stats), set by the caller */
  const char *url; /* as dialled; lives as long as the client */
  qdrant_endpoint_state state;
  uint32_t n_calls_in_flight;
  uint64_t n_calls; /* attempts */
  uint64_t n_failed;
  uint64_t n_ejections;
  int64_t ejected_ms; /* how long it stays ejected; 0: it is not */
  uint64_t n_hedges;  /* reads that went here as the second of two */
} qdrant_endpoint_stats;

#define QDRANT_ENDPOINT_STATS_INIT QDRANT_SIZED(qdrant_endpoint_stats)

/* How many endpoints a client has, and the figures of one (INVALID_ARGUMENT when there is none of that number). */
QDRANT_API size_t qdrant_client_n_endpoints(const qdrant_client *client);
QDRANT_API qdrant_status qdrant_client_endpoint_stats(
    qdrant_client *client, size_t number, qdrant_endpoint_stats *stats, qdrant_error *err);

/* "CONNECTING", "READY" ...; static text. */
QDRANT_API const char *qdrant_endpoint_state_name(qdrant_endpoint_state state);

/* What a ping found. */
typedef struct qdrant_pong {
  size_t size;      /* sizeof(qdrant_pong), set by the caller */
  int64_t time_ns;  /* from the question to the answer */
  char version[32]; /* of the server, as "1.18.3" */
} qdrant_pong;

#define QDRANT_PONG_INIT QDRANT_SIZED(qdrant_pong)

/* Asks the server whether it is there: one health check, which needs no key, without retries, and waits. timeout_ms 0:
 * the client's connect timeout. pong: NULL or filled on success. */
QDRANT_API qdrant_status qdrant_client_ping(
    qdrant_client *client, int64_t timeout_ms, qdrant_pong *pong, qdrant_error *err);

/* The server's version as it was last heard, by a ping or a request with newer fields; "" before. Copied, cut if too
 * long; never asks. */
QDRANT_API void qdrant_client_server_version(qdrant_client *client, char *version, size_t n_version);

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
