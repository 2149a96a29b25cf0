#ifndef QD_OPTIONS_H
#define QD_OPTIONS_H

#include "client/newer.h"
#include "client/url.h"
#include "core/arena.h"
#include "qdrant/call.h"
#include "tls/tls_options.h"

/* Where one endpoint is. */
typedef struct qd_node {
  qd_url url;
  uint16_t grpc_port;
  uint16_t rest_port; /* 0: not known */
  const char *rest_prefix;
  int has_fallback;                     /* REST, when gRPC cannot be reached */
  char endpoint[QD_MAX_ENDPOINT_BYTES]; /* as it is dialled */
} qd_node;

/* A client's options with every default filled in and every value checked. Texts lie in arena. */
typedef struct qd_options {
  qd_arena *arena;
  qd_node *nodes; /* at least one */
  size_t n_nodes;
  int prefers_grpc;
  int wants_fallback; /* to REST, at nodes whose port for it is known */
  int has_rest_compression;
  int has_hedges;
  int64_t hedge_delay_ms; /* 0: the observed 95th percentile */
  double hedge_fraction;
  const qdrant_header *route_affinity;                    /* of reads; NULL: none */
  const struct Qdrant__ReadConsistency *read_consistency; /* of reads; NULL: none */
  const char *api_key;                                    /* trimmed; NULL: none */
  qdrant_api_key_provider api_key_provider;               /* NULL: none */
  void *api_key_user;
  const char *user_agent;
  qd_tls_options tls;
  const qdrant_header *headers;
  size_t n_headers;
  int use_env_proxy;
  int64_t timeout_ms;
  int64_t attempt_timeout_ms; /* 0: none */
  int64_t connect_timeout_ms;
  int64_t close_timeout_ms;
  int64_t keepalive_ms; /* -1: no pings */
  int64_t keepalive_timeout_ms;
  uint32_t n_connections;
  uint32_t max_attempts;
  int64_t retry_delay_ms;
  int32_t retry_budget; /* tokens an endpoint; 0: no limit */
  qdrant_repeat repeat; /* never DEFAULT */
  uint32_t max_calls_in_flight;
  size_t max_bytes_in_flight;
  size_t max_request_bytes;
  size_t max_reply_bytes;
  size_t memory_threads;
  const char *memory_snapshot_directory;
  qdrant_newer_fields newer_fields;
  const struct qdrant_hooks *hooks; /* NULL: none */
} qd_options;

/* CONFIG_INVALID names the option, the rule and the value (never a key's or header's). Freed with qd_options_free, also
 * after a failure. */
qdrant_status qd_options_resolve(const qdrant_options *given, qd_options *options, qdrant_error *err);
void qd_options_free(qd_options *options);

/* What holds for one call, from its options and the client's. Headers and cancel stay the caller's. */
typedef struct qd_settings {
  int64_t deadline_ns;
  int64_t attempt_timeout_ns; /* 0: none */
  uint32_t max_attempts;
  qdrant_repeat repeat; /* never DEFAULT */
  int is_patient; /* tried until the deadline, whatever the attempts and the budget: for a caller that bounds its own
                   * calls. 0 after qd_settings_resolve */
  uint32_t wanted_endpoint; /* as in qd_call; 0 after qd_settings_resolve */
  int is_question;          /* asked for a call that has its place among those in flight already */
  qd_newer_set newer;       /* fields of a request that is no message, which older servers do not know */
  int is_checked;           /* the request is looked at before it is sent */
  const qdrant_header *headers;
  size_t n_headers;
  qdrant_cancel *cancel;
} qd_settings;

/* given: NULL means the client's. INVALID_ARGUMENT. */
qdrant_status qd_settings_resolve(
    const qd_options *options, const qdrant_call_options *given, qd_settings *settings, qdrant_error *err);

#endif
