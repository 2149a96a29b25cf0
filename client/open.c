/* The only file that knows which transports there are. */
#include "client/endpoints.h"
#include "client/retry.h"
#include "client/tls_warnings.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/log.h"
#include "endpoints/endpoints_transport.h"
#include "fallback_rest/failover.h"
#include "fallback_rest/rest_transport.h"
#include "memory/memory_transport.h"
#include "pool/grpc_transport.h"

uint64_t qd_transports_leaked_calls(void) {
  return qd_grpc_leaked_calls() + qd_rest_leaks() + qd_failover_leaks() + qd_endpoints_leaks();
}

static qdrant_status open_grpc(
    const qd_options *options, const qd_node *node, qd_transport *transport, qdrant_error *err) {
  qd_grpc_options grpc = {
      .host = node->url.host,
      .port = node->grpc_port,
      .is_tls = node->url.is_tls,
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

static qdrant_status open_rest(
    const qd_options *options, const qd_node *node, qd_transport *transport, qdrant_error *err) {
  qd_rest_options rest = {
      .http = {.host = node->url.host,
          .port = node->rest_port,
          .is_ipv6 = node->url.is_ipv6,
          .is_tls = node->url.is_tls,
          .path_prefix = node->rest_prefix,
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

static qdrant_status open_credentials(qdrant_client *client, qdrant_error *err) {
  const qd_options *options = &client->options;
  if (options->api_key_provider == NULL || options->nodes[0].url.is_memory)
    return QDRANT_OK;
  client->credentials = qd_credentials_new(options->api_key_provider, options->api_key_user);
  return client->credentials != NULL ? QDRANT_OK
                                     : qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a client was opened");
}

static void close_transport(qd_transport *transport) {
  if (transport->ops != NULL)
    transport->ops->close(transport->self, qd_now_ns(), 0);
}

static qdrant_status open_both(
    const qd_options *options, const qd_node *node, qd_transport *transport, qdrant_error *err) {
  qd_transport grpc = {0};
  qd_transport rest = {0};
  qdrant_status status = open_grpc(options, node, &grpc, err);
  if (status == QDRANT_OK)
    status = open_rest(options, node, &rest, err);
  if (status == QDRANT_OK)
    status = qd_failover_open(grpc, rest, transport, err);
  if (status != QDRANT_OK) {
    close_transport(&grpc);
    close_transport(&rest);
  }
  return status;
}

static qdrant_status open_node(
    const qd_options *options, const qd_node *node, qd_transport *transport, qdrant_error *err) {
  if (!options->prefers_grpc)
    return open_rest(options, node, transport, err);
  return node->has_fallback ? open_both(options, node, transport, err) : open_grpc(options, node, transport, err);
}

/* Opens each, then what makes one of them. */
static qdrant_status open_nodes(qdrant_client *client, qd_transport *nodes, const char **urls, qdrant_error *err) {
  const qd_options *options = &client->options;
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; status == QDRANT_OK && i < options->n_nodes; i++) {
    urls[i] = options->nodes[i].endpoint;
    status = open_node(options, &options->nodes[i], &nodes[i], err);
  }
  if (status != QDRANT_OK)
    return status;
  qd_endpoints_options endpoints = {
      .urls = urls,
      .n_endpoints = options->n_nodes,
      .has_hedges = options->has_hedges,
      .hedge_delay_ms = options->hedge_delay_ms,
      .hedge_fraction = options->hedge_fraction,
      .seed = qd_random_next(&client->random),
      .changed = qd_client_tells_endpoints(client) ? qd_client_tell_endpoint : NULL,
      .owner = client,
  };
  return qd_endpoints_open(&endpoints, nodes, &client->transport, err);
}

static qdrant_status open_cluster(qdrant_client *client, qdrant_error *err) {
  const qd_options *options = &client->options;
  qd_transport *nodes = qd_arena_zalloc(options->arena, options->n_nodes * sizeof *nodes);
  const char **urls = qd_arena_zalloc(options->arena, options->n_nodes * sizeof *urls);
  if (nodes == NULL || urls == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a client was opened");
  qdrant_status status = open_nodes(client, nodes, urls, err);
  for (size_t i = 0; status != QDRANT_OK && i < options->n_nodes; i++)
    close_transport(&nodes[i]);
  return status;
}

/* One endpoint has no layer above it unless somebody wants what the layer does. */
static int needs_cluster(const qdrant_client *client) {
  return client->options.n_nodes > 1 || client->options.has_hedges || qd_client_tells_endpoints(client);
}

static qdrant_status open_transport(qdrant_client *client, qdrant_error *err) {
  const qd_options *options = &client->options;
  if (options->nodes[0].url.is_memory)
    return qd_memory_open(options->memory_threads, options->memory_snapshot_directory, &client->transport, err);
  if (needs_cluster(client))
    return open_cluster(client, err);
  return open_node(options, &options->nodes[0], &client->transport, err);
}

/* A path that a user wrote is not passed over in silence. */
static void tell_paths(const qd_options *options) {
  for (size_t i = 0; i < options->n_nodes; i++) {
    const qd_node *node = &options->nodes[i];
    if (options->prefers_grpc && node->rest_prefix != NULL && node->rest_prefix[0] != '\0')
      qd_log(QDRANT_LOG_WARN, "client", "%s: the path \"%s\" of the url is for REST, gRPC does not send it",
          node->endpoint, node->rest_prefix);
  }
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
  status = opened != NULL ? open_credentials(opened, err)
                          : qd_fail(err, QDRANT_NO_MEMORY, "out of memory while a client was opened");
  if (status == QDRANT_OK)
    status = open_transport(opened, err);
  if (status == QDRANT_OK) {
    tell_paths(&opened->options);
    qd_warn_about_tls(&opened->options);
    *client = opened;
    opened = NULL;
  }
end:
  qd_client_discard(opened);
  qd_options_free(&options);
  return status;
}
