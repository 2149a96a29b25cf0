/* Makes calls that end well and badly at a test server, and prints the client's figures for check_metrics.py. */
#include "qdrant/calls.h"
#include "qdrant/metrics.h"
#include "qdrant/mock.h"

#include <stdio.h>

static const char labels[] = "job=\"a \\\"quoted\\\" \\\\ job\",zone=\"\"";

static void call(qdrant_client *client, qdrant_rpc rpc, const ProtobufCMessage *request) {
  qdrant_reply *reply = NULL;
  qdrant_call(client, rpc, request, NULL, &reply, NULL);
  qdrant_reply_free(reply);
}

static void make_calls(qdrant_client *client) {
  Qdrant__HealthCheckRequest health = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  Qdrant__CountPoints count = QDRANT__COUNT_POINTS__INIT;
  count.collection_name = (char *)"nowhere";
  for (int i = 0; i < 3; i++)
    call(client, QDRANT_RPC_HEALTH_CHECK, &health.base);
  call(client, QDRANT_RPC_POINTS_COUNT, &count.base);
}

static int print_text(qdrant_client *client) {
  qdrant_error err = {0};
  char *text = NULL;
  if (qdrant_client_metrics_text(client, labels, &text, NULL, &err) != QDRANT_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  fputs(text, stdout);
  qdrant_metrics_free(text);
  return 0;
}

int main(void) {
  qdrant_mock *mock = NULL;
  qdrant_client *client = NULL;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  int status = 1;
  if (qdrant_mock_start(NULL, &mock, NULL) != QDRANT_OK)
    return 1;
  options.url = qdrant_mock_url(mock);
  if (qdrant_client_open(&options, &client, NULL) == QDRANT_OK) {
    make_calls(client);
    status = print_text(client);
  }
  qdrant_client_close(client);
  qdrant_mock_stop(mock);
  return status;
}
