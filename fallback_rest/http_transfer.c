#include "fallback_rest/http_transfer.h"

#include "core/deadline.h"
#include "core/error.h"
#include "core/thread.h"
#include "fallback_rest/http_easy.h"
#include "fallback_rest/http_error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MAX_TEXT_BYTES = 1 << 16, HTTP_OK = 200, HTTP_PARTIAL = 206, HTTP_FIRST_ERROR = 300, RANGE_BYTES = 32 };
#define WATCH_NS (100 * QD_NS_PER_MS)

typedef struct state {
  qd_http *http;
  qd_transfer *transfer;
  qd_http_exchange *answer;
  CURL *easy;
  curl_mime *form;
  qdrant_header if_range;
  char range[RANGE_BYTES];
  qd_transfer_head head;
  char etag[QD_MAX_ETAG_BYTES];
  int has_head;   /* the callee knows the head */
  int is_ended;   /* the callee has ended it, and filled the error */
  int is_stopped; /* goes_on said no */
  int64_t watched_ns;
} state;

static int is_success(long code) {
  return code >= HTTP_OK && code < HTTP_FIRST_ERROR;
}

/* The value of a header line if it has this name, without white space and the end of the line; NULL if not. */
static const char *find_value(const char *line, size_t n_line, const char *name, size_t *n_value) {
  size_t n_name = strlen(name);
  if (n_line <= n_name || line[n_name] != ':' || strncasecmp(line, name, n_name) != 0)
    return NULL;
  const char *value = line + n_name + 1;
  const char *end = line + n_line;
  while (value < end && (*value == ' ' || *value == '\t'))
    value++;
  while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
    end--;
  *n_value = (size_t)(end - value);
  return value;
}

/* "bytes 100-199/200" */
static void read_range(state *at, const char *value, size_t n_value) {
  char text[96];
  snprintf(text, sizeof text, "%.*s", (int)n_value, value);
  if (strncmp(text, "bytes ", 6) != 0)
    return;
  at->head.first_byte = strtoull(text + 6, NULL, 10);
  const char *total = strchr(text, '/');
  if (total != NULL)
    at->head.n_total = strtoull(total + 1, NULL, 10);
}

static size_t take_header(char *line, size_t size, size_t n_items, void *user) {
  state *at = user;
  size_t n_line = size * n_items;
  size_t n_value = 0;
  const char *value;
  if (n_line > 5 && strncmp(line, "HTTP/", 5) == 0) {
    at->head = (qd_transfer_head){.etag = at->etag};
    at->etag[0] = '\0';
  } else if ((value = find_value(line, n_line, "etag", &n_value)) != NULL && n_value < sizeof at->etag) {
    snprintf(at->etag, sizeof at->etag, "%.*s", (int)n_value, value);
  } else if ((value = find_value(line, n_line, "content-range", &n_value)) != NULL) {
    read_range(at, value, n_value);
  } else if ((value = find_value(line, n_line, "content-length", &n_value)) != NULL && at->head.n_total == 0) {
    at->head.n_total = strtoull(value, NULL, 10);
  }
  return n_line;
}

static int tell_head(state *at) {
  if (!at->has_head && !at->is_ended)
    at->is_ended = !at->transfer->begin(at->transfer->user, &at->head);
  at->has_head = 1;
  return !at->is_ended;
}

/* Of an answer in text what fits is kept. */
static size_t keep_text(state *at, const char *bytes, size_t n_bytes) {
  if (at->answer->n_reply + n_bytes > MAX_TEXT_BYTES)
    return n_bytes;
  return qd_http_easy_keep(at->answer, bytes, n_bytes) ? n_bytes : CURL_WRITEFUNC_ERROR;
}

static size_t take_bytes(char *bytes, size_t size, size_t n_bytes, void *user) {
  state *at = user;
  long code = 0;
  (void)size; /* always 1 */
  curl_easy_getinfo(at->easy, CURLINFO_RESPONSE_CODE, &code);
  if (at->transfer->upload_path != NULL || !is_success(code))
    return keep_text(at, bytes, n_bytes);
  if (!tell_head(at))
    return CURL_WRITEFUNC_ERROR;
  at->is_ended = !at->transfer->take(at->transfer->user, bytes, n_bytes);
  return at->is_ended ? CURL_WRITEFUNC_ERROR : n_bytes;
}

static int watch(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up) {
  state *at = user;
  int is_upload = at->transfer->upload_path != NULL;
  int64_t now_ns = qd_now_ns();
  if (now_ns - at->watched_ns < WATCH_NS)
    return 0;
  at->watched_ns = now_ns;
  at->is_stopped = !at->transfer->goes_on(
      at->transfer->watch, (uint64_t)(is_upload ? up : down), (uint64_t)(is_upload ? up_total : down_total));
  return at->is_stopped;
}

static int note_socket(void *user, curl_socket_t fd, curlsocktype purpose) {
  (void)user;
  (void)purpose;
  qd_http_easy_close_on_exec(fd);
  return CURL_SOCKOPT_OK;
}

static int set_form(state *at) {
  at->form = curl_mime_init(at->easy);
  curl_mimepart *part = at->form != NULL ? curl_mime_addpart(at->form) : NULL;
  return part != NULL && curl_mime_name(part, "snapshot") == CURLE_OK &&
         curl_mime_filedata(part, at->transfer->upload_path) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_MIMEPOST, at->form) == CURLE_OK;
}

