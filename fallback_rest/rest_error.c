#include "fallback_rest/rest_error.h"

#include "core/error.h"
#include "core/json_tree.h"
#include "core/reason.h"

#include <stdio.h>
#include <string.h>

enum {
  PERMANENT = 1, /* no other attempt can help */
  GATEWAY = 2,   /* without Qdrant's JSON it is a proxy's, which may have passed the request on */
  PLAIN = 4      /* Qdrant says this one in plain text */
};

enum { ANY_CODE = 0, MAX_LINE_BYTES = 160, MAX_ERROR_BYTES = 1 << 20 };

typedef struct answer_row {
  int code;
  int is_json;       /* for answers in Qdrant's envelope only, or -1 for others only; 0: for both */
  const char *begin; /* of the text; "" fits all */
  qdrant_status status;
  unsigned flags;
  const char *hint; /* what to do, put before what came; NULL: that speaks for itself */
} answer_row;

/* The first row that fits decides. Some statuses of gRPC share a code here and are told apart by their texts. */
static const answer_row answer_rows[] = {
    {304, 0, "", QDRANT_FAILED_PRECONDITION, 0, NULL},
    {400, 1, "Checksum mismatch", QDRANT_DATA_LOSS, 0, NULL},
    {400, 0, "", QDRANT_INVALID_ARGUMENT, 0, NULL},
    {401, 0, "", QDRANT_UNAUTHENTICATED, PLAIN, NULL},
    {403, 1, "Storage locked", QDRANT_FAILED_PRECONDITION, 0, NULL},
    {403, 0, "", QDRANT_PERMISSION_DENIED, PLAIN, NULL},
    {404, 1, "", QDRANT_NOT_FOUND, 0, NULL},
    {404, 0, "Not found: ", QDRANT_NOT_FOUND, PLAIN, NULL},
    {404, -1, "", QDRANT_UNIMPLEMENTED, 0,
        "the server does not know this route; its version may be older, or the url's path wrong"},
    {405, 0, "", QDRANT_UNIMPLEMENTED, 0, NULL},
    {408, 1, "", QDRANT_DEADLINE_EXCEEDED, 0, NULL},
    {408, -1, "", QDRANT_UNAVAILABLE, GATEWAY, "the server closed a connection on which it found no request in time"},
    {409, 0, "", QDRANT_ALREADY_EXISTS, 0, NULL},
    {413, -1, "", QDRANT_RESOURCE_EXHAUSTED, PERMANENT,
        "a request of this size is refused on the way to Qdrant; send smaller batches or raise the proxy's limit"},
    {422, 0, "", QDRANT_INVALID_ARGUMENT, 0, NULL},
    {429, 0, "", QDRANT_RESOURCE_EXHAUSTED, 0, NULL},
    {500, 1, "Pre-condition failure", QDRANT_FAILED_PRECONDITION, 0, NULL},
    {500, 0, "", QDRANT_INTERNAL, 0, NULL},
    {501, 0, "", QDRANT_UNIMPLEMENTED, 0, NULL},
    {502, 0, "", QDRANT_UNAVAILABLE, GATEWAY, NULL},
    {503, 0, "", QDRANT_UNAVAILABLE, GATEWAY, NULL},
    {504, 0, "", QDRANT_UNAVAILABLE, GATEWAY, NULL},
    {507, 0, "", QDRANT_RESOURCE_EXHAUSTED, 0, NULL},
    {ANY_CODE, 0, "", QDRANT_UNKNOWN, GATEWAY, NULL},
};

static const answer_row redirect_row = {
    ANY_CODE, 0, "", QDRANT_UNAVAILABLE, PERMANENT, "the server sends us elsewhere, which is not followed; check url"};

/* What came, as far as it matters. */
typedef struct answer {
  int code;
  int is_json;      /* Qdrant's envelope */
  const char *text; /* the server's words in it, or the body */
} answer;

static const answer_row *find_row(const answer *got) {
  if (got->code >= 300 && got->code < 400 && got->code != 304)
    return &redirect_row;
  const answer_row *row = answer_rows;
  for (; row->code != ANY_CODE; row++) {
    int fits_form = row->is_json == 0 || (row->is_json > 0) == got->is_json;
    if (row->code == got->code && fits_form && strncmp(got->text, row->begin, strlen(row->begin)) == 0)
      break;
  }
  return row;
}

/* The text of {"status":{"error":TEXT}} or {"status":TEXT}; NULL when the body is not that. NO_MEMORY when that cannot
 * be told. */
static qdrant_status find_words(const char *body, size_t n_body, qd_arena *arena, const char **found) {
  const qd_json_node *root = NULL;
  *found = NULL;
  if (body == NULL || n_body > MAX_ERROR_BYTES)
    return QDRANT_OK;
  qdrant_status status = arena != NULL ? qd_json_tree_parse(body, n_body, arena, &root, NULL) : QDRANT_NO_MEMORY;
  if (status != QDRANT_OK)
    return status == QDRANT_NO_MEMORY ? status : QDRANT_OK;
  const qd_json_node *outer = qd_json_get(root, "status");
  const qd_json_node *words = outer != NULL ? qd_json_get(outer, "error") : NULL;
  if (words == NULL)
    words = outer;
  *found = words != NULL && words->kind == QD_JSON_TEXT ? words->text : NULL;
  return QDRANT_OK;
}

