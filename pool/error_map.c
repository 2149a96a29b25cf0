#include "pool/error_map.h"

#include "core/error.h"
#include "core/reason.h"
#include "core/retry_after.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
  LOCAL = 1,        /* gRPC core on this side wrote this text: no word of the server's */
  SERVER = 2,       /* core never makes this code by itself */
  RETRYABLE = 4,    /* another attempt may help */
  PERMANENT = 8,    /* no other attempt can help */
  UNREACHABLE = 16, /* no gRPC server is there */
  TLS = 32,         /* the text may tell more than the row (tls/finding.h) */
  UNSEEN = 64       /* the server has said that it did not look at the call */
};

enum { ANY_CODE = -1 };

typedef struct ending_row {
  int code;
  const char *fragment; /* of the text; "" fits all */
  qdrant_status status;
  unsigned flags;
  const char *hint;     /* what to do, put before the text; NULL: the text speaks for itself */
  qdrant_reason reason; /* of what core itself says; a server's words are looked up in core/reason.h */
} ending_row;

/* The first row that fits decides. Codes alone lie: UNAVAILABLE covers refused certificates, RESOURCE_EXHAUSTED seven
 * causes, four of them local. */
static const ending_row ending_rows[] = {
    {GRPC_STATUS_RESOURCE_EXHAUSTED, "RST_STREAM with error code", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE,
        "the server found too many calls being cancelled", QDRANT_REASON_CONNECTION_LOST},
    /* The code is core's translation of HTTP/2's: some look as if a server had refused. */
    {ANY_CODE, "Received RST_STREAM with error code", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE,
        "the other end of the connection dropped the call", QDRANT_REASON_CONNECTION_LOST},
    {ANY_CODE, "http1.x server", QDRANT_UNAVAILABLE, LOCAL | PERMANENT | UNREACHABLE,
        "the port speaks HTTP/1, not gRPC: 6333 is Qdrant's REST port, 6334 its gRPC port; check url and grpc_port",
        QDRANT_REASON_WRONG_PROTOCOL},
    {ANY_CODE, "Failed parsing HTTP/2", QDRANT_UNAVAILABLE, LOCAL | PERMANENT | UNREACHABLE,
        "the port does not speak gRPC: 6333 is Qdrant's REST port, 6334 its gRPC port; check url and grpc_port",
        QDRANT_REASON_WRONG_PROTOCOL},
    {GRPC_STATUS_UNAVAILABLE, "handshake failed", QDRANT_UNAVAILABLE, LOCAL | PERMANENT | TLS, NULL,
        QDRANT_REASON_TLS_OTHER},
    {GRPC_STATUS_UNAVAILABLE, "certificate verify failed", QDRANT_UNAVAILABLE, LOCAL | PERMANENT | TLS, NULL,
        QDRANT_REASON_TLS_OTHER},
    {GRPC_STATUS_UNAVAILABLE, "is not in peer certificate", QDRANT_UNAVAILABLE, LOCAL | PERMANENT | TLS, NULL,
        QDRANT_REASON_TLS_NAME},
    {GRPC_STATUS_UNAVAILABLE, "empty address list", QDRANT_UNAVAILABLE, LOCAL | PERMANENT | TLS, NULL,
        QDRANT_REASON_TLS_FILE},
    {GRPC_STATUS_UNAVAILABLE, "Domain name not found", QDRANT_UNAVAILABLE, LOCAL | PERMANENT,
        "the url's host name does not exist", QDRANT_REASON_NAME_NOT_FOUND},
    {GRPC_STATUS_UNAVAILABLE, "failed to connect to all addresses", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE | UNREACHABLE,
        NULL, QDRANT_REASON_UNREACHABLE},
    {GRPC_STATUS_UNAVAILABLE, "DNS resolution failed", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_UNAVAILABLE, "Socket closed", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE, "the connection was closed",
        QDRANT_REASON_CONNECTION_LOST},
    {GRPC_STATUS_UNAVAILABLE, "Transport closed", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE, "the connection was closed",
        QDRANT_REASON_CONNECTION_LOST},
    {GRPC_STATUS_UNAVAILABLE, "Transport destroyed", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE, "the connection was closed",
        QDRANT_REASON_CONNECTION_LOST},
    {GRPC_STATUS_UNAVAILABLE, "Endpoint read failed", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE,
        "the connection was closed", QDRANT_REASON_CONNECTION_LOST},
    /* Calls that come after the last stream of a GOAWAY; those before it go on and, when the connection is closed under
     * them, end in other words. */
    {GRPC_STATUS_UNAVAILABLE, "GOAWAY received", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE | UNSEEN,
        "the server ends this connection", QDRANT_REASON_CONNECTION_LOST},
    {GRPC_STATUS_UNAVAILABLE, "keepalive watchdog", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE,
        "the server did not answer a keepalive ping", QDRANT_REASON_CONNECTION_LOST},
    {GRPC_STATUS_UNAVAILABLE, "Connection reset by peer", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE, NULL,
        QDRANT_REASON_CONNECTION_LOST},
    {GRPC_STATUS_UNAVAILABLE, "Broken pipe", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE, NULL,
        QDRANT_REASON_CONNECTION_LOST},
    {GRPC_STATUS_UNAVAILABLE, "Connection timed out", QDRANT_UNAVAILABLE, LOCAL | RETRYABLE, NULL,
        QDRANT_REASON_CONNECTION_LOST},
    {GRPC_STATUS_UNAVAILABLE, "", QDRANT_UNAVAILABLE, RETRYABLE, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_DEADLINE_EXCEEDED, "Deadline Exceeded", QDRANT_DEADLINE_EXCEEDED, LOCAL | RETRYABLE,
        "no answer before the deadline", QDRANT_REASON_NONE},
    {GRPC_STATUS_DEADLINE_EXCEEDED, "", QDRANT_DEADLINE_EXCEEDED, RETRYABLE, NULL, QDRANT_REASON_NONE},
    /* Qdrant's gRPC layer drops a request whose grpc-timeout has passed in these words. */
    {GRPC_STATUS_CANCELLED, "Timeout expired", QDRANT_DEADLINE_EXCEEDED, SERVER | RETRYABLE, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_CANCELLED, "", QDRANT_UNAVAILABLE, RETRYABLE, "the other end of the connection dropped the call",
        QDRANT_REASON_CONNECTION_LOST},
    {GRPC_STATUS_RESOURCE_EXHAUSTED, "larger than max", QDRANT_RESOURCE_EXHAUSTED, LOCAL | PERMANENT,
        "the reply is larger than max_reply_bytes", QDRANT_REASON_CLIENT_LIMIT},
    {GRPC_STATUS_RESOURCE_EXHAUSTED, "metadata size exceeds", QDRANT_RESOURCE_EXHAUSTED, LOCAL,
        "the server's error text or headers are longer than the client takes", QDRANT_REASON_CLIENT_LIMIT},
    {GRPC_STATUS_RESOURCE_EXHAUSTED, "", QDRANT_RESOURCE_EXHAUSTED, 0, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_INTERNAL, "Please retry", QDRANT_INTERNAL, RETRYABLE, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_INTERNAL, "", QDRANT_INTERNAL, 0, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_INVALID_ARGUMENT, "", QDRANT_INVALID_ARGUMENT, SERVER, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_NOT_FOUND, "", QDRANT_NOT_FOUND, SERVER, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_ALREADY_EXISTS, "", QDRANT_ALREADY_EXISTS, SERVER, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_PERMISSION_DENIED, "", QDRANT_PERMISSION_DENIED, SERVER, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_FAILED_PRECONDITION, "", QDRANT_FAILED_PRECONDITION, SERVER, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_ABORTED, "", QDRANT_ABORTED, SERVER, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_OUT_OF_RANGE, "", QDRANT_OUT_OF_RANGE, SERVER, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_UNIMPLEMENTED, "Received http2 header with status", QDRANT_UNIMPLEMENTED, SERVER,
        "an HTTP server or proxy answered, not Qdrant's gRPC port; check url and grpc_port",
        QDRANT_REASON_WRONG_PROTOCOL},
    {GRPC_STATUS_UNIMPLEMENTED, "", QDRANT_UNIMPLEMENTED, SERVER, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_DATA_LOSS, "", QDRANT_DATA_LOSS, SERVER, NULL, QDRANT_REASON_NONE},
    {GRPC_STATUS_UNAUTHENTICATED, "", QDRANT_UNAUTHENTICATED, SERVER, NULL, QDRANT_REASON_NONE},
    {ANY_CODE, "", QDRANT_UNKNOWN, 0, NULL, QDRANT_REASON_NONE},
};

