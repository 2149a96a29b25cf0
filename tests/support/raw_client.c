#include "tests/support/raw_client.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEFAULT_TIMEOUT_MS = 60000, MAX_HEADERS = 16, MAX_VALUE_BYTES = 512 };
/* The poller's answer to a deadline comes a little after it. */
static const int64_t GRACE_MS = 30000;

struct raw_client {
  grpc_channel *channel;
};

struct raw_call {
  grpc_completion_queue *queue;
  grpc_call *call;
  int64_t timeout_ms;
  grpc_byte_buffer *sent;
  grpc_byte_buffer *received;
  grpc_slice reply; /* received in one piece */
  grpc_metadata_array initial;
  grpc_metadata_array trailing;
  grpc_status_code status;
  grpc_slice details;
  char *text;
  char value[MAX_VALUE_BYTES]; /* of the metadata asked for last */
  int n_pending;
};

static grpc_arg integer_arg(char *key, int value) {
  return (grpc_arg){.type = GRPC_ARG_INTEGER, .key = key, .value.integer = value};
}

raw_client *raw_client_open(uint16_t port) {
  char target[32];
  grpc_arg args[] = {
      integer_arg(GRPC_ARG_ENABLE_RETRIES, 0),
      integer_arg(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
      integer_arg(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50),
      integer_arg(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100),
      integer_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, -1),
      integer_arg(GRPC_ARG_MAX_METADATA_SIZE, 1 << 17),
      integer_arg(GRPC_ARG_ENABLE_HTTP_PROXY, 0),
  };
  grpc_channel_args all = {.num_args = sizeof args / sizeof args[0], .args = args};
  raw_client *client = calloc(1, sizeof *client);
  assert_non_null(client);
  grpc_init();
  snprintf(target, sizeof target, "127.0.0.1:%u", (unsigned)port);
  grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
  client->channel = grpc_channel_create(target, credentials, &all);
  grpc_channel_credentials_release(credentials);
  return client;
}

void raw_client_close(raw_client *client) {
  grpc_channel_destroy(client->channel);
  free(client);
  grpc_shutdown();
}

static gpr_timespec in_ms(int64_t timeout_ms) {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(timeout_ms, GPR_TIMESPAN));
}

static void start_batch(raw_call *call, const grpc_op *ops, size_t n_ops) {
  assert_int_equal(grpc_call_start_batch(call->call, ops, n_ops, call, NULL), GRPC_CALL_OK);
  call->n_pending++;
}

