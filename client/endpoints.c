#include "client/endpoints.h"

#include "client/process.h"
#include "core/error.h"
#include "core/sized.h"
#include "qdrant/hooks.h"

int qd_client_tells_endpoints(const qdrant_client *client) {
  const qdrant_hooks *hooks = client->options.hooks;
  return hooks != NULL && hooks->endpoint_change != NULL;
}

void qd_client_tell_endpoint(void *owner, size_t number, qdrant_endpoint_state state, const char *reason) {
  const qdrant_client *client = owner;
  const qdrant_hooks *hooks = client->options.hooks;
  qd_callback_enter();
  hooks->endpoint_change(hooks->user, client->options.nodes[number].endpoint, state, reason);
  qd_callback_leave();
}

size_t qdrant_client_n_endpoints(const qdrant_client *client) {
  return client != NULL ? client->options.n_nodes : 0;
}

const char *qdrant_endpoint_state_name(qdrant_endpoint_state state) {
  switch (state) {
  case QDRANT_ENDPOINT_CONNECTING: return "CONNECTING";
  case QDRANT_ENDPOINT_READY: return "READY";
  case QDRANT_ENDPOINT_UNREACHABLE: return "UNREACHABLE";
  case QDRANT_ENDPOINT_EJECTED: return "EJECTED";
  }
  return "UNKNOWN_STATE";
}

/* An only endpoint's figures are the client's own; of several, the transport has them. */
static void fill(qdrant_client *client, size_t number, qdrant_endpoint_stats *stats) {
  const qd_transport *transport = &client->transport;
  stats->url = client->options.nodes[number].endpoint;
  stats->state = QDRANT_ENDPOINT_READY;
  stats->n_calls = atomic_load(&client->n_calls);
  stats->n_failed = atomic_load(&client->n_failed);
  pthread_mutex_lock(&client->lock);
  stats->n_calls_in_flight = client->n_in_flight;
  pthread_mutex_unlock(&client->lock);
  if (transport->ops->endpoint_stats != NULL && qd_gate_enter(&client->gate)) {
    transport->ops->endpoint_stats(transport->self, number, stats);
    qd_gate_leave(&client->gate);
  }
}

qdrant_status qdrant_client_endpoint_stats(
    qdrant_client *client, size_t number, qdrant_endpoint_stats *stats, qdrant_error *err) {
  qdrant_endpoint_stats filled = QDRANT_ENDPOINT_STATS_INIT;
  qd_error_clear(err);
  if (client == NULL || stats == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", client == NULL ? "client" : "stats");
  if (stats->size < 2 * sizeof(size_t))
    return qd_fail(
        err, QDRANT_INVALID_ARGUMENT, "stats->size is %zu; set it to sizeof(qdrant_endpoint_stats)", stats->size);
  if (number >= client->options.n_nodes)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "endpoint number %zu does not exist; the client has %zu, from 0",
        number, client->options.n_nodes);
  qdrant_status status = qd_client_check_process(client, err);
  if (status != QDRANT_OK)
    return status;
  fill(client, number, &filled);
  qd_sized_give(stats, &filled, sizeof filled);
  return QDRANT_OK;
}
