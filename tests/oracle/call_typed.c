/* Makes the calls that check_every_rpc.py writes on standard input through the typed functions of calls.h, and prints
 * how each ended. usage: call_typed URL wait|start In: "Points/Upsert HEX-OF-REQUEST" a line. Out: "STATUS-NUMBER
 * HEX-OF-REPLY-OR-MINUS MESSAGE" a line. */
#include "core/rpc.h"
#include "tests/support/typed_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static ProtobufCMessage *unpack(const qd_rpc *row, const char *hex) {
  size_t n = strlen(hex) / 2;
  uint8_t *bytes = malloc(n + 1);
  if (bytes == NULL)
    die("out of memory");
  for (size_t i = 0; i < n; i++) {
    unsigned byte;
    if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
      die("the request is not hex");
    bytes[i] = (uint8_t)byte;
  }
  ProtobufCMessage *request = protobuf_c_message_unpack(row->request, NULL, n, bytes);
  free(bytes);
  if (request == NULL)
    die("the request cannot be unpacked");
  return request;
}

static void print_reply(const ProtobufCMessage *message) {
  size_t n = protobuf_c_message_get_packed_size(message);
  uint8_t *bytes = malloc(n + 1);
  if (bytes == NULL)
    die("out of memory");
  protobuf_c_message_pack(message, bytes);
  for (size_t i = 0; i < n; i++)
    printf("%02x", bytes[i]);
  free(bytes);
}

/* The reply of a started call comes over a queue. */
static qdrant_status start_and_wait(qdrant_client *client, const typed_call *call, const ProtobufCMessage *request,
    qdrant_reply **reply, qdrant_error *err) {
  qdrant_cq *queue = NULL;
  qdrant_completion done = {.reply = NULL};
  qdrant_status status = qdrant_cq_new(client, &queue, err);
  if (status == QDRANT_OK)
    status = call->start(client, request, NULL, &(qdrant_then){.queue = queue}, err);
  if (status == QDRANT_OK && qdrant_cq_wait(queue, &done, 1, -1) != 1)
    die("a started call never ended");
  if (status == QDRANT_OK) {
    *reply = done.reply;
    *err = done.error;
    status = done.error.status;
  }
  qdrant_cq_free(queue);
  return status;
}

static void make_call(qdrant_client *client, int is_started, qdrant_rpc rpc, const char *hex) {
  const typed_call *call = &typed_calls[rpc];
  ProtobufCMessage *request = unpack(qd_rpc_row(rpc), hex);
  qdrant_reply *reply = NULL;
  qdrant_error err;
  qdrant_status status = is_started ? start_and_wait(client, call, request, &reply, &err)
                                    : call->call(client, request, NULL, &reply, &err);
  const ProtobufCMessage *response = status == QDRANT_OK ? call->response(reply, &err) : NULL;
  if (status == QDRANT_OK && response == NULL)
    die(err.message);
  printf("%d ", (int)status);
  if (response != NULL)
    print_reply(response);
  printf("- %s\n", response != NULL ? "" : err.message);
  fflush(stdout);
  qdrant_reply_free(reply);
  protobuf_c_message_free_unpacked(request, NULL);
}

int main(int argc, char **argv) {
  if (argc != 3)
    die("usage: call_typed URL wait|start");
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  qdrant_error err;
  options.url = argv[1];
  options.newer_fields = QDRANT_NEWER_SEND; /* no call but those that are asked for, so none for the version */
  if (qdrant_client_open(&options, &client, &err) != QDRANT_OK)
    die(err.message);
  char *line = NULL;
  size_t n_line = 0;
  while (getline(&line, &n_line, stdin) > 0) {
    char *hex = strchr(line, ' ');
    qdrant_rpc rpc;
    if (hex == NULL)
      die("a line is not NAME HEX");
    *hex++ = '\0';
    hex[strcspn(hex, "\n")] = '\0';
    if (!qdrant_rpc_find(line, &rpc))
      die(line);
    make_call(client, strcmp(argv[2], "start") == 0, rpc, hex);
  }
  free(line);
  qdrant_client_close(client);
  return 0;
}
