#include "tests/support/grpc_peer.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CALLERS = 64 };

struct grpc_peer {
  grpc_server *server;
  grpc_completion_queue *queue;
  pthread_t thread;
  uint16_t port;
  peer_handler handler;
  void *user;
  int is_over;                  /* the peer's thread only */
  pthread_mutex_t request_lock; /* is_stopping, and held while a call is asked of core */
  int is_stopping;
  pthread_mutex_t lock; /* the counters and names below */
  size_t n_calls;
  size_t n_callers;
  char *callers[MAX_CALLERS];
};

typedef enum call_phase { PHASE_NEW, PHASE_REQUEST, PHASE_ANSWER } call_phase;

/* Tags are pointers to these; the server's end has NULL for a tag. */
typedef struct served_call {
  call_phase phase;
  grpc_call *core;
  grpc_call_details details;
  grpc_metadata_array headers;
  grpc_byte_buffer *request;
  int is_cancelled;
  int n_pending;
} served_call;

static void request_call(grpc_peer *peer) {
  served_call *call = calloc(1, sizeof *call);
  grpc_call_details_init(&call->details);
  grpc_metadata_array_init(&call->headers);
  call->n_pending = 1;
  if (grpc_server_request_call(
          peer->server, &call->core, &call->details, &call->headers, peer->queue, peer->queue, call) != GRPC_CALL_OK)
    abort();
}

/* Core fails the requests that it has when the server is shut down. One that is overtaken by the shutdown, past core's
 * own look at whether it has begun, is kept and never ends, and neither does the queue. */
static void await_call(grpc_peer *peer) {
  pthread_mutex_lock(&peer->request_lock);
  if (!peer->is_stopping)
    request_call(peer);
  pthread_mutex_unlock(&peer->request_lock);
}

static void free_call(served_call *call) {
  grpc_call_details_destroy(&call->details);
  grpc_metadata_array_destroy(&call->headers);
  grpc_byte_buffer_destroy(call->request);
  if (call->core != NULL)
    grpc_call_unref(call->core);
  free(call);
}

static void start_batch(served_call *call, const grpc_op *ops, size_t n_ops) {
  call->n_pending++;
  if (grpc_call_start_batch(call->core, ops, n_ops, call, NULL) != GRPC_CALL_OK)
    abort();
}

static void read_request(served_call *call) {
  grpc_op op = {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &call->request};
  call->phase = PHASE_REQUEST;
  start_batch(call, &op, 1);
}

static void note_caller(grpc_peer *peer, const char *name) {
  pthread_mutex_lock(&peer->lock);
  peer->n_calls++;
  size_t at = 0;
  while (at < peer->n_callers && strcmp(peer->callers[at], name) != 0)
    at++;
  if (at == peer->n_callers && at < MAX_CALLERS)
    peer->callers[peer->n_callers++] = strdup(name);
  pthread_mutex_unlock(&peer->lock);
}

static void ask_handler(grpc_peer *peer, served_call *call, peer_answer *answer) {
  char *name = grpc_call_get_peer(call->core);
  note_caller(peer, name);
  grpc_byte_buffer_reader reader;
  if (peer->handler != NULL && grpc_byte_buffer_reader_init(&reader, call->request)) {
    grpc_slice bytes = grpc_byte_buffer_reader_readall(&reader);
    char *method = grpc_slice_to_c_string(call->details.method);
    peer_request request = {.method = method,
        .peer = name,
        .bytes = GRPC_SLICE_START_PTR(bytes),
        .n_bytes = GRPC_SLICE_LENGTH(bytes),
        .headers = &call->headers};
    peer->handler(peer->user, &request, answer);
    gpr_free(method);
    grpc_slice_unref(bytes);
    grpc_byte_buffer_reader_destroy(&reader);
  }
  gpr_free(name);
}