static void send(raw_call *call, const raw_request *request) {
  grpc_metadata headers[MAX_HEADERS];
  assert_true(request->n_headers <= MAX_HEADERS);
  for (size_t i = 0; i < request->n_headers; i++) {
    headers[i] = (grpc_metadata){.key = grpc_slice_from_copied_string(request->headers[i].name),
        .value = grpc_slice_from_copied_string(request->headers[i].value)};
  }
  grpc_slice bytes = grpc_slice_from_copied_buffer(request->bytes, request->n_bytes);
  call->sent = grpc_raw_byte_buffer_create(&bytes, 1);
  grpc_slice_unref(bytes);
  grpc_op ops[] = {
      {.op = GRPC_OP_SEND_INITIAL_METADATA,
          .flags = GRPC_INITIAL_METADATA_WAIT_FOR_READY | GRPC_INITIAL_METADATA_WAIT_FOR_READY_EXPLICITLY_SET,
          .data.send_initial_metadata = {.count = request->n_headers, .metadata = headers}},
      {.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = call->sent},
      {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
  };
  start_batch(call, ops, sizeof ops / sizeof ops[0]);
  for (size_t i = 0; i < request->n_headers; i++) {
    grpc_slice_unref(headers[i].key);
    grpc_slice_unref(headers[i].value);
  }
}

static void receive(raw_call *call) {
  grpc_op ops[] = {
      {.op = GRPC_OP_RECV_INITIAL_METADATA, .data.recv_initial_metadata.recv_initial_metadata = &call->initial},
      {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &call->received},
      {.op = GRPC_OP_RECV_STATUS_ON_CLIENT,
          .data.recv_status_on_client = {.trailing_metadata = &call->trailing,
              .status = &call->status,
              .status_details = &call->details}},
  };
  start_batch(call, ops, sizeof ops / sizeof ops[0]);
}

raw_call *raw_call_start(raw_client *client, const raw_request *request) {
  raw_call *call = calloc(1, sizeof *call);
  assert_non_null(call);
  grpc_metadata_array_init(&call->initial);
  grpc_metadata_array_init(&call->trailing);
  call->reply = grpc_empty_slice();
  call->details = grpc_empty_slice();
  call->timeout_ms = request->timeout_ms == 0 ? DEFAULT_TIMEOUT_MS : request->timeout_ms;
  call->queue = grpc_completion_queue_create_for_next(NULL);
  call->call = grpc_channel_create_call(client->channel, NULL, GRPC_PROPAGATE_DEFAULTS, call->queue,
      grpc_slice_from_static_string(request->path), NULL, in_ms(call->timeout_ms), NULL);
  send(call, request);
  receive(call);
  return call;
}

raw_call *raw_call_start_message(raw_client *client, const char *path, const ProtobufCMessage *message) {
  raw_request request = {.path = path, .n_bytes = protobuf_c_message_get_packed_size(message)};
  uint8_t *bytes = malloc(request.n_bytes + 1);
  assert_non_null(bytes);
  protobuf_c_message_pack(message, bytes);
  request.bytes = bytes;
  raw_call *call = raw_call_start(client, &request);
  free(bytes);
  return call;
}

static void take_reply(raw_call *call) {
  grpc_byte_buffer_reader reader;
  if (call->received == NULL)
    return;
  assert_true(grpc_byte_buffer_reader_init(&reader, call->received));
  call->reply = grpc_byte_buffer_reader_readall(&reader);
  grpc_byte_buffer_reader_destroy(&reader);
}

int raw_call_is_done_within(raw_call *call, int64_t timeout_ms) {
  gpr_timespec deadline = in_ms(timeout_ms);
  while (call->n_pending > 0) {
    grpc_event event = grpc_completion_queue_next(call->queue, deadline, NULL);
    if (event.type != GRPC_OP_COMPLETE)
      return 0;
    call->n_pending--;
  }
  if (call->text == NULL) {
    call->text = grpc_slice_to_c_string(call->details);
    take_reply(call);
  }
  return 1;
}

int raw_call_wait(raw_call *call) {
  assert_true(raw_call_is_done_within(call, call->timeout_ms + GRACE_MS));
  return (int)call->status;
}

void raw_call_cancel(raw_call *call) {
  grpc_call_cancel(call->call, NULL);
}

void raw_call_free(raw_call *call) {
  raw_call_wait(call);
  grpc_call_unref(call->call);
  grpc_completion_queue_shutdown(call->queue);
  while (grpc_completion_queue_next(call->queue, in_ms(GRACE_MS), NULL).type == GRPC_OP_COMPLETE)
    ;
  grpc_completion_queue_destroy(call->queue);
  grpc_metadata_array_destroy(&call->initial);
  grpc_metadata_array_destroy(&call->trailing);
  grpc_byte_buffer_destroy(call->sent);
  if (call->received != NULL)
    grpc_byte_buffer_destroy(call->received);
  grpc_slice_unref(call->reply);
  grpc_slice_unref(call->details);
  gpr_free(call->text);
  free(call);
}

const char *raw_call_text(const raw_call *call) {
  return call->text;
}

const uint8_t *raw_call_reply(const raw_call *call, size_t *n_bytes) {
  *n_bytes = GRPC_SLICE_LENGTH(call->reply);
  return call->received == NULL ? NULL : GRPC_SLICE_START_PTR(call->reply);
}

static const char *find(raw_call *call, const grpc_metadata_array *all, const char *name) {
  for (size_t i = 0; i < all->count; i++) {
    if (grpc_slice_str_cmp(all->metadata[i].key, name) != 0)
      continue;
    grpc_slice value = all->metadata[i].value;
    assert_true(GRPC_SLICE_LENGTH(value) < MAX_VALUE_BYTES);
    memcpy(call->value, GRPC_SLICE_START_PTR(value), GRPC_SLICE_LENGTH(value));
    call->value[GRPC_SLICE_LENGTH(value)] = '\0';
    return call->value;
  }
  return NULL;
}

const char *raw_call_trailer(raw_call *call, const char *name) {
  return find(call, &call->trailing, name);
}

const char *raw_call_initial(raw_call *call, const char *name) {
  return find(call, &call->initial, name);
}
