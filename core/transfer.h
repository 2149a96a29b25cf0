#ifndef QD_TRANSFER_H
#define QD_TRANSFER_H

#include "qdrant/client.h"

#include <stddef.h>
#include <stdint.h>

/* A file on its way between disk and server: one attempt, run in the calling thread (qd_transport_ops.transfer). */

enum { QD_MAX_ETAG_BYTES = 128 };

/* What the server says before the first byte of a download. */
typedef struct qd_transfer_head {
  uint64_t first_byte; /* of the file, where what comes begins */
  uint64_t n_total;    /* bytes of the whole file; 0: not known */
  const char *etag;    /* "": none */
} qd_transfer_head;

typedef struct qd_transfer {
  /* Set by the caller, borrowed. */
  const char *verb;
  const char *target;  /* path and query, percent-encoded; begins with "/" */
  const char *api_key; /* in place of the transport's own; NULL: that one */
  int64_t deadline_ns;
  int64_t stall_ms;
  const char *upload_path; /* sent as the file "snapshot" of a form; NULL: a download */
  uint64_t first_byte;     /* download: the bytes before it are there already */
  const char *etag;        /* of what they belong to; "": not known */
  /* Called in this thread; 0 ends the transfer, with error filled by the callee. Not for an upload. */
  int (*begin)(void *user, const qd_transfer_head *head);
  int (*take)(void *user, const char *bytes, size_t n_bytes);
  void *user;
  /* A few times a second, with the bytes moved by this attempt and its total (0: not known). 0: cancelled. */
  int (*goes_on)(void *watch, uint64_t n_moved, uint64_t n_total);
  void *watch;
  /* Set by the transport; delivery as for a call. */
  qdrant_error error;
  int code;
} qd_transfer;

#endif