/* The first line that is not empty, printable. Returns where it ends in body. */
static const char *copy_line(const char *body, char line[MAX_LINE_BYTES]) {
  body += strspn(body, " \t\r\n");
  size_t n_bytes = strcspn(body, "\r\n");
  snprintf(line, MAX_LINE_BYTES, "%.*s", (int)(n_bytes < MAX_LINE_BYTES ? n_bytes : MAX_LINE_BYTES), body);
  for (char *at = line; *at != '\0'; at++)
    if ((unsigned char)*at < 0x20)
      *at = ' ';
  return body + n_bytes;
}

/* A page's first line often says nothing; its title does. */
static void copy_title(const char *rest, char title[MAX_LINE_BYTES]) {
  const char *begin = strcasestr(rest, "<title>");
  title[0] = '\0';
  if (begin == NULL)
    return;
  begin += sizeof "<title>" - 1;
  int n_bytes = (int)strcspn(begin, "<\r\n");
  snprintf(title, MAX_LINE_BYTES, " (%.*s)", n_bytes < MAX_LINE_BYTES - 4 ? n_bytes : MAX_LINE_BYTES - 4, begin);
}

static void write_foreign(const qd_http_exchange *exchange, const char *endpoint, const answer_row *row,
    const char *body, qdrant_error *err) {
  char line[MAX_LINE_BYTES];
  char title[MAX_LINE_BYTES];
  const char *rest = copy_line(body, line);
  copy_title(rest, title);
  if ((row->flags & PLAIN) && line[0] != '<' && line[0] != '\0') {
    qd_fail(err, row->status, "%s", line);
    return;
  }
  qd_fail(err, row->status, "%s: HTTP %d%s%s%s%s%s%s%s", endpoint, exchange->code, row->hint != NULL ? ": " : "",
      row->hint != NULL ? row->hint : "", exchange->location[0] != '\0' ? ": " : "", exchange->location,
      line[0] != '\0' ? ": " : "", line, title);
}

static int is_plausible_json(const qd_http_exchange *exchange) {
  return exchange->n_reply > 0 && exchange->reply[strspn(exchange->reply, " \t\r\n")] == '{';
}

static qdrant_status refuse_page(const qd_http_exchange *exchange, const char *endpoint, qdrant_error *err) {
  static const answer_row row = {ANY_CODE, 0, "", QDRANT_BAD_REPLY, 0, "the answer is none of Qdrant's; check url"};
  write_foreign(exchange, endpoint, &row, exchange->reply != NULL ? exchange->reply : "", err);
  err->delivery = QDRANT_MAYBE;
  err->remote_code = exchange->code;
  return err->status;
}

static qdrant_reason find_reason(const qd_http_exchange *exchange, const answer *got, qdrant_status status) {
  qd_refusal refusal = {
      .status = status,
      .text = got->text,
      .n_text = strlen(got->text),
      .has_retry_after = exchange->has_retry_after,
      .is_storage_full = exchange->is_storage_full || exchange->code == 507,
      .is_too_large = exchange->code == 413,
  };
  return qd_reason_find(&refusal);
}

static void explain_refusal(
    const qd_http_exchange *exchange, const char *endpoint, const char *words, qdrant_error *err) {
  const char *body = exchange->reply != NULL ? exchange->reply : "";
  answer got = {.code = exchange->code, .is_json = words != NULL, .text = words != NULL ? words : body};
  const answer_row *row = find_row(&got);
  if (words != NULL)
    qd_fail(err, row->status, "%s", words);
  else
    write_foreign(exchange, endpoint, row, body, err);
  err->delivery = words == NULL && (row->flags & GATEWAY) ? QDRANT_MAYBE : QDRANT_ANSWERED;
  err->remote_code = exchange->code;
  err->retry_after_ms = exchange->retry_after_ms;
  err->reason = (uint16_t)find_reason(exchange, &got, row->status);
  err->is_permanent = (row->flags & PERMANENT) != 0;
  err->is_retryable = !err->is_permanent && (row->status == QDRANT_UNAVAILABLE || exchange->retry_after_ms > 0);
}

/* Without the server's words, what its code means here cannot be told. */
static void explain_no_memory(const qd_http_exchange *exchange, const char *endpoint, qdrant_error *err) {
  qd_fail(err, QDRANT_NO_MEMORY, "%s: HTTP %d: out of memory for the server's words", endpoint, exchange->code);
  err->delivery = QDRANT_MAYBE;
  err->remote_code = exchange->code;
}

qdrant_status qd_rest_explain(
    const qd_http_exchange *exchange, const char *endpoint, int needs_json, qdrant_error *err) {
  qd_error_clear(err);
  if (exchange->error.status != QDRANT_OK) {
    qd_error_copy(err, &exchange->error);
    return err->status;
  }
  if (exchange->code >= 200 && exchange->code < 300)
    return needs_json && !is_plausible_json(exchange) ? refuse_page(exchange, endpoint, err) : QDRANT_OK;
  qd_arena *arena = qd_arena_new(1024);
  const char *words = NULL;
  if (find_words(exchange->reply, exchange->n_reply, arena, &words) == QDRANT_OK)
    explain_refusal(exchange, endpoint, words, err);
  else
    explain_no_memory(exchange, endpoint, err);
  qd_arena_free(arena);
  return err->status;
}
