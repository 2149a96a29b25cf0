#include "client/client.h"
#include "core/error.h"

typedef struct reader {
  qdrant_client *client;
  qdrant_metric_visitor visit;
  void *user;
} reader;

static int pass_on(void *user, uint32_t endpoint, qdrant_metric *metric) {
  const reader *read = user;
  metric->endpoint = qd_client_endpoint_at(read->client, endpoint);
  return read->visit(read->user, metric);
}

qdrant_status qdrant_client_metrics(qdrant_client *client, qdrant_metric_visitor visit, void *user, qdrant_error *err) {
  qd_error_clear(err);
  if (client == NULL || visit == NULL)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s is NULL", client == NULL ? "client" : "visit");
  qdrant_status status = qd_client_check_process(client, err);
  if (status != QDRANT_OK)
    return status;
  reader read = {.client = client, .visit = visit, .user = user};
  qd_metrics_walk(&client->metrics, pass_on, &read);
  return QDRANT_OK;
}