static int has_fragment(grpc_slice text, const char *fragment) {
  return memmem(GRPC_SLICE_START_PTR(text), GRPC_SLICE_LENGTH(text), fragment, strlen(fragment)) != NULL;
}

static const ending_row *find_row(const qd_ending *ending) {
  const ending_row *row = ending_rows;
  while ((row->code != ANY_CODE && row->code != (int)ending->code) || !has_fragment(ending->text, row->fragment))
    row++; /* the last row fits everything */
  return row;
}

static int is_answered(const qd_ending *ending, const ending_row *row) {
  if (ending->code == GRPC_STATUS_OK || (row->flags & SERVER))
    return 1;
  return !(row->flags & LOCAL) && (ending->initial->count > 0 || ending->trailing->count > 0);
}

/* What a server sends in the same words has metadata. */
static int is_unseen(const qd_ending *ending, const ending_row *row) {
  return (row->flags & UNSEEN) && ending->initial->count == 0 && ending->trailing->count == 0;
}

int qd_ending_is_answered(const qd_ending *ending) {
  return is_answered(ending, find_row(ending));
}

static const char *text_of(const qd_ending *ending) {
  return (const char *)GRPC_SLICE_START_PTR(ending->text);
}

/* Core's words for a connection that the peer ended before it was one. */
static int is_cut_short(grpc_slice text) {
  return has_fragment(text, "failed to connect to all addresses") &&
         (has_fragment(text, "Socket closed") || has_fragment(text, "Endpoint read failed") ||
             has_fragment(text, "Connection reset by peer") || has_fragment(text, "Broken pipe"));
}

