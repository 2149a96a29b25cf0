#include "client/client.h"

#include "client/operation.h"
#include "client/process.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/sized.h"
#include "core/thread.h"

#include <string.h>

/* What is kept between calls: arenas of replies and buffers of requests. */
#define MAX_KEPT_ARENAS 16
#define MAX_KEPT_ARENA_BYTES ((size_t)8 << 20)
#define MAX_KEPT_BODY_BYTES ((size_t)64 << 20)

qdrant_client *qd_client_new(qd_options *options) {
  qdrant_client *client = qd_zalloc(sizeof *client);
  if (client == NULL)
    return NULL;
  client->arenas = qd_arena_pool_new(MAX_KEPT_ARENAS, MAX_KEPT_ARENA_BYTES);
  client->bodies = qd_body_pool_new(MAX_KEPT_BODY_BYTES);
  if (client->arenas == NULL || client->bodies == NULL || !qd_metrics_init(&client->metrics, options->n_nodes)) {
    qd_arena_pool_unref(client->arenas);
    qd_body_pool_unref(client->bodies);
    qd_free(client);
    return NULL;
  }
  qd_server_version_init(&client->server_version);
  atomic_init(&client->refs, 1);
  atomic_init(&client->holds, 1);
  client->fork_generation = qd_fork_generation();
  qd_gate_init(&client->gate);
  qd_alarms_init(&client->alarms, qd_operation_ring);
  atomic_init(&client->random, (uint64_t)qd_now_ns() ^ (uint64_t)(uintptr_t)client);
  pthread_mutex_init(&client->lock, NULL);
  qd_cond_init(&client->admitted);
  qd_cond_init(&client->ended);
  for (size_t i = 0; i < QD_N_BUDGETS; i++)
    qd_budget_init(&client->budgets[i], options->retry_budget);
  client->options = *options;
  memset(options, 0, sizeof *options);
  return client;
}

static void destroy_locks(qdrant_client *client) {
  pthread_cond_destroy(&client->ended);
  pthread_cond_destroy(&client->admitted);
  pthread_mutex_destroy(&client->lock);
  qd_alarms_destroy(&client->alarms);
  qd_gate_destroy(&client->gate);
}

/* In a forked child threads that are not there may seem to wait on the locks: destroying them would wait for those. */
static void free_client(qdrant_client *client) {
  if (client->fork_generation == qd_fork_generation())
    destroy_locks(client);
  else
    qd_alarms_abandon(&client->alarms);
  qd_server_version_destroy(&client->server_version);
  qd_metrics_destroy(&client->metrics);
  qd_body_pool_unref(client->bodies);
  qd_arena_pool_unref(client->arenas);
  qd_credentials_free(client->credentials);
  qd_options_free(&client->options);
  qd_free(client);
}

qdrant_client *qd_client_hold(qdrant_client *client) {
  atomic_fetch_add(&client->holds, 1);
  return client;
}

void qd_client_drop(qdrant_client *client) {
  if (atomic_fetch_sub(&client->holds, 1) == 1)
    free_client(client);
}

void qd_client_discard(qdrant_client *client) {
  if (client == NULL)
    return;
  if (client->transport.ops != NULL)
    client->transport.ops->close(client->transport.self, qd_now_ns(), 0);
  qd_client_drop(client);
}

qdrant_status qd_client_check_process(const qdrant_client *client, qdrant_error *err) {
  if (client->fork_generation == qd_fork_generation())
    return QDRANT_OK;
  return qd_fail(err, QDRANT_FORKED,
      "the client was opened before fork and cannot be used in the child: close it here, and fork before opening "
      "clients");
}

qdrant_client *qdrant_client_ref(qdrant_client *client) {
  if (client != NULL)
    atomic_fetch_add(&client->refs, 1);
  return client;
}

const char *qdrant_client_endpoint(const qdrant_client *client) {
  return client != NULL ? client->options.nodes[0].endpoint : NULL;
}

const char *qd_client_endpoint_at(const qdrant_client *client, uint32_t number) {
  return number < client->options.n_nodes ? client->options.nodes[number].endpoint : "";
}

qdrant_status qdrant_client_wait_ready(qdrant_client *client, int64_t timeout_ms, qdrant_error *err) {
  qd_error_clear(err);
  if (client == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "client is NULL");
  if (timeout_ms < 0)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "timeout_ms is %lld; it must not be negative", (long long)timeout_ms);
  qdrant_status status = qd_client_check_process(client, err);
  if (status != QDRANT_OK)
    return status;
  if (!qd_gate_enter(&client->gate))
    return qd_fail(err, QDRANT_CLOSED, "the client is closed");
  const qd_transport *transport = &client->transport;
  int64_t deadline_ns = qd_deadline_in_ms(timeout_ms > 0 ? timeout_ms : client->options.connect_timeout_ms);
  if (transport->ops->wait_ready != NULL)
    status = transport->ops->wait_ready(transport->self, deadline_ns, err);
  qd_gate_leave(&client->gate);
  return status;
}

static void fill_stats(qdrant_client *client, qdrant_stats *stats) {
  stats->transport = client->transport.ops->name;
  stats->n_calls = atomic_load(&client->n_calls);
  stats->n_failed = atomic_load(&client->n_failed);
  stats->n_retries = atomic_load(&client->n_retries);
  stats->n_over_budget = atomic_load(&client->n_over_budget);
  stats->request_bytes = atomic_load(&client->request_bytes);
  stats->reply_bytes = atomic_load(&client->reply_bytes);
  stats->n_leaked = qd_transports_leaked_calls() + qd_close_leaks();
  pthread_mutex_lock(&client->lock);
  stats->n_calls_in_flight = client->n_in_flight;
  pthread_mutex_unlock(&client->lock);
  if (client->transport.ops->stats != NULL && qd_gate_enter(&client->gate)) {
    client->transport.ops->stats(client->transport.self, stats);
    qd_gate_leave(&client->gate);
  }
}

qdrant_status qdrant_client_stats(qdrant_client *client, qdrant_stats *stats, qdrant_error *err) {
  qdrant_stats filled = QDRANT_STATS_INIT;
  qd_error_clear(err);
  if (client == NULL || stats == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", client == NULL ? "client" : "stats");
  if (stats->size < 2 * sizeof(size_t))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "stats->size is %zu; set it to sizeof(qdrant_stats)", stats->size);
  qdrant_status status = qd_client_check_process(client, err);
  if (status != QDRANT_OK)
    return status;
  fill_stats(client, &filled);
  qd_sized_give(stats, &filled, sizeof filled);
  return QDRANT_OK;
}