static int set_range(state *at) {
  if (at->transfer->first_byte == 0)
    return 1;
  snprintf(at->range, sizeof at->range, "%" PRIu64 "-", at->transfer->first_byte);
  return curl_easy_setopt(at->easy, CURLOPT_RANGE, at->range) == CURLE_OK;
}

/* A file does not get smaller by another packing, and bytes of a packed one could not be counted. */
static int set_limits(state *at) {
  int64_t left_ms = qd_deadline_left_ns(at->transfer->deadline_ns) / QD_NS_PER_MS;
  return curl_easy_setopt(at->easy, CURLOPT_ACCEPT_ENCODING, NULL) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_LOW_SPEED_TIME, (long)((at->transfer->stall_ms + 999) / 1000)) ==
             CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1)) == CURLE_OK;
}

/* The sockets of this thread are not those that the other thread counts. */
static int set_callbacks(state *at) {
  return curl_easy_setopt(at->easy, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_WRITEDATA, at) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_HEADERDATA, at) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_SOCKOPTFUNCTION, note_socket) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_CLOSESOCKETFUNCTION, NULL) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_XFERINFOFUNCTION, watch) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_XFERINFODATA, at) == CURLE_OK &&
         curl_easy_setopt(at->easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
}

static int make_headers(state *at) {
  const qd_http_options *options = &at->http->options;
  int has_version = at->transfer->first_byte > 0 && at->transfer->etag[0] != '\0';
  at->if_range = (qdrant_header){"if-range", at->transfer->etag};
  const char *api_key = at->transfer->api_key != NULL ? at->transfer->api_key : options->api_key;
  at->answer->own.header_list = qd_http_header_list(
      options->headers, options->n_headers, api_key, &at->if_range, (size_t)has_version, QD_HTTP_NO_JSON);
  return at->answer->own.header_list != NULL;
}

static CURL *new_easy(qd_http *http) {
  qd_material *material = http->files != NULL ? qd_material_take(http->files) : NULL;
  CURL *easy = qd_http_easy_new(http, material);
  qd_material_unref(material);
  return easy;
}

static int arm(state *at) {
  at->answer->verb = at->transfer->verb;
  at->answer->target = at->transfer->target;
  at->easy = make_headers(at) ? new_easy(at->http) : NULL;
  return at->easy != NULL && qd_http_easy_arm(at->easy, at->http, at->answer) && set_callbacks(at) && set_limits(at) &&
         (at->transfer->upload_path != NULL ? set_form(at) : set_range(at));
}

/* libcurl's one code for "too slow" means the deadline, a stall, or no connection. */
static void explain_timeout(state *at, int is_sent) {
  qdrant_error *error = &at->answer->error;
  if (qd_deadline_has_passed(at->transfer->deadline_ns)) {
    qd_http_fail(at->http, QDRANT_DEADLINE_EXCEEDED, is_sent, at->answer);
    return;
  }
  qd_fail(error, QDRANT_UNAVAILABLE, "%s: nothing moved for %" PRId64 " ms (stall_timeout_ms)", at->http->endpoint,
      at->transfer->stall_ms);
  error->delivery = QDRANT_MAYBE;
  error->is_retryable = 1;
}

/* What libcurl calls an end that we know better replaces its words. */
static void rename_end(state *at, CURLcode result, int has_begun) {
  int is_late = result == CURLE_OPERATION_TIMEDOUT && has_begun;
  if (at->is_stopped || is_late)
    qd_error_clear(&at->answer->error);
  if (at->is_stopped)
    qd_http_fail(at->http, QDRANT_CANCELLED, has_begun, at->answer);
  else if (is_late)
    explain_timeout(at, has_begun);
}

static void conclude(state *at, CURLcode result) {
  int has_begun = at->answer->own.has_begun;
  qd_http_easy_settle(at->easy, at->http, at->answer, result);
  if (at->is_ended)
    return;
  rename_end(at, result, has_begun);
  if (result == CURLE_OK && at->transfer->upload_path == NULL && is_success(at->answer->code) && tell_head(at))
    return;
  if (at->answer->error.status != QDRANT_OK)
    qd_error_copy(&at->transfer->error, &at->answer->error);
}

/* In the caller's thread, whose SIGPIPE is the program's affair. */
void qd_http_transfer(qd_http *http, qd_transfer *transfer, qd_http_exchange *answer) {
  qd_pipe_guard guard;
  state at = {.http = http, .transfer = transfer, .answer = answer};
  *answer = (qd_http_exchange){.deadline_ns = transfer->deadline_ns, .max_reply_bytes = MAX_TEXT_BYTES};
  at.head.etag = at.etag;
  qd_pipe_guard_begin(&guard);
  if (qd_http_is_forked(http))
    qd_fail(&transfer->error, QDRANT_FORKED, "the client was made before fork and cannot be used in the child");
  else if (!arm(&at))
    qd_fail(&transfer->error, QDRANT_NO_MEMORY, "out of memory while a transfer was begun");
  else
    conclude(&at, curl_easy_perform(at.easy));
  transfer->code = answer->code;
  curl_easy_cleanup(at.easy);
  curl_mime_free(at.form);
  qd_pipe_guard_end(&guard);
  qd_http_header_list_free(answer->own.header_list);
  answer->own.header_list = NULL;
}
