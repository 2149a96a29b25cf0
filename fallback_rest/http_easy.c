#include "fallback_rest/http_easy.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/retry_after.h"
#include "fallback_rest/http_error.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  /* Qdrant closes connections that were idle for 5 s; libcurl counts whole seconds, so this is up to 4. */
  MAX_IDLE_S = 3,
  IO_BYTES = 128 * 1024,
  FIRST_REPLY_BYTES = 4096,
  MAX_TRUSTED_LENGTH = 16 << 20 /* what a Content-Length may make us allocate before anything came */
};

typedef struct fixed_option {
  CURLoption option;
  long value;
} fixed_option;

static const fixed_option fixed_options[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_PATH_AS_IS, 1}, /* names may be "." and ".." */
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_QUICK_EXIT, 1}, /* else ending an exchange waits for its name to be resolved */
    {CURLOPT_MAXAGE_CONN, MAX_IDLE_S},
    {CURLOPT_BUFFERSIZE, IO_BYTES},
    {CURLOPT_UPLOAD_BUFFERSIZE, IO_BYTES},
    {CURLOPT_NOPROGRESS, 1},
};

/* Grows the reply so that n_bytes and a NUL fit. */
static int reserve(qd_http_exchange *exchange, size_t n_bytes) {
  size_t capacity = exchange->own.capacity;
  if (n_bytes < capacity)
    return 1;
  capacity = capacity < FIRST_REPLY_BYTES ? FIRST_REPLY_BYTES : capacity * 2;
  if (capacity < n_bytes + 1)
    capacity = n_bytes + 1;
  char *grown = qd_realloc(exchange->reply, capacity);
  if (grown == NULL)
    return 0;
  exchange->reply = grown;
  exchange->own.capacity = capacity;
  return 1;
}

/* The length that the server announced spares growing, as far as it is to be believed. */
static size_t announced_bytes(const qd_http_exchange *exchange) {
  curl_off_t n_bytes = -1;
  curl_easy_getinfo(exchange->own.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &n_bytes);
  if (n_bytes < 0 || n_bytes > MAX_TRUSTED_LENGTH || (size_t)n_bytes > exchange->max_reply_bytes)
    return 0;
  return (size_t)n_bytes;
}

int qd_http_easy_keep(qd_http_exchange *exchange, const char *bytes, size_t n_bytes) {
  size_t n_whole = exchange->n_reply + n_bytes;
  if (exchange->reply == NULL && announced_bytes(exchange) > n_whole)
    n_whole = announced_bytes(exchange);
  if (!reserve(exchange, n_whole))
    return 0;
  memcpy(exchange->reply + exchange->n_reply, bytes, n_bytes); /* reserved; NOLINT(clang-analyzer-core.*) */
  exchange->n_reply += n_bytes;
  exchange->reply[exchange->n_reply] = '\0';
  return 1;
}

static size_t take_bytes(char *bytes, size_t size, size_t n_bytes, void *user) {
  qd_http_exchange *exchange = user;
  (void)size; /* always 1 */
  if (n_bytes > exchange->max_reply_bytes - exchange->n_reply)
    exchange->own.fault = QDRANT_RESOURCE_EXHAUSTED;
  else if (!qd_http_easy_keep(exchange, bytes, n_bytes))
    exchange->own.fault = QDRANT_NO_MEMORY;
  else
    return n_bytes;
  return CURL_WRITEFUNC_ERROR;
}

/* Whether a byte of the request may have left this process. Over TLS libcurl's count says less: a record may be out
 * that it has not counted. */
static int is_request_sent(const qd_http_exchange *exchange) {
  long n_bytes = 0;
  curl_easy_getinfo(exchange->own.easy, CURLINFO_REQUEST_SIZE, &n_bytes);
  return exchange->own.has_begun && (n_bytes > 0 || exchange->own.is_tls);
}

/* Before each request. libcurl repeats any request whose reused connection ends without an answer, and whether a call
 * may be repeated is not for it to decide: the second time is only allowed when nothing of the first has left. */
static int begin_request(void *user, char *remote_ip, char *local_ip, int remote_port, int local_port) {
  qd_http_exchange *exchange = user;
  (void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
  if (is_request_sent(exchange))
    return CURL_PREREQFUNC_ABORT;
  exchange->own.has_begun = 1;
  return CURL_PREREQFUNC_OK;
}

static void set_keepalive(int fd, const qd_http_options *options) {
  int is_on = 1;
  int idle_s = (int)((options->keepalive_ms + 999) / 1000);
  int interval_s = (int)((options->keepalive_timeout_ms + 999) / 1000);
  unsigned silence_ms = (unsigned)(options->keepalive_ms + options->keepalive_timeout_ms);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &is_on, sizeof is_on);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms, sizeof silence_ms);
}

