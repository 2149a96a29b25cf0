#include "server/rest_exchange.h"

#include "codec/route.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "server/access.h"
#include "server/http_status.h"
#include "server/rest_pages.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_BODY_BYTES = 4096, HTTP_UNAUTHORIZED = 401, HTTP_NOT_FOUND = 404, HTTP_BAD_REQUEST = 400 };
static const size_t MAX_BODY_BYTES = (size_t)32 << 20;
static const size_t MAX_REPLY_BYTES = (size_t)1 << 31;
static const int64_t LONGEST_CALL_MS = 60000;
static const char JSON_TYPE[] = "application/json";

qd_rest_exchange *qd_rest_exchange_new(qd_rest_server *server, struct MHD_Connection *http, const char *target) {
  qd_rest_exchange *exchange = qd_zalloc(sizeof *exchange);
  char *copy = exchange != NULL ? qd_strdup(target) : NULL;
  if (copy == NULL) {
    qd_free(exchange);
    return NULL;
  }
  exchange->server = server;
  exchange->http = http;
  exchange->target = copy;
  atomic_init(&exchange->state, QD_REST_RECEIVING);
  return exchange;
}

void qd_rest_exchange_free(qd_rest_exchange *exchange) {
  qd_answers_give_arena(exchange->server->parts.answers, exchange->arena);
  qd_fault_unref(exchange->fault);
  qd_free(exchange->headers.items);
  qd_free(exchange->body);
  qd_free(exchange->target);
  qd_free(exchange);
}

static enum MHD_Result add_header(void *self, enum MHD_ValueKind kind, const char *name, const char *value) {
  qd_headers *headers = self;
  (void)kind;
  value = value != NULL ? value : "";
  headers->items[headers->n++] =
      (qd_header_view){.name = name, .n_name = strlen(name), .value = value, .n_value = strlen(value)};
  return MHD_YES;
}

static int read_headers(qd_rest_exchange *exchange) {
  int n = MHD_get_connection_values(exchange->http, MHD_HEADER_KIND, NULL, NULL);
  exchange->headers.items = qd_alloc(((size_t)n + 1) * sizeof *exchange->headers.items);
  if (exchange->headers.items == NULL)
    return 0;
  MHD_get_connection_values(exchange->http, MHD_HEADER_KIND, add_header, &exchange->headers);
  return 1;
}