static grpc_byte_buffer *make_reply(size_t n_bytes) {
  grpc_slice bytes = grpc_slice_malloc_large(n_bytes);
  memset(GRPC_SLICE_START_PTR(bytes), 0, n_bytes);
  grpc_byte_buffer *reply = grpc_raw_byte_buffer_create(&bytes, n_bytes > 0);
  grpc_slice_unref(bytes);
  return reply;
}

static void send_answer(served_call *call, const peer_answer *answer) {
  grpc_op ops[4];
  size_t n_ops = 0;
  grpc_byte_buffer *reply = NULL;
  grpc_slice text = grpc_slice_from_copied_string(answer->text != NULL ? answer->text : "");
  grpc_metadata trailer = {0};
  memset(ops, 0, sizeof ops);
  ops[n_ops++].op = GRPC_OP_SEND_INITIAL_METADATA;
  if (answer->code == GRPC_STATUS_OK && !answer->has_no_message) {
    reply = make_reply(answer->n_reply_bytes);
    ops[n_ops].op = GRPC_OP_SEND_MESSAGE;
    ops[n_ops++].data.send_message.send_message = reply;
  }
  grpc_op *status = &ops[n_ops++];
  status->op = GRPC_OP_SEND_STATUS_FROM_SERVER;
  status->data.send_status_from_server.status = answer->code;
  status->data.send_status_from_server.status_details = &text;
  if (answer->trailer_name != NULL) {
    trailer.key = grpc_slice_from_copied_string(answer->trailer_name);
    trailer.value = grpc_slice_from_copied_string(answer->trailer_value);
    status->data.send_status_from_server.trailing_metadata_count = 1;
    status->data.send_status_from_server.trailing_metadata = &trailer;
  }
  ops[n_ops].op = GRPC_OP_RECV_CLOSE_ON_SERVER;
  ops[n_ops++].data.recv_close_on_server.cancelled = &call->is_cancelled;
  call->phase = PHASE_ANSWER;
  start_batch(call, ops, n_ops);
  grpc_byte_buffer_destroy(reply);
  grpc_slice_unref(text);
  if (answer->trailer_name != NULL) {
    grpc_slice_unref(trailer.key);
    grpc_slice_unref(trailer.value);
  }
}

static void answer_call(grpc_peer *peer, served_call *call) {
  peer_answer answer = {0};
  ask_handler(peer, call, &answer);
  if (!answer.is_withheld) {
    send_answer(call, &answer);
    return;
  }
  grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER, .data.recv_close_on_server.cancelled = &call->is_cancelled};
  call->phase = PHASE_ANSWER;
  start_batch(call, &op, 1);
}

/* Once the queue is shut down no batch may be started on it: calls that come out of it then are only freed. */
static void advance(grpc_peer *peer, served_call *call, int is_ok) {
  call->n_pending--;
  if (peer->is_over) {
    if (call->n_pending == 0)
      free_call(call);
  } else if (call->phase == PHASE_NEW && is_ok) {
    await_call(peer);
    read_request(call);
  } else if (call->phase == PHASE_REQUEST && call->request != NULL) {
    answer_call(peer, call);
  } else if (call->n_pending == 0) {
    free_call(call);
  }
}

