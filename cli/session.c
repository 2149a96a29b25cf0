#include "cli/cli.h"
#include "cli/fail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The first line of a key file; longer ones are refused. */
static char key_of_file[4096];

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

static qdrant_status read_key(qd_cli *cli, const char *path) {
  qdrant_status status = QDRANT_OK;
  FILE *file = fopen(path, "r");
  if (!file || !fgets(key_of_file, sizeof key_of_file, file))
    status = qd_cli_fail(&cli->err, QDRANT_IO_ERROR, "--api-key-file %s: %s", path,
        !file || ferror(file) ? strerror(errno) : "the file is empty");
  else if (strlen(key_of_file) == sizeof key_of_file - 1)
    status = qd_cli_fail(&cli->err, QDRANT_INVALID_ARGUMENT, "--api-key-file %s: the line is longer than %zu bytes",
        path, sizeof key_of_file - 2);
  if (file)
    fclose(file);
  return status;
}

qdrant_status qd_cli_api_key(qd_cli *cli, const char **key) {
  *key = cli->args.api_key;
  if (*key && cli->args.api_key_file)
    return qd_cli_misuse(cli, "--api-key and --api-key-file are both given");
  if (cli->args.api_key_file) {
    qdrant_status status = read_key(cli, cli->args.api_key_file);
    *key = key_of_file;
    key_of_file[strcspn(key_of_file, "\r\n")] = '\0';
    return status;
  }
  if (!*key)
    *key = getenv("QDRANT_API_KEY");
  if (*key && **key == '\0')
    *key = NULL;
  return QDRANT_OK;
}

qdrant_status qd_cli_open(qd_cli *cli, const char *url, const char *api_key, qdrant_client **client) {
  const qd_args *args = &cli->args;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_endpoint endpoints[QD_MAX_TEXTS] = {{0}};
  for (size_t i = 0; i < args->endpoints.n; i++)
    endpoints[i].url = args->endpoints.items[i];
  options.endpoints = args->endpoints.n > 0 ? endpoints : NULL;
  options.n_endpoints = args->endpoints.n;
  options.url = url;
  options.api_key = api_key;
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
  const char *key;
  qdrant_status status = qd_cli_api_key(cli, &key);
  if (status != QDRANT_OK)
    return status;
  return qd_cli_open(cli, find_url(&cli->args), key, &cli->client);
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