/* What is known about TLS that failed: by a look at the connection, else by core's words. */
static int find_tls(const qd_ending *ending, const ending_row *row, qd_finding *finding) {
  *finding = (qd_finding){.reason = QDRANT_REASON_NONE};
  if (ending->finding != NULL && ending->finding->reason != QDRANT_REASON_NONE) {
    *finding = *ending->finding;
  } else if (row->flags & TLS) {
    size_t n_text = GRPC_SLICE_LENGTH(ending->text);
    finding->reason = qd_finding_reason(text_of(ending), n_text);
    finding->is_fine = ending->finding != NULL && ending->finding->is_fine;
    snprintf(finding->text, sizeof finding->text, "%.*s", (int)n_text, text_of(ending));
  }
  return finding->reason != QDRANT_REASON_NONE;
}

int qd_ending_is_puzzling(const qd_ending *ending) {
  const ending_row *row = find_row(ending);
  if (ending->code != GRPC_STATUS_UNAVAILABLE || is_answered(ending, row))
    return 0;
  return (row->flags & TLS)
             ? qd_finding_reason(text_of(ending), GRPC_SLICE_LENGTH(ending->text)) == QDRANT_REASON_TLS_OTHER
             : is_cut_short(ending->text);
}

/* A proxy that takes HTTP/2 and answers as a web server, with any status, is no gRPC server either. */
int qd_ending_is_unreachable(const qd_ending *ending) {
  qd_finding finding;
  const ending_row *row = find_row(ending);
  if (find_tls(ending, row, &finding))
    return finding.reason == QDRANT_REASON_TLS_PROTOCOL;
  return (row->flags & UNREACHABLE) ||
         (ending->code != GRPC_STATUS_OK && has_fragment(ending->text, "Received http2 header with status"));
}

