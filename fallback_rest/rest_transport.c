#include "fallback_rest/rest_transport.h"

#include "codec/route.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/message.h"
#include "fallback_rest/gzip.h"
#include "fallback_rest/http_transfer.h"
#include "fallback_rest/rest_error.h"
#include "fallback_rest/rest_ready.h"

#include <pthread.h>

enum {
  MAX_BODY_BYTES = 32 << 20, /* the server's own limit, before packing */
  MIN_PACKED_BYTES = 1024,   /* smaller bodies gain nothing */
  MAX_KEPT_ARENAS = 8,
  MAX_KEPT_ARENA_BYTES = 8 << 20
};

typedef struct rest {
  qd_http *http;
  qd_arena_pool *arenas; /* for requests */
  int is_compressed;
  size_t max_reply_bytes;
  atomic_int state;     /* a qdrant_endpoint_state: connections come and go, so the last call tells */
  pthread_mutex_t lock; /* which attempt is a call's (qd_call.transport_state, attempt.call) */
} rest;

/* libcurl chooses a connection, and does not say which; it can be told to take a new one. */
enum { ANY_CONNECTION = 1 };

/* One call's exchange; later the holder of its reply. */
typedef struct attempt {
  qd_http_exchange exchange; /* first: done gets it */
  rest *owner;
  qd_call *call;   /* the owner's lock; NULL once it is reported */
  qd_arena *arena; /* of the request; NULL once the exchange has ended */
} attempt;

static void free_attempt(attempt *made) {
  if (made->arena != NULL)
    qd_arena_pool_give(made->owner->arenas, made->arena);
  qd_free(made->exchange.reply);
  qd_free(made);
}

static qdrant_status decode_reply(
    void *owner, const qd_rpc *rpc, qd_arena *arena, ProtobufCMessage **message, qdrant_error *err) {
  const attempt *held = owner;
  return qd_route_read_reply(rpc, held->exchange.reply, held->exchange.n_reply, arena, message, err);
}

static void release_reply(void *owner) {
  free_attempt(owner);
}

static const uint8_t *borrow_text(void *owner) {
  const attempt *held = owner;
  return (const uint8_t *)(held->exchange.reply != NULL ? held->exchange.reply : "");
}

/* Of a call that has a message, and of one that has none. */
static const qd_reply_bytes_ops message_ops = {.release = release_reply, .decode = decode_reply};
static const qd_reply_bytes_ops text_ops = {.release = release_reply, .borrow = borrow_text};

/* The call is the caller's alone from here on. */
static qd_call *detach(attempt *made) {
  pthread_mutex_lock(&made->owner->lock);
  qd_call *call = made->call;
  made->call = NULL;
  call->transport_state = NULL;
  pthread_mutex_unlock(&made->owner->lock);
  return call;
}

/* Deadlines and cancellations tell nothing. */
static void note_state(rest *self, const qd_http_exchange *exchange) {
  if (exchange->is_unreachable)
    atomic_store(&self->state, QDRANT_ENDPOINT_UNREACHABLE);
  else if (exchange->error.status == QDRANT_OK)
    atomic_store(&self->state, QDRANT_ENDPOINT_READY);
}

static void end_exchange(qd_http_exchange *exchange) {
  attempt *made = (attempt *)(void *)exchange;
  qd_call *call = detach(made);
  int has_message = call->request.kind == QD_REQUEST_BYTES;
  qd_arena_pool_give(made->owner->arenas, made->arena);
  made->arena = NULL;
  note_state(made->owner, exchange);
  call->is_unreachable = exchange->is_unreachable;
  if (qd_rest_explain(exchange, qd_http_endpoint(made->owner->http), has_message, &call->error) == QDRANT_OK)
    call->bytes =
        (qd_reply_bytes){.ops = has_message ? &message_ops : &text_ops, .owner = made, .n_bytes = exchange->n_reply};
  else
    free_attempt(made);
  call->done(call);
}

/* The message that the client encoded, as a request of the API. */
static qdrant_status translate(const qd_call *call, qd_arena *arena, qd_rest_request *request, qdrant_error *err) {
  ProtobufCMessage *message = NULL;
  qdrant_status status = qd_message_decode_request(call->rpc->request, call->request.body, arena, &message, err);
  if (status == QDRANT_OK)
    status = qd_route_write_request(call->rpc, message, call->server_timeout_s, MAX_BODY_BYTES, arena, request, err);
  return status;
}

static qdrant_status fill_request(attempt *made, const qd_call *call, qdrant_error *err) {
  qd_http_exchange *exchange = &made->exchange;
  const qd_http_request *http = call->request.http;
  qd_rest_request request;
  if (call->request.kind == QD_REQUEST_HTTP)
    request = (qd_rest_request){.verb = http->verb, .target = http->target, .body = http->body, .n_body = http->n_body};
  qdrant_status status =
      call->request.kind == QD_REQUEST_HTTP ? QDRANT_OK : translate(call, made->arena, &request, err);
  if (status != QDRANT_OK)
    return status;
  exchange->verb = request.verb;
  exchange->target = request.target;
  exchange->body = request.body;
  exchange->n_body = request.n_body;
  exchange->is_body_gzip = made->owner->is_compressed && request.n_body >= MIN_PACKED_BYTES;
  return exchange->is_body_gzip
             ? qd_gzip(request.body, request.n_body, made->arena, &exchange->body, &exchange->n_body, err)
             : QDRANT_OK;
}

