/* ping and info. */
#include "cli/cli.h"
#include "cli/output.h"
#include "qdrant/calls.h"

#include <stdio.h>

qdrant_status qd_run_ping(qd_cli *cli) {
  qdrant_pong pong = QDRANT_PONG_INIT;
  qdrant_status status = qdrant_client_ping(cli->client, cli->args.timeout_ms, &pong, &cli->err);
  double ms = (double)pong.time_ns / 1e6;
  const char *endpoint = qdrant_client_endpoint(cli->client);
  if (status == QDRANT_OK && cli->args.output == QD_OUTPUT_TABLE) {
    printf("%s answers, %.1f ms, version %s\n", endpoint, ms, pong.version);
  } else if (status == QDRANT_OK) {
    qd_output *output = qd_output_new_record();
    qd_output_text(output, "endpoint", endpoint);
    qd_output_text(output, "version", pong.version);
    qd_output_double(output, "ms", ms);
    status = qd_output_print(output, QD_OUTPUT_JSON, stdout, &cli->err);
  }
  return status;
}

static qdrant_status count_collections(qd_cli *cli, size_t *n) {
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_collections_list(cli->client, &request, NULL, &reply, &cli->err);
  if (status == QDRANT_OK) {
    const Qdrant__ListCollectionsResponse *response = qdrant_collections_list_response(reply, &cli->err);
    *n = response ? response->n_collections : 0;
  }
  qdrant_reply_free(reply);
  return status;
}

/* Each endpoint with its state, where there are several. */
static void put_endpoints(qd_cli *cli, qd_output *output) {
  size_t n = qdrant_client_n_endpoints(cli->client);
  for (size_t i = 0; n > 1 && i < n; i++) {
    char column[32];
    char text[320];
    qdrant_endpoint_stats stats = QDRANT_ENDPOINT_STATS_INIT;
    if (qdrant_client_endpoint_stats(cli->client, i, &stats, &cli->err) != QDRANT_OK)
      return;
    snprintf(column, sizeof column, "endpoint %zu", i + 1);
    snprintf(text, sizeof text, "%s %s", stats.url, qdrant_endpoint_state_name(stats.state));
    qd_output_text(output, column, text);
  }
}

qdrant_status qd_run_info(qd_cli *cli) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  size_t n_collections = 0;
  qdrant_status status = qdrant_health_check(cli->client, &request, NULL, &reply, &cli->err);
  if (status == QDRANT_OK)
    status = count_collections(cli, &n_collections);
  const Qdrant__HealthCheckReply *response =
      status == QDRANT_OK ? qdrant_health_check_response(reply, &cli->err) : NULL;
  if (response) {
    qd_output *output = qd_output_new_record();
    qd_output_text(output, "endpoint", qdrant_client_endpoint(cli->client));
    put_endpoints(cli, output);
    qd_output_text(output, "title", response->title);
    qd_output_text(output, "version", response->version);
    if (response->commit && response->commit[0])
      qd_output_text(output, "commit", response->commit);
    qd_output_count(output, "collections", n_collections);
    qd_output_text(output, "client", qdrant_version());
    status = qd_output_print(output, cli->args.output, stdout, &cli->err);
  }
  qdrant_reply_free(reply);
  return status;
}
