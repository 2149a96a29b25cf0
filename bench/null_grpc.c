#include "bench/canned.h"
#include "bench/null_items.h"
#include "bench/null_server.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_CALLS_WAITED_FOR = 64, MAX_QUERIES = 4096 };

typedef enum call_stage { STAGE_ARRIVING, STAGE_READING, STAGE_ANSWERING } call_stage;

/* One slot of the server: takes a call, answers it, takes the next. */
typedef struct null_call {
  grpc_call *call;
  grpc_call_details details;
  grpc_metadata_array metadata;
  grpc_byte_buffer *request;
  int was_cancelled;
  call_stage stage;
} null_call;

typedef struct null_grpc {
  grpc_server *server;
  grpc_completion_queue *queue;
  pthread_mutex_t lock; /* is_stopping, and held while a call is asked of core */
  bool is_stopping;
  null_call calls[N_CALLS_WAITED_FOR];
  uint32_t limit;
  grpc_slice upsert_reply;
  grpc_slice query_reply;
  grpc_slice batch_reply; /* for batch_queries queries; made again when another number comes */
  uint64_t batch_queries;
  null_counts *counts;
} null_grpc;

typedef grpc_slice (*reply_function)(null_grpc *self, uint64_t n_items);

/* One row a method whose requests are counted; a method with items_field 0 holds one item. */
typedef struct null_method {
  const char *path;
  uint32_t items_field;
  uint64_t max_items; /* bounds the reply where it grows with the request */
  reply_function reply;
} null_method;

static grpc_slice slice_of_buffer(bench_buffer *buffer) {
  if (buffer->has_failed) {
    fputs("error: out of memory for a canned reply\n", stderr);
    exit(EXIT_FAILURE);
  }
  grpc_slice slice = grpc_slice_from_copied_buffer((const char *)buffer->data, buffer->n);
  bench_buffer_free(buffer);
  return slice;
}

static void make_batch_reply(null_grpc *self, uint64_t n_queries) {
  bench_buffer buffer = {0};
  bench_canned_query_batch(&buffer, n_queries, self->limit);
  self->batch_reply = slice_of_buffer(&buffer);
  self->batch_queries = n_queries;
}

static void make_replies(null_grpc *self) {
  bench_buffer upsert = {0};
  bench_buffer query = {0};
  bench_canned_upsert(&upsert);
  bench_canned_query(&query, self->limit);
  self->upsert_reply = slice_of_buffer(&upsert);
  self->query_reply = slice_of_buffer(&query);
  make_batch_reply(self, 1);
}

static void free_replies(null_grpc *self) {
  grpc_slice_unref(self->upsert_reply);
  grpc_slice_unref(self->query_reply);
  grpc_slice_unref(self->batch_reply);
}

static grpc_slice reply_upsert(null_grpc *self, uint64_t n_items) {
  (void)n_items;
  return grpc_slice_ref(self->upsert_reply);
}

static grpc_slice reply_query(null_grpc *self, uint64_t n_items) {
  (void)n_items;
  return grpc_slice_ref(self->query_reply);
}

static grpc_slice reply_query_batch(null_grpc *self, uint64_t n_items) {
  if (n_items != self->batch_queries) {
    grpc_slice_unref(self->batch_reply);
    make_batch_reply(self, n_items);
  }
  return grpc_slice_ref(self->batch_reply);
}

static const null_method counted_methods[] = {
    {"/qdrant.Points/Upsert", 3, UINT64_MAX, reply_upsert},
    {"/qdrant.Points/QueryBatch", 2, MAX_QUERIES, reply_query_batch},
    {"/qdrant.Points/Query", 0, 1, reply_query},
};

static const null_method *find_method(grpc_slice path) {
  for (size_t i = 0; i < sizeof counted_methods / sizeof *counted_methods; i++)
    if (grpc_slice_str_cmp(path, counted_methods[i].path) == 0)
      return &counted_methods[i];
  return NULL;
}

static grpc_slice reply_other(null_grpc *self, grpc_slice path) {
  if (grpc_slice_str_cmp(path, "/bench.Null/Stats") == 0) {
    char text[NULL_COUNTS_TEXT_BYTES];
    null_counts_print(self->counts, text);
    return grpc_slice_from_copied_string(text);
  }
  self->counts->other_calls++;
  return grpc_empty_slice();
}

/* False: the request is not what the method takes. */
static bool make_reply(null_grpc *self, null_call *at, grpc_slice *reply) {
  const null_method *method = find_method(at->details.method);
  if (!method) {
    *reply = reply_other(self, at->details.method);
    return true;
  }
  uint64_t n_items = 1;
  if (method->items_field && !null_count_field(at->request, method->items_field, &n_items))
    return false;
  if (n_items > method->max_items)
    return false;
  self->counts->calls++;
  self->counts->items += n_items;
  self->counts->request_bytes += grpc_byte_buffer_length(at->request);
  *reply = method->reply(self, n_items);
  return true;
}

/* A request that the server's shutdown overtakes is kept by core and never ends, and neither would the queue. */
static void await_call(null_grpc *self, null_call *at) {
  pthread_mutex_lock(&self->lock);
  if (!self->is_stopping) {
    *at = (null_call){.stage = STAGE_ARRIVING};
    grpc_call_details_init(&at->details);
    grpc_metadata_array_init(&at->metadata);
    grpc_server_request_call(self->server, &at->call, &at->details, &at->metadata, self->queue, self->queue, at);
  }
  pthread_mutex_unlock(&self->lock);
}

