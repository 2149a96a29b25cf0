#include "tests/support/ported_client.h"

#include <stdio.h>
#include <stdlib.h>

const char rest_health[] = "{\"title\":\"qdrant - vector search engine\",\"version\":\"1.18.3\",\"commit\":\"abc\"}";
const char rest_deleted[] =
    "{\"result\":{\"operation_id\":7,\"status\":\"acknowledged\"},\"status\":\"ok\",\"time\":0.5}";

qdrant_client *open_on_ports(uint16_t grpc_port, uint16_t rest_port, qdrant_toggle prefer_grpc) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  options.url = "http://127.0.0.1";
  options.grpc_port = grpc_port;
  options.rest_port = rest_port;
  options.prefer_grpc = prefer_grpc;
  options.max_connections = 1;
  options.max_retries = -1;
  options.close_timeout_ms = -1;
  if (qdrant_client_open(&options, &client, NULL) != QDRANT_OK)
    abort();
  return client;
}

static qdrant_call_options timed(int64_t timeout_ms) {
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.timeout_ms = timeout_ms;
  return options;
}

qdrant_status ask_health(qdrant_client *client, int64_t timeout_ms, qdrant_error *err) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_call_options options = timed(timeout_ms);
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_health_check(client, &request, &options, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

qdrant_status delete_by_filter(qdrant_client *client, int64_t timeout_ms, qdrant_error *err) {
  Qdrant__Filter filter = QDRANT__FILTER__INIT;
  Qdrant__PointsSelector selector = QDRANT__POINTS_SELECTOR__INIT;
  Qdrant__DeletePoints request = QDRANT__DELETE_POINTS__INIT;
  qdrant_call_options options = timed(timeout_ms);
  qdrant_reply *reply = NULL;
  selector.points_selector_one_of_case = QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_FILTER;
  selector.filter = &filter;
  request.collection_name = (char *)"c";
  request.points = &selector;
  qdrant_status status = qdrant_points_delete(client, &request, &options, &reply, err);
  qdrant_reply_free(reply);
  return status;
}

qdrant_stats stats_of(qdrant_client *client) {
  qdrant_stats stats = QDRANT_STATS_INIT;
  if (qdrant_client_stats(client, &stats, NULL) != QDRANT_OK)
    abort();
  return stats;
}