static void count_use(qd_rest_exchange *exchange) {
  qd_rest_server *server = exchange->server;
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(exchange->http, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  qd_rest_connection *connection = info != NULL ? info->socket_context : NULL;
  pthread_mutex_lock(&server->lock);
  if (connection != NULL && !connection->is_used) {
    connection->is_used = 1;
    server->counts.n_used++;
  }
  pthread_mutex_unlock(&server->lock);
}

enum MHD_Result qd_rest_exchange_begin(qd_rest_exchange *exchange, const char *verb) {
  int has_path = 0;
  exchange->has_begun = 1;
  exchange->verb = verb;
  if (!read_headers(exchange)) {
    exchange->is_out_of_memory = 1;
    return MHD_YES;
  }
  exchange->rpc = qd_route_find(verb, exchange->target, &has_path);
  count_use(exchange);
  if (exchange->rpc != NULL || qd_rest_page_find(verb, exchange->target) == NULL)
    qd_record_call(exchange->server->parts.record, exchange->rpc, &exchange->headers, -1);
  return MHD_YES;
}

static int reserve_body(qd_rest_exchange *exchange, size_t n_bytes) {
  size_t capacity = exchange->capacity > 0 ? exchange->capacity : FIRST_BODY_BYTES;
  while (capacity < n_bytes)
    capacity *= 2;
  if (capacity == exchange->capacity)
    return 1;
  char *larger = qd_realloc(exchange->body, capacity);
  if (larger == NULL)
    return 0;
  exchange->body = larger;
  exchange->capacity = capacity;
  return 1;
}

enum MHD_Result qd_rest_exchange_keep(qd_rest_exchange *exchange, const char *bytes, size_t n_bytes) {
  /* The rest is read and dropped, so that the client hears why. */
  if (exchange->is_out_of_memory)
    return MHD_YES;
  if (exchange->is_too_large || exchange->n_body + n_bytes > MAX_BODY_BYTES) {
    exchange->is_too_large = 1;
    return MHD_YES;
  }
  if (!reserve_body(exchange, exchange->n_body + n_bytes)) {
    exchange->is_out_of_memory = 1;
    return MHD_YES;
  }
  memcpy(exchange->body + exchange->n_body, bytes, n_bytes);
  exchange->n_body += n_bytes;
  return MHD_YES;
}

static void answer_text(qd_rest_exchange *exchange, unsigned http_status, const char *type, const char *text) {
  exchange->http_status = http_status;
  exchange->content_type = type;
  exchange->text = text;
  exchange->n_text = text != NULL ? strlen(text) : 0;
}

/* {"status":{"error":TEXT},"time":0.0}, or no text when there is no memory for it. */
static void answer_error(qd_rest_exchange *exchange, unsigned http_status, const char *message) {
  qd_text text;
  if (exchange->arena == NULL)
    exchange->arena = qd_answers_take_arena(exchange->server->parts.answers);
  answer_text(exchange, http_status, NULL, NULL);
  if (exchange->arena == NULL)
    return;
  qd_text_init(&text, exchange->arena, MAX_REPLY_BYTES);
  qd_text_add(&text, "{\"status\":{\"error\":", 19);
  qd_text_add_json_string(&text, message, strlen(message));
  qd_text_add(&text, "},\"time\":0.0}", 13);
  const char *json = qd_text_end(&text);
  if (json != NULL)
    answer_text(exchange, http_status, JSON_TYPE, json);
}

static qdrant_status carry_out_in(qd_rest_exchange *exchange, qd_text *text, qdrant_error *err) {
  const qd_rest_server_parts *parts = &exchange->server->parts;
  ProtobufCMessage *asked = NULL;
  ProtobufCMessage *message = NULL;
  size_t n_points = 0;
  qdrant_status status = qd_route_read_request(
      exchange->rpc, exchange->target, exchange->body, exchange->n_body, exchange->arena, &asked, err);
  if (status == QDRANT_OK)
    status = qd_answers_run(parts->answers, exchange->rpc, asked, qd_deadline_in_ms(LONGEST_CALL_MS), exchange->arena,
        &message, &n_points, err);
  if (status != QDRANT_OK)
    return status;
  qd_record_points(parts->record, n_points);
  return qd_route_write_answer(exchange->rpc, exchange->target, message, text, err);
}

static void carry_out(qd_rest_exchange *exchange) {
  qdrant_error err = {0};
  qd_text text;
  exchange->arena = qd_answers_take_arena(exchange->server->parts.answers);
  if (exchange->arena == NULL) {
    answer_error(exchange, qd_http_status(QDRANT_RESOURCE_EXHAUSTED), "out of memory");
    return;
  }
  qd_text_init(&text, exchange->arena, MAX_REPLY_BYTES);
  qdrant_status status = carry_out_in(exchange, &text, &err);
  const char *json = status == QDRANT_OK ? qd_text_end(&text) : NULL;
  if (status != QDRANT_OK)
    answer_error(exchange, qd_http_status(status), err.message);
  else if (json == NULL)
    answer_error(exchange, qd_http_status(QDRANT_RESOURCE_EXHAUSTED), "out of memory");
  else
    answer_text(exchange, qd_http_status(QDRANT_OK), JSON_TYPE, json);
}

static void act(qd_rest_exchange *exchange, const qd_fault *fault) {
  qdrant_fault_kind kind = fault->kind;
  if (kind != QDRANT_FAULT_STATUS && kind != QDRANT_FAULT_DROP)
    carry_out(exchange);
  if (kind == QDRANT_FAULT_STATUS || kind == QDRANT_FAULT_APPLY_THEN_FAIL)
    answer_error(exchange, qd_http_status(fault->status), fault->message);
  exchange->is_dropped = kind == QDRANT_FAULT_DROP || kind == QDRANT_FAULT_APPLY_THEN_DROP;
  exchange->retry_after_s = fault->retry_after_s;
}

void qd_rest_exchange_run(qd_task *task) {
  qd_rest_exchange *exchange = (qd_rest_exchange *)task;
  if (atomic_load(&exchange->server->is_stopping))
    exchange->is_dropped = 1;
  else if (exchange->fault != NULL)
    act(exchange, exchange->fault);
  else
    carry_out(exchange);
  qd_rest_server_leave(exchange->server, exchange);
}

int qd_rest_exchange_is_stalled(const qd_rest_exchange *exchange) {
  return exchange->fault != NULL && exchange->fault->kind == QDRANT_FAULT_STALL;
}

static enum MHD_Result hand_out(qd_rest_exchange *exchange) {
  qd_rest_server *server = exchange->server;
  int64_t due_ns = qd_now_ns();
  exchange->fault = qd_faults_take(server->parts.faults, exchange->rpc->id);
  if (exchange->fault != NULL) {
    qd_record_fault(server->parts.record);
    due_ns += exchange->fault->delay_ns;
  }
  if (qd_rest_server_hand_out(server, exchange, due_ns))
    return MHD_YES;
  if (atomic_load(&server->is_stopping))
    answer_error(exchange, qd_http_status(QDRANT_UNAVAILABLE), "the server is about to stop");
  else
    answer_error(exchange, qd_http_status(QDRANT_RESOURCE_EXHAUSTED), "too many calls wait for the server's threads");
  return qd_rest_exchange_send(exchange);
}

static void answer_too_large(qd_rest_exchange *exchange) {
  char message[96];
  snprintf(message, sizeof message, "JSON payload is larger than allowed (limit: %zu bytes).", MAX_BODY_BYTES);
  answer_error(exchange, HTTP_BAD_REQUEST, message);
}

enum MHD_Result qd_rest_exchange_finish(qd_rest_exchange *exchange) {
  if (exchange->is_out_of_memory) {
    answer_text(exchange, qd_http_status(QDRANT_INTERNAL), "text/plain; charset=utf-8", "out of memory");
    return qd_rest_exchange_send(exchange);
  }
  const qd_rest_page *page = qd_rest_page_find(exchange->verb, exchange->target);
  const char *refusal = page != NULL && !page->needs_key
                            ? NULL
                            : qd_access_check(exchange->server->parts.api_key, exchange->rpc, &exchange->headers);
  if (refusal != NULL)
    answer_text(exchange, HTTP_UNAUTHORIZED, "text/plain; charset=utf-8", refusal);
  else if (page != NULL)
    answer_text(exchange, qd_http_status(QDRANT_OK), page->content_type, page->text);
  else if (exchange->rpc == NULL)
    answer_text(exchange, HTTP_NOT_FOUND, NULL, NULL);
  else if (exchange->is_too_large)
    answer_too_large(exchange);
  else
    return hand_out(exchange);
  return qd_rest_exchange_send(exchange);
}

static void add_headers(const qd_rest_exchange *exchange, struct MHD_Response *response) {
  char seconds[16];
  if (exchange->content_type != NULL)
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->content_type);
  if (exchange->retry_after_s > 0) {
    snprintf(seconds, sizeof seconds, "%u", (unsigned)exchange->retry_after_s);
    MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
  }
}

enum MHD_Result qd_rest_exchange_send(qd_rest_exchange *exchange) {
  if (exchange->is_dropped)
    return MHD_NO;
  /* Not copied: the text stays until libmicrohttpd says that the exchange is over. */
  struct MHD_Response *response =
      MHD_create_response_from_buffer(exchange->n_text, (void *)(uintptr_t)exchange->text, MHD_RESPMEM_PERSISTENT);
  if (response == NULL)
    return MHD_NO;
  add_headers(exchange, response);
  enum MHD_Result result = MHD_queue_response(exchange->http, exchange->http_status, response);
  MHD_destroy_response(response);
  return result;
}
