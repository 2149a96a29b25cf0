/* The only file that knows which transports there are. */
#include "client/client.h"
#include "core/deadline.h"
#include "core/error.h"
#include "fallback_rest/failover.h"
#include "fallback_rest/rest_transport.h"
#include "memory/memory_transport.h"
#include "pool/grpc_transport.h"

uint64_t qd_transports_leaked_calls(void) {
  return qd_grpc_leaked_calls() + qd_rest_leaks() + qd_failover_leaks();
}

static qdrant_status open_grpc(const qd_options *options, qd_transport *transport, qdrant_error *err) {
  qd_grpc_options grpc = {
      .host = options->url.host,
      .port = options->grpc_port,
      .is_tls = options->url.is_tls,
      .api_key = options->api_key,
      .headers = options->headers,
      .n_headers = options->n_headers,
      .user_agent = options->user_agent,
      .tls = options->tls,
      .use_env_proxy = options->use_env_proxy,
      .n_connections = (int32_t)options->n_connections,
      .connect_timeout_ms = options->connect_timeout_ms,
      .keepalive_ms = options->keepalive_ms,
      .keepalive_timeout_ms = options->keepalive_timeout_ms,
      .max_reply_bytes = options->max_reply_bytes,
  };
  return qd_grpc_open(&grpc, transport, err);
}

static qdrant_status open_rest(const qd_options *options, qd_transport *transport, qdrant_error *err) {
  qd_rest_options rest = {
      .http = {.host = options->url.host,
          .port = options->rest_port,
          .is_ipv6 = options->url.is_ipv6,
          .is_tls = options->url.is_tls,
          .path_prefix = options->rest_prefix,
          .api_key = options->api_key,
          .headers = options->headers,
          .n_headers = options->n_headers,
          .user_agent = options->user_agent,
          .tls = options->tls,
          .use_env_proxy = options->use_env_proxy,
          .accepts_gzip = options->has_rest_compression,
          .n_connections = options->n_connections,
          .connect_timeout_ms = options->connect_timeout_ms,
          .keepalive_ms = options->keepalive_ms,
          .keepalive_timeout_ms = options->keepalive_timeout_ms},
      .is_compressed = options->has_rest_compression,
      .max_reply_bytes = options->max_reply_bytes,
  };
  return qd_rest_open(&rest, transport, err);
}

static void close_transport(qd_transport *transport) {
  if (transport->ops != NULL)
    transport->ops->close(transport->self, qd_now_ns(), 0);
}

static qdrant_status open_both(const qd_options *options, qd_transport *transport, qdrant_error *err) {
  qd_transport grpc = {0};
  qd_transport rest = {0};
  qdrant_status status = open_grpc(options, &grpc, err);
  if (status == QDRANT_OK)
    status = open_rest(options, &rest, err);
  if (status == QDRANT_OK)
    status = qd_failover_open(grpc, rest, transport, err);
  if (status != QDRANT_OK) {
    close_transport(&grpc);
    close_transport(&rest);
  }
  return status;
}

static qdrant_status open_transport(const qd_options *options, qd_transport *transport, qdrant_error *err) {
  if (options->url.is_memory)
    return qd_memory_open(options->memory_threads, options->memory_snapshot_directory, transport, err);
  if (!options->prefers_grpc)
    return open_rest(options, transport, err);
  return options->has_fallback ? open_both(options, transport, err) : open_grpc(options, transport, err);
}

qdrant_status qdrant_client_open(const qdrant_options *given, qdrant_client **client, qdrant_error *err) {
  qd_options options;
  qdrant_client *opened = NULL;
  qd_error_clear(err);
  if (client == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "client is NULL");
  *client = NULL;
  qdrant_status status = qd_options_resolve(given, &options, err);
  if (status != QDRANT_OK)
    goto end;
  opened = qd_client_new(&options);
  status = opened != NULL ? open_transport(&opened->options, &opened->transport, err)
                          : qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a client was opened");
  if (status == QDRANT_OK) {
    *client = opened;
    opened = NULL;
  }
end:
  qd_client_discard(opened);
  qd_options_free(&options);
  return status;
}