void qd_http_easy_close_on_exec(int fd) {
  fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* A new socket: counted, and closed in programs that this process becomes. */
static int note_socket(void *user, curl_socket_t fd, curlsocktype purpose) {
  qd_http *http = user;
  (void)purpose;
  qd_http_easy_close_on_exec(fd);
  if (http->options.keepalive_ms > 0)
    set_keepalive(fd, &http->options);
  unsigned n_open = atomic_fetch_add(&http->n_open, 1) + 1;
  if (n_open > atomic_load(&http->n_most_open)) /* only this thread writes it */
    atomic_store(&http->n_most_open, n_open);
  return CURL_SOCKOPT_OK;
}

static int close_socket(void *user, curl_socket_t fd) {
  qd_http *http = user;
  atomic_fetch_sub(&http->n_open, 1);
  return close(fd);
}

static int set_callbacks(CURL *easy, qd_http *http) {
  return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, begin_request) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, note_socket) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, http) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, http) == CURLE_OK;
}

static int set_texts(CURL *easy, const qd_http *http) {
  const qd_http_options *options = &http->options;
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
         (options->use_env_proxy || curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK) &&
         (!options->accepts_gzip || curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK) &&
         (options->user_agent == NULL || curl_easy_setopt(easy, CURLOPT_USERAGENT, options->user_agent) == CURLE_OK) &&
         curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms) == CURLE_OK &&
         (http->connect_list == NULL || curl_easy_setopt(easy, CURLOPT_CONNECT_TO, http->connect_list) == CURLE_OK);
}

CURL *qd_http_easy_new(qd_http *http, const qd_material *material) {
  CURL *easy = curl_easy_init();
  int is_set =
      easy != NULL && set_callbacks(easy, http) && set_texts(easy, http) && qd_http_set_tls(easy, http, material);
  for (size_t i = 0; i < sizeof fixed_options / sizeof fixed_options[0] && is_set; i++)
    is_set = curl_easy_setopt(easy, fixed_options[i].option, fixed_options[i].value) == CURLE_OK;
  if (is_set)
    return easy;
  curl_easy_cleanup(easy);
  return NULL;
}

static int set_url(CURL *easy, const qd_http *http, const char *target) {
  size_t n_bytes = strlen(http->base_url) + strlen(target) + 1;
  char *url = qd_alloc(n_bytes);
  if (url == NULL)
    return 0;
  snprintf(url, n_bytes, "%s%s", http->base_url, target);
  CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, url);
  qd_free(url);
  return code == CURLE_OK;
}

/* A POST or PUT without a body says so with a length of zero. */
static int set_body(CURL *easy, const qd_http_exchange *exchange) {
  const char *verb = exchange->verb;
  if (exchange->body == NULL && (strcmp(verb, "GET") == 0 || strcmp(verb, "DELETE") == 0))
    return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
  return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->n_body) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->body != NULL ? exchange->body : "") == CURLE_OK;
}

int qd_http_easy_arm(CURL *easy, const qd_http *http, qd_http_exchange *exchange) {
  struct curl_slist *headers = exchange->own.header_list;
  exchange->own.easy = easy;
  exchange->own.is_tls = http->options.is_tls;
  return set_body(easy, exchange) && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange->verb) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)exchange->needs_own_connection) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers != NULL ? headers : http->headers) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->own.text) == CURLE_OK &&
         set_url(easy, http, exchange->target);
}

static const char *find_header(CURL *easy, const char *name) {
  struct curl_header *header = NULL;
  return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : NULL;
}

static void read_wishes(CURL *easy, qd_http_exchange *exchange) {
  const char *retry_after = find_header(easy, "retry-after");
  if (retry_after != NULL)
    exchange->has_retry_after =
        qd_retry_after_parse(retry_after, strlen(retry_after), (int64_t)time(NULL), &exchange->retry_after_ms);
  exchange->is_storage_full = find_header(easy, "qdrant-insufficient-storage") != NULL;
}

static void read_answer(CURL *easy, qd_http_exchange *exchange) {
  long code = 0;
  long version = 0;
  const char *location = NULL;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
  exchange->code = (int)code;
  exchange->is_http2 = version == CURL_HTTP_VERSION_2_0;
  read_wishes(easy, exchange);
  if (location != NULL)
    snprintf(exchange->location, sizeof exchange->location, "%.*s", (int)strcspn(location, "?#"), location);
}

/* libcurl takes an answer that ends among its headers for a whole one. A server that has nothing to say gives a length.
 */
static int is_cut_short(CURL *easy, const qd_http_exchange *exchange) {
  curl_off_t n_announced = 0;
  curl_off_t n_received = 0;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &n_announced);
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &n_received);
  int has_body = exchange->code >= 200 && exchange->code != 204 && exchange->code != 304;
  return has_body && !exchange->is_http2 && n_announced < 0 && n_received == 0;
}

/* What a handle keeps for its next exchange must not point into this one. */
static void disarm(CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, NULL);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, NULL);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
}

void qd_http_easy_settle(CURL *easy, const qd_http *http, qd_http_exchange *exchange, CURLcode result) {
  int is_sent = is_request_sent(exchange);
  disarm(easy);
  if (exchange->own.fault != QDRANT_OK)
    qd_http_fail(http, exchange->own.fault, is_sent, exchange);
  else if (result != CURLE_OK)
    qd_http_explain(http, result, exchange->own.text, is_sent, exchange);
  else
    read_answer(easy, exchange);
  if (exchange->error.status == QDRANT_OK && is_cut_short(easy, exchange))
    qd_http_explain(http, CURLE_PARTIAL_FILE, "", is_sent, exchange);
  exchange->own.easy = NULL;
}
