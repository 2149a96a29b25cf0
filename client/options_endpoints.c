#include "client/options_endpoints.h"

#include "core/error.h"

#include <string.h>

#define DEFAULT_URL "http://localhost:6334"

enum { MAX_ENDPOINTS = 1000 };

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the options were copied");
}

static qdrant_status resolve_ports(
    const qdrant_options *given, const qd_options *options, qd_node *node, qdrant_error *err) {
  qd_ports ports = qd_url_ports(&node->url, given->grpc_port, given->rest_port);
  node->grpc_port = ports.grpc;
  node->rest_port = ports.rest;
  if (!options->prefers_grpc && node->rest_port == 0)
    node->rest_port = node->url.port; /* whose else should it be? */
  if (options->prefers_grpc && node->rest_port == 0 && given->rest_fallback == QDRANT_ON)
    return qd_fail(err, QDRANT_CONFIG_INVALID,
        "rest_fallback is on, but the port %u of the url is gRPC's and REST's is not known; set rest_port",
        (unsigned)node->grpc_port);
  node->has_fallback = options->wants_fallback && options->prefers_grpc && node->rest_port != 0;
  return QDRANT_OK;
}

/* given: with the url and the ports of this node. */
static qdrant_status resolve_node(const qdrant_options *given, qd_options *options, qd_node *node, qdrant_error *err) {
  qd_url *url = &node->url;
  qdrant_status status = qd_url_parse(given->url, url, err);
  if (status == QDRANT_OK && !url->is_memory)
    status = resolve_ports(given, options, node, err);
  if (status == QDRANT_OK && !url->is_memory) {
    node->rest_prefix = qd_arena_strndup(options->arena, url->path, url->n_path);
    status = node->rest_prefix != NULL ? QDRANT_OK : fail_memory(err);
  }
  url->path = NULL; /* the caller's text */
  url->n_path = 0;
  if (status == QDRANT_OK)
    qd_url_format(url, options->prefers_grpc ? node->grpc_port : node->rest_port, node->endpoint);
  return status;
}

static qdrant_status check_list(const qdrant_options *given, qdrant_error *err) {
  if (given->n_endpoints > 0 && given->endpoints == NULL)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "endpoints is NULL and n_endpoints is %zu", given->n_endpoints);
  if (given->endpoints != NULL && (given->n_endpoints == 0 || given->n_endpoints > MAX_ENDPOINTS))
    return qd_fail(
        err, QDRANT_CONFIG_INVALID, "n_endpoints is %zu; expected 1 to %d", given->n_endpoints, MAX_ENDPOINTS);
  if (given->endpoints != NULL && given->url != NULL)
    return qd_fail(err, QDRANT_CONFIG_INVALID,
        "url and endpoints are both set; make the url \"%.100s\" one of the endpoints", given->url);
  return QDRANT_OK;
}

/* One node twice would get twice its share, and be no other node for a second attempt. Keys go to all of them, so all
 * are in clear or none is. */
static qdrant_status check_node(const qd_options *options, size_t i, qdrant_error *err) {
  const qd_node *node = &options->nodes[i];
  if (node->url.is_memory)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "\":memory:\" is no node of a cluster; give it as url");
  if (node->url.is_tls != options->nodes[0].url.is_tls)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "\"%s\" and \"%s\": either all use TLS or none does",
        options->nodes[0].endpoint, node->endpoint);
  for (size_t earlier = 0; earlier < i; earlier++)
    if (strcmp(options->nodes[earlier].endpoint, node->endpoint) == 0)
      return qd_fail(
          err, QDRANT_CONFIG_INVALID, "\"%s\" is there twice, as endpoints[%zu] too", node->endpoint, earlier);
  return QDRANT_OK;
}

static qdrant_status resolve_listed(const qdrant_options *given, size_t i, qd_options *options, qdrant_error *err) {
  const qdrant_endpoint *endpoint = &given->endpoints[i];
  qdrant_options one = *given;
  one.url = endpoint->url;
  one.grpc_port = endpoint->grpc_port != 0 ? endpoint->grpc_port : given->grpc_port;
  one.rest_port = endpoint->rest_port != 0 ? endpoint->rest_port : given->rest_port;
  qdrant_status status = one.url != NULL ? resolve_node(&one, options, &options->nodes[i], err)
                                         : qd_fail(err, QDRANT_CONFIG_INVALID, "url is NULL");
  if (status == QDRANT_OK)
    status = check_node(options, i, err);
  if (status != QDRANT_OK)
    qd_error_prefix(err, "endpoints[%zu]: ", i);
  return status;
}

qdrant_status qd_options_resolve_endpoints(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  qdrant_status status = check_list(given, err);
  if (status != QDRANT_OK)
    return status;
  size_t n_nodes = given->endpoints != NULL ? given->n_endpoints : 1;
  options->nodes = qd_arena_zalloc(options->arena, n_nodes * sizeof *options->nodes);
  if (options->nodes == NULL)
    return fail_memory(err);
  options->n_nodes = n_nodes;
  if (given->endpoints == NULL) {
    qdrant_options one = *given;
    one.url = given->url != NULL ? given->url : DEFAULT_URL;
    return resolve_node(&one, options, &options->nodes[0], err);
  }
  for (size_t i = 0; status == QDRANT_OK && i < n_nodes; i++)
    status = resolve_listed(given, i, options, err);
  return status;
}