static void *serve(void *arg) {
  grpc_peer *peer = arg;
  for (;;) {
    grpc_event event = grpc_completion_queue_next(peer->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    if (event.type == GRPC_QUEUE_SHUTDOWN)
      return NULL;
    if (event.tag == peer) {
      peer->is_over = 1;
      grpc_completion_queue_shutdown(peer->queue);
    } else {
      advance(peer, event.tag, event.success);
    }
  }
}

static int bind_port(grpc_peer *peer, const peer_options *options) {
  char address[80];
  snprintf(address, sizeof address, "%s:%u", options->host != NULL ? options->host : "127.0.0.1", options->port);
  grpc_ssl_pem_key_cert_pair pair = {.private_key = options->key_pem, .cert_chain = options->cert_pem};
  grpc_server_credentials *credentials =
      options->cert_pem != NULL
          ? grpc_ssl_server_credentials_create_ex(NULL, &pair, 1, GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE, NULL)
          : grpc_insecure_server_credentials_create();
  int port = grpc_server_add_http2_port(peer->server, address, credentials);
  grpc_server_credentials_release(credentials);
  return port;
}

grpc_peer *grpc_peer_start(const peer_options *options) {
  grpc_peer *peer = calloc(1, sizeof *peer);
  grpc_arg items[] = {
      {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, .value.integer = -1},
      {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_ALLOW_REUSEPORT, .value.integer = 0},
      /* Qdrant has no rule against pings; a default gRPC server has. */
      {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, .value.integer = 1},
      {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_HTTP2_MAX_PING_STRIKES, .value.integer = 0},
  };
  grpc_channel_args args = {.num_args = sizeof items / sizeof *items, .args = items};
  grpc_init();
  peer->handler = options->handler;
  peer->user = options->user;
  pthread_mutex_init(&peer->request_lock, NULL);
  pthread_mutex_init(&peer->lock, NULL);
  peer->server = grpc_server_create(&args, NULL);
  peer->queue = grpc_completion_queue_create_for_next(NULL);
  grpc_server_register_completion_queue(peer->server, peer->queue, NULL);
  int port = bind_port(peer, options);
  peer->port = (uint16_t)port;
  if (port <= 0)
    abort(); /* a test that cannot have its server has nothing to say */
  grpc_server_start(peer->server);
  await_call(peer);
  pthread_create(&peer->thread, NULL, serve, peer);
  return peer;
}

uint16_t grpc_peer_port(const grpc_peer *peer) {
  return peer->port;
}

size_t grpc_peer_n_calls(grpc_peer *peer) {
  pthread_mutex_lock(&peer->lock);
  size_t n_calls = peer->n_calls;
  pthread_mutex_unlock(&peer->lock);
  return n_calls;
}

size_t grpc_peer_n_callers(grpc_peer *peer) {
  pthread_mutex_lock(&peer->lock);
  size_t n_callers = peer->n_callers;
  pthread_mutex_unlock(&peer->lock);
  return n_callers;
}

const char *peer_header(const peer_request *request, const char *name) {
  static _Thread_local char value[512];
  for (size_t i = 0; i < request->headers->count; i++) {
    const grpc_metadata *header = &request->headers->metadata[i];
    if (grpc_slice_str_cmp(header->key, name) == 0) {
      snprintf(value, sizeof value, "%.*s", (int)GRPC_SLICE_LENGTH(header->value),
          (const char *)GRPC_SLICE_START_PTR(header->value));
      return value;
    }
  }
  return NULL;
}

void grpc_peer_stop(grpc_peer *peer) {
  pthread_mutex_lock(&peer->request_lock);
  peer->is_stopping = 1;
  pthread_mutex_unlock(&peer->request_lock);
  grpc_server_shutdown_and_notify(peer->server, peer->queue, peer);
  grpc_server_cancel_all_calls(peer->server);
  pthread_join(peer->thread, NULL);
  grpc_server_destroy(peer->server);
  grpc_completion_queue_destroy(peer->queue);
  for (size_t i = 0; i < peer->n_callers; i++)
    free(peer->callers[i]);
  pthread_mutex_destroy(&peer->lock);
  pthread_mutex_destroy(&peer->request_lock);
  free(peer);
  grpc_shutdown();
}

static size_t count_in_table(const char *path, uint16_t port) {
  FILE *table = fopen(path, "re");
  size_t n_found = 0;
  char line[256];
  while (table != NULL && fgets(line, sizeof line, table) != NULL) {
    unsigned local_port = 0;
    unsigned state = 0;
    if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x", &local_port, &state) == 2 && local_port == port &&
        state == 1)
      n_found++;
  }
  if (table != NULL)
    fclose(table);
  return n_found;
}

/* gRPC listens on an IPv6 socket for IPv4 addresses too. */
size_t count_established(uint16_t port) {
  return count_in_table("/proc/self/net/tcp", port) + count_in_table("/proc/self/net/tcp6", port);
}
