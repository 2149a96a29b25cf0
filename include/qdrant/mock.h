#ifndef QDRANT_MOCK_H
#define QDRANT_MOCK_H

#include "qdrant/client.h"
#include "qdrant/error.h"
#include "qdrant/sized.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A Qdrant server inside this process for tests: the embedded engine behind a real gRPC port and a real REST port, with
 * scripted faults. Library: libqdrant-mock. Several may run at once, each with its own data. Functions may be called
 * from any thread; qdrant_mock_stop is the last one. HealthCheck passes without a key, other statuses and texts are a
 * real server's. */
typedef struct qdrant_mock qdrant_mock;

typedef struct qdrant_mock_options {
  size_t size;                   /* sizeof(qdrant_mock_options) */
  const char *host;              /* NULL: 127.0.0.1 */
  uint16_t grpc_port;            /* 0: a free one */
  const char *api_key;           /* calls without it are refused; NULL: no key needed */
  uint32_t n_threads;            /* that carry calls out, for each port; 0: 2 */
  uint16_t rest_port;            /* 0: a free one */
  qdrant_toggle rest;            /* OFF: no REST port; ON by default */
  const char *tls_cert_pem;      /* not NULL: both ports speak TLS and show this certificate (and those above it) */
  const char *tls_key_pem;       /* its private key; both or neither */
  const char *tls_client_ca_pem; /* clients must show a certificate of one of these authorities; NULL: none is asked for
                                  */
  const char *version;           /* what it says it is; NULL: the newest whose fields it knows */
  const char *load_path;         /* a file of qdrant_memory_save: the collections to begin with; NULL: none */
  const char *applied_path;      /* the ids of every upsert that was carried out are appended to this file before it is
                                  * answered, numbers only, 8 bytes each as the machine has them: what a server that is
                                  * killed had done; NULL: no file */
} qdrant_mock_options;

#define QDRANT_MOCK_OPTIONS_INIT QDRANT_SIZED(qdrant_mock_options)

/* Starts a server that takes calls when the function returns. options NULL: all defaults; all is copied. On success
 * *mock is the caller's, to be stopped; on failure it is NULL. Errors: UNAVAILABLE names the host and port that cannot
 * be listened on, INVALID_ARGUMENT the option; NOT_FOUND, INVALID_ARGUMENT and INTERNAL what is wrong with a file;
 * NO_MEMORY. */
QDRANT_API qdrant_status qdrant_mock_start(const qdrant_mock_options *options, qdrant_mock **mock, qdrant_error *err);

/* Stops it and frees its data: connections are closed, calls in flight end without an answer, calls that wait are not
 * carried out. Returns within about five seconds; a search that takes longer is left to end by itself and its memory
 * stays behind. NULL is fine. */
QDRANT_API void qdrant_mock_stop(qdrant_mock *mock);

/* The port it listens on, also when it chose one by itself; 0 for NULL. */
QDRANT_API uint16_t qdrant_mock_grpc_port(const qdrant_mock *mock);

/* The port of REST; 0 for NULL and for a server without one. */
QDRANT_API uint16_t qdrant_mock_rest_port(const qdrant_mock *mock);

/* Shows other certificates to connections that come from now on; those that are there stay. For a server that was
 * started with TLS. Errors: INVALID_ARGUMENT says which text is wrong, and nothing has changed. */
QDRANT_API qdrant_status qdrant_mock_show_certificate(qdrant_mock *mock, const char *tls_cert_pem,
    const char *tls_key_pem, const char *tls_client_ca_pem, qdrant_error *err);

/* "http://127.0.0.1:PORT", over TLS "https:...", with the port of gRPC, for qdrant_options.url. Lives as long as the
 * server. */
QDRANT_API const char *qdrant_mock_url(const qdrant_mock *mock);

typedef enum qdrant_fault_kind {
  QDRANT_FAULT_STATUS = 0,          /* answers status and message; the call is not carried out */
  QDRANT_FAULT_DELAY = 1,           /* carries it out after delay_ms */
  QDRANT_FAULT_DROP = 2,            /* closes the connection without an answer; not carried out */
  QDRANT_FAULT_APPLY_THEN_FAIL = 3, /* carries it out, then answers status and message */
  QDRANT_FAULT_APPLY_THEN_DROP = 4, /* carries it out, then closes the connection without an answer */
  QDRANT_FAULT_STALL = 5            /* never answers; ends with the connection or the server */
} qdrant_fault_kind;

/* What to do to calls. Faults are asked in the order they were added; the first that matches, lets no more calls pass
 * and is not used up is met, and later ones do not see that call. Calls refused for their key meet none. DELAY and the
 * APPLY kinds carry a call out even if its client has gone. */
typedef struct qdrant_mock_fault {
  size_t size;     /* sizeof(qdrant_mock_fault) */
  const char *rpc; /* "Points/Upsert"; NULL: any */
  qdrant_fault_kind kind;
  uint32_t skip;        /* matching calls to let pass first */
  int32_t count;        /* calls to meet after that; 0: one; -1: without end */
  qdrant_status status; /* STATUS, APPLY_THEN_FAIL */
  const char *message;
  uint32_t delay_ms;      /* any kind: wait before */
  uint32_t retry_after_s; /* trailing metadata "retry-after", over REST the header; 0: none */
} qdrant_mock_fault;

#define QDRANT_MOCK_FAULT_INIT QDRANT_SIZED(qdrant_mock_fault)

/* Adds a fault; everything is copied. INVALID_ARGUMENT names the member; NO_MEMORY. */
QDRANT_API qdrant_status qdrant_mock_add_fault(qdrant_mock *mock, const qdrant_mock_fault *fault, qdrant_error *err);

/* Forgets all faults; calls that have met one already keep it. */
QDRANT_API void qdrant_mock_clear_faults(qdrant_mock *mock);

/* Closes every connection now; new ones are taken. Calls that a thread is at go on without their
 * client. */
QDRANT_API void qdrant_mock_drop_connections(qdrant_mock *mock);

/* What the server has seen since it started. */
typedef struct qdrant_mock_stats {
  size_t size;                 /* sizeof(qdrant_mock_stats), set by the caller */
  uint64_t n_calls;            /* begun, refused ones included */
  uint64_t n_connections;      /* accepted */
  uint64_t n_open;             /* of them open now */
  uint64_t n_connections_used; /* that carried at least one call */
  uint64_t n_faults;           /* met */
  uint64_t n_points;           /* in upserts carried out */
} qdrant_mock_stats;

#define QDRANT_MOCK_STATS_INIT QDRANT_SIZED(qdrant_mock_stats)

/* Fills *stats up to stats->size, which the caller sets (the macro does); a NULL does nothing. Any thread. */
QDRANT_API void qdrant_mock_get_stats(qdrant_mock *mock, qdrant_mock_stats *stats);

/* Number of calls of one RPC ("Points/Upsert"), refused ones included; 0 for a name that is none. */
QDRANT_API uint64_t qdrant_mock_count_calls(qdrant_mock *mock, const char *rpc);

/* A header of the last call of an RPC, copied into text of n_bytes, cut if too long and ended by NUL. Returns the
 * value's whole length, or -1 when there was no such call or header. Keys ("api-key") are kept as well: this is for
 * tests. "grpc-timeout-ms" gives the time that the call had left when it arrived. */
QDRANT_API long qdrant_mock_last_header(
    qdrant_mock *mock, const char *rpc, const char *name, char *text, size_t n_bytes);

#ifdef __cplusplus
}
#endif
#endif