static const grpc_metadata *find_item(const grpc_metadata_array *metadata, const char *name) {
  for (size_t i = 0; i < metadata->count; i++)
    if (grpc_slice_str_cmp(metadata->metadata[i].key, name) == 0)
      return &metadata->metadata[i];
  return NULL;
}

static int read_retry_after(const grpc_metadata_array *metadata, uint32_t *wait_ms) {
  const grpc_metadata *item = find_item(metadata, "retry-after");
  *wait_ms = 0;
  return item != NULL && qd_retry_after_parse((const char *)GRPC_SLICE_START_PTR(item->value),
                             GRPC_SLICE_LENGTH(item->value), (int64_t)time(NULL), wait_ms);
}

static qdrant_reason find_reason(const qd_ending *ending, const ending_row *row, int has_retry_after) {
  qd_refusal refusal = {
      .status = row->status,
      .text = (const char *)GRPC_SLICE_START_PTR(ending->text),
      .n_text = GRPC_SLICE_LENGTH(ending->text),
      .has_retry_after = has_retry_after,
      .is_storage_full = find_item(ending->trailing, "qdrant-insufficient-storage") != NULL,
  };
  return row->reason != QDRANT_REASON_NONE || (row->flags & LOCAL) ? row->reason : qd_reason_find(&refusal);
}

static void write_text(const qd_ending *ending, const ending_row *row, qdrant_error *err) {
  int n_text = (int)(GRPC_SLICE_LENGTH(ending->text) < sizeof err->message ? GRPC_SLICE_LENGTH(ending->text)
                                                                           : sizeof err->message);
  const char *text = (const char *)GRPC_SLICE_START_PTR(ending->text);
  if (ending->is_cancel_asked && ending->code == GRPC_STATUS_CANCELLED && !(row->flags & SERVER))
    qd_fail(err, QDRANT_CANCELLED, "the call was cancelled");
  else if ((row->flags & PERMANENT) && row->status == QDRANT_RESOURCE_EXHAUSTED)
    qd_fail(err, row->status, "%s (%zu): %.*s", row->hint, ending->max_reply_bytes, n_text, text);
  else if (row->hint != NULL)
    qd_fail(err, row->status, "%s: %s: %.*s", ending->endpoint, row->hint, n_text, text);
  else if (row->flags & LOCAL)
    qd_fail(err, row->status, "%s: %.*s", ending->endpoint, n_text, text);
  else
    qd_fail(err, row->status, "%.*s", n_text, text);
}

qdrant_status qd_ending_explain(const qd_ending *ending, qdrant_error *err) {
  qd_error_clear(err);
  if (ending->code == GRPC_STATUS_OK && ending->has_message)
    return QDRANT_OK;
  if (ending->code == GRPC_STATUS_OK) {
    err->delivery = QDRANT_ANSWERED;
    return qd_fail(err, QDRANT_BAD_REPLY, "%s answered OK without a reply", ending->endpoint);
  }
  const ending_row *row = find_row(ending);
  qd_finding finding;
  err->delivery = ending->has_send_failed || is_unseen(ending, row) ? QDRANT_NOT_SENT : QDRANT_MAYBE;
  if (find_tls(ending, row, &finding)) {
    qd_finding_explain(&finding, ending->endpoint, err);
    err->remote_code = err->delivery == QDRANT_NOT_SENT ? 0 : (int32_t)ending->code;
    return err->status;
  }
  write_text(ending, row, err);
  err->reason = (uint16_t)find_reason(ending, row, read_retry_after(ending->trailing, &err->retry_after_ms));
  if (is_answered(ending, row))
    err->delivery = QDRANT_ANSWERED;
  err->remote_code = err->delivery == QDRANT_NOT_SENT ? 0 : (int32_t)ending->code;
  err->is_permanent = (row->flags & PERMANENT) != 0;
  /* A wish to come back later is a permission to come back. */
  err->is_retryable = err->status != QDRANT_CANCELLED && ((row->flags & RETRYABLE) || err->retry_after_ms > 0);
  return err->status;
}