static attempt *new_attempt(rest *self, const qd_call *call) {
  attempt *made = qd_zalloc(sizeof *made);
  if (made == NULL)
    return NULL;
  made->owner = self;
  made->arena = qd_arena_pool_take(self->arenas);
  made->exchange.headers = call->headers;
  made->exchange.n_headers = call->n_headers;
  made->exchange.deadline_ns = call->deadline_ns;
  made->exchange.needs_own_connection = call->avoided_connection != 0;
  made->exchange.max_reply_bytes = self->max_reply_bytes;
  made->exchange.done = end_exchange;
  if (made->arena != NULL)
    return made;
  qd_free(made);
  return NULL;
}

/* From here on the call can be cancelled. */
static void attach(attempt *made, qd_call *call) {
  pthread_mutex_lock(&made->owner->lock);
  made->call = call;
  call->transport_state = made;
  pthread_mutex_unlock(&made->owner->lock);
}

static qdrant_status begin(rest *self, qd_call *call, qdrant_error *err) {
  attempt *made = new_attempt(self, call);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the state of a call");
  qdrant_status status = fill_request(made, call, err);
  if (status == QDRANT_OK) {
    attach(made, call);
    status = qd_http_start(self->http, &made->exchange, err);
    if (status == QDRANT_OK)
      return QDRANT_OK;
    detach(made);
  }
  free_attempt(made);
  return status;
}

static qdrant_status start_call(void *transport, qd_call *call) {
  rest *self = transport;
  qd_error_clear(&call->error);
  call->bytes = (qd_reply_bytes){0};
  call->message = NULL;
  call->transport_state = NULL;
  call->is_unreachable = 0;
  atomic_store(&call->connection, ANY_CONNECTION);
  if (qd_http_is_forked(self->http))
    return qd_fail(&call->error, QDRANT_FORKED, "the client was opened before fork and cannot be used in the child");
  if (qd_deadline_has_passed(call->deadline_ns))
    return qd_fail(&call->error, QDRANT_DEADLINE_EXCEEDED, "the deadline passed before the call was sent");
  return begin(self, call, &call->error);
}

/* The lock keeps the attempt from being freed meanwhile. */
static void cancel_call(void *transport, qd_call *call) {
  rest *self = transport;
  if (qd_http_is_forked(self->http))
    return;
  pthread_mutex_lock(&self->lock);
  attempt *made = call->transport_state;
  if (made != NULL)
    qd_http_cancel(self->http, &made->exchange);
  pthread_mutex_unlock(&self->lock);
}

static void move_file(void *transport, qd_transfer *transfer) {
  rest *self = transport;
  qd_http_exchange answer;
  qd_http_transfer(self->http, transfer, &answer);
  if (transfer->error.status == QDRANT_OK)
    qd_rest_explain(&answer, qd_http_endpoint(self->http), 0, &transfer->error);
  qd_free(answer.reply);
}

static qdrant_status wait_ready(void *transport, int64_t deadline_ns, qdrant_error *err) {
  rest *self = transport;
  return qd_rest_wait_ready(self->http, deadline_ns, err);
}

static void add_stats(void *transport, qdrant_stats *stats) {
  rest *self = transport;
  qd_http_stats(self->http, stats);
}

static void fill_state(void *transport, size_t number, qdrant_endpoint_stats *stats) {
  rest *self = transport;
  (void)number;
  stats->state = (qdrant_endpoint_state)atomic_load(&self->state);
}

static void free_rest(rest *self) {
  pthread_mutex_destroy(&self->lock);
  qd_arena_pool_unref(self->arenas);
  qd_free(self);
}

/* In a child neither the lock nor the pool of arenas, whose lock a thread that is not there may hold, is touched. */
static void close_rest(void *transport, int64_t deadline_ns, int is_child) {
  rest *self = transport;
  int is_forked = is_child || qd_http_is_forked(self->http);
  int is_ended = qd_http_close(self->http, deadline_ns, is_child);
  if (is_forked)
    qd_free(self);
  else if (is_ended)
    free_rest(self);
}

static const qd_transport_ops rest_ops = {
    .name = "rest",
    .accepts = QD_REQUEST_BYTES | QD_REQUEST_HTTP,
    .start = start_call,
    .cancel = cancel_call,
    .transfer = move_file,
    .wait_ready = wait_ready,
    .stats = add_stats,
    .endpoint_stats = fill_state,
    .close = close_rest,
};

uint64_t qd_rest_leaks(void) {
  return qd_http_leaks();
}

qdrant_status qd_rest_open(const qd_rest_options *options, qd_transport *transport, qdrant_error *err) {
  rest *self = qd_zalloc(sizeof *self);
  qd_arena_pool *arenas = qd_arena_pool_new(MAX_KEPT_ARENAS, MAX_KEPT_ARENA_BYTES);
  qdrant_status status = QDRANT_OK;
  if (self == NULL || arenas == NULL)
    status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory while the REST transport was opened");
  if (status == QDRANT_OK)
    status = qd_http_open(&options->http, &self->http, err);
  if (status != QDRANT_OK) {
    qd_arena_pool_unref(arenas);
    qd_free(self);
    return status;
  }
  atomic_init(&self->state, QDRANT_ENDPOINT_CONNECTING);
  self->arenas = arenas;
  self->is_compressed = options->is_compressed;
  self->max_reply_bytes = options->max_reply_bytes;
  pthread_mutex_init(&self->lock, NULL);
  *transport = (qd_transport){.ops = &rest_ops, .self = self};
  return QDRANT_OK;
}