static void release_call(null_call *at) {
  grpc_call_details_destroy(&at->details);
  grpc_metadata_array_destroy(&at->metadata);
  if (at->request)
    grpc_byte_buffer_destroy(at->request);
  if (at->call)
    grpc_call_unref(at->call);
}

static void start_ops(null_call *at, const grpc_op *ops, size_t n_ops) {
  grpc_call_error failure = grpc_call_start_batch(at->call, ops, n_ops, at, NULL);
  if (failure != GRPC_CALL_OK) {
    fprintf(stderr, "error: %s\n", grpc_call_error_to_string(failure));
    exit(EXIT_FAILURE);
  }
}

static void read_request(null_call *at) {
  at->stage = STAGE_READING;
  grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
  op.data.recv_message.recv_message = &at->request;
  start_ops(at, &op, 1);
}

static void answer_call(null_grpc *self, null_call *at) {
  at->stage = STAGE_ANSWERING;
  grpc_slice reply = grpc_empty_slice();
  bool is_valid = at->request && make_reply(self, at, &reply);
  grpc_byte_buffer *message = grpc_raw_byte_buffer_create(&reply, 1);
  grpc_slice_unref(reply);
  grpc_op ops[4] = {{.op = GRPC_OP_SEND_INITIAL_METADATA}, {.op = GRPC_OP_SEND_MESSAGE},
      {.op = GRPC_OP_SEND_STATUS_FROM_SERVER}, {.op = GRPC_OP_RECV_CLOSE_ON_SERVER}};
  ops[1].data.send_message.send_message = message;
  ops[2].data.send_status_from_server.status = is_valid ? GRPC_STATUS_OK : GRPC_STATUS_INVALID_ARGUMENT;
  ops[3].data.recv_close_on_server.cancelled = &at->was_cancelled;
  start_ops(at, ops, 4);
  grpc_byte_buffer_destroy(message);
}

static void advance_call(null_grpc *self, null_call *at, bool has_succeeded) {
  if (at->stage == STAGE_ARRIVING && has_succeeded) {
    read_request(at);
  } else if (at->stage == STAGE_READING) {
    answer_call(self, at);
  } else {
    bool is_stopping = at->stage == STAGE_ARRIVING;
    release_call(at);
    if (!is_stopping)
      await_call(self, at);
  }
}

/* The tag of the server's shutdown is the server itself, all other tags are calls. */
static void serve_calls(null_grpc *self) {
  for (size_t i = 0; i < N_CALLS_WAITED_FOR; i++)
    await_call(self, &self->calls[i]);
  for (;;) {
    grpc_event event = grpc_completion_queue_next(self->queue, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
    if (event.type == GRPC_QUEUE_SHUTDOWN)
      return;
    if (event.tag == self)
      grpc_completion_queue_shutdown(self->queue);
    else
      advance_call(self, event.tag, event.success);
  }
}

static void *await_stop_signal(void *argument) {
  null_grpc *self = argument;
  sigset_t stop;
  int received;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  sigwait(&stop, &received);
  pthread_mutex_lock(&self->lock);
  self->is_stopping = true;
  pthread_mutex_unlock(&self->lock);
  grpc_server_shutdown_and_notify(self->server, self->queue, self);
  grpc_server_cancel_all_calls(self->server);
  return NULL;
}

/* Clients may ping as often as they like: a benchmark must not end in a GOAWAY for keepalive. */
static grpc_server *create_server(grpc_completion_queue *queue) {
  grpc_arg args[] = {
      {.type = GRPC_ARG_INTEGER,
          .key = (char *)GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
          .value.integer = 0},
      {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_HTTP2_MAX_PING_STRIKES, .value.integer = 0},
      {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, .value.integer = 1},
      {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, .value.integer = -1},
  };
  grpc_channel_args list = {.num_args = sizeof args / sizeof *args, .args = args};
  grpc_server *server = grpc_server_create(&list, NULL);
  grpc_server_register_completion_queue(server, queue, NULL);
  return server;
}

static int listen_on_port(grpc_server *server, uint16_t port) {
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
  grpc_server_credentials *plaintext = grpc_insecure_server_credentials_create();
  int bound = grpc_server_add_http2_port(server, address, plaintext);
  grpc_server_credentials_release(plaintext);
  return bound;
}

static bool serve_until_signal(null_grpc *self, uint16_t port) {
  pthread_t stopper;
  int bound = listen_on_port(self->server, port);
  grpc_server_start(self->server);
  if (bound <= 0 || pthread_create(&stopper, NULL, await_stop_signal, self) != 0) {
    grpc_server_shutdown_and_notify(self->server, self->queue, self);
    serve_calls(self);
    return false;
  }
  null_print_ready((uint16_t)bound, 0);
  serve_calls(self);
  pthread_join(stopper, NULL);
  return true;
}

bool null_serve_grpc(uint16_t port, uint32_t limit, null_counts *counts) {
  null_grpc *self = calloc(1, sizeof *self);
  if (!self)
    return false;
  grpc_init();
  self->limit = limit;
  self->counts = counts;
  make_replies(self);
  pthread_mutex_init(&self->lock, NULL);
  self->queue = grpc_completion_queue_create_for_next(NULL);
  self->server = create_server(self->queue);
  bool has_served = serve_until_signal(self, port);
  grpc_server_destroy(self->server);
  grpc_completion_queue_destroy(self->queue);
  pthread_mutex_destroy(&self->lock);
  free_replies(self);
  grpc_shutdown();
  free(self);
  return has_served;
}
