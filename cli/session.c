#include "cli/fail.h"
#include "cli/key.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

qdrant_status qd_cli_misuse(qd_cli *cli, const char *format, ...) {
  char message[256];
  va_list values;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  cli->is_usage = 1;
  return qd_cli_fail(
      &cli->err, QDRANT_INVALID_ARGUMENT, "%s; see 'qdrantctl %s --help'", message, cli->args.command->name);
}

static void set_tls(const qd_args *args, qdrant_options *options) {
  options->tls_ca_path = args->tls_ca;
  options->tls_cert_path = args->tls_cert;
  options->tls_key_path = args->tls_key;
  options->tls_server_name = args->tls_server_name;
  options->tls_verify = (qdrant_tls_verify)args->tls_verify;
}

qdrant_status qd_cli_open(qd_cli *cli, const char *url, const qd_cli_key *key, qdrant_client **client) {
  const qd_args *args = &cli->args;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_endpoint endpoints[QD_MAX_TEXTS] = {{0}};
  for (size_t i = 0; i < args->endpoints.n; i++)
    endpoints[i].url = args->endpoints.items[i];
  options.endpoints = args->endpoints.n > 0 ? endpoints : NULL;
  options.n_endpoints = args->endpoints.n;
  options.url = url;
  if (key)
    qd_cli_key_set(key, &options);
  set_tls(args, &options);
  options.grpc_port = (uint16_t)args->grpc_port;
  options.rest_port = (uint16_t)args->rest_port;
  if (args->is_rest)
    options.prefer_grpc = QDRANT_OFF;
  if (args->is_hedged)
    options.hedge_reads = QDRANT_ON;
  options.max_connections = (int32_t)args->pool;
  options.timeout_ms = args->timeout_ms;
  options.attempt_timeout_ms = args->attempt_timeout_ms;
  if (qd_args_has(args, "repeat"))
    options.repeat = (qdrant_repeat)(args->repeat + QDRANT_REPEAT_NOT_SENT);
  if (qd_args_has(args, "retries"))
    options.max_retries = args->retries == 0 ? -1 : (int32_t)args->retries;
  if (args->in_flight > 1024)
    options.max_calls_in_flight = (uint32_t)args->in_flight;
  options.user_agent = "qdrantctl";
  qdrant_status status = qdrant_client_open(&options, client, &cli->err);
  cli->is_usage = status == QDRANT_CONFIG_INVALID;
  return status;
}

/* --endpoint says more than the environment. */
static const char *find_url(const qd_args *args) {
  const char *url = args->url || args->endpoints.n > 0 ? args->url : getenv("QDRANT_URL");
  return url && *url ? url : NULL;
}

qdrant_status qd_cli_connect(qd_cli *cli) {
  qd_cli_key key;
  qdrant_status status = qd_cli_key_find(cli, &key);
  if (status != QDRANT_OK)
    return status;
  return qd_cli_open(cli, find_url(&cli->args), &key, &cli->client);
}

qdrant_status qd_cli_wait_connections(qd_cli *cli) {
  qdrant_status status = qdrant_client_wait_ready(cli->client, 0, &cli->err);
  for (int i = 0; status == QDRANT_OK && i < 200; i++) {
    qdrant_stats stats = {.size = sizeof stats};
    status = qdrant_client_stats(cli->client, &stats, &cli->err);
    if (stats.n_ready >= stats.n_connections)
      break;
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
  }
  return status;
}
