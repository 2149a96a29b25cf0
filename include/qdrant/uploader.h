#ifndef QDRANT_UPLOADER_H
#define QDRANT_UPLOADER_H

#include "qdrant/upsert.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bulk upload: a stream of points, cut into batches, several of which are on their way at once. Points are numbered
 * from 0 in the order in which they were added; every batch ends in exactly one report, which says of each of its
 * points whether the server has it.
 *
 * At least once, for points are stored by id: a batch may be sent again after an unclear failure, and a point that is
 * MAYBE is never reported as done or as absent. Batches that share an id never overlap, so that the last one wins. */
typedef struct qdrant_uploader qdrant_uploader;

struct Qdrant__PointStruct;
struct qdrant_source;

/* Points that are not stored, next to each other, and why. */
typedef struct qdrant_failed_range {
  uint64_t first_point;
  uint64_t n_points;
  qdrant_error error; /* delivery is NOT_SENT, MAYBE or ANSWERED */
} qdrant_failed_range;

/* The end of a batch. n_done + n_maybe + n_refused + n_not_sent is n_points. Borrowed until the callback returns. */
typedef struct qdrant_batch_report {
  size_t size;       /* sizeof(qdrant_batch_report) */
  uint64_t sequence; /* of the batch, from 0 */
  uint64_t first_point;
  uint64_t n_points;
  uint64_t n_done;
  uint64_t n_maybe;
  uint64_t n_refused;
  uint64_t n_not_sent;
  qdrant_update_status status;       /* of what is done; of several calls the least far */
  const qdrant_failed_range *failed; /* in order; points between them are done */
  size_t n_failed;                   /* ranges */
  uint32_t n_calls;                  /* 1, or more when the batch was cut to find its bad points */
  uint32_t n_attempts;               /* of all calls */
  uint64_t request_bytes;            /* encoded, without repeats */
  int64_t elapsed_ns;                /* from the first call to the end */
} qdrant_batch_report;

/* On a thread of the library or inside a function of the uploader, one at a time; must not block and may not call the
 * uploader, but for qdrant_uploader_cancel and _progress. Batches may end in any order. */
typedef void (*qdrant_batch_done)(void *user, const qdrant_batch_report *report);

typedef struct qdrant_uploader_options {
  size_t size;                         /* sizeof(qdrant_uploader_options) */
  const qdrant_upsert_options *upsert; /* wait, ordering, update_mode, update_filter, shard keys; its limits of points,
                                        * parts and bytes and allow_duplicates are not used; copied, messages borrowed
                                        * until the uploader is freed; NULL: wait, defaults */
  uint32_t max_points;                 /* in a batch; 0: 1,000 */
  size_t max_bytes;                    /* of a batch, encoded; 0: 4 MiB. One point that is larger is refused */
  uint32_t max_in_flight;              /* batches on their way at once; 0: 8 a connection of the client */
  qdrant_toggle adapts;         /* ON by default: fewer in flight when calls get slow or fail, more when they do not
                                 * (AIMD, docs/RELIABILITY.md); OFF: always max_in_flight */
  size_t max_buffered_bytes;    /* encoded and not yet reported; 0: 64 MiB. Beyond it adding waits or answers AGAIN */
  double max_points_per_s;      /* 0: no cap */
  int64_t batch_timeout_ms;     /* one batch, all attempts and waits between them; 0: 300,000 */
  qdrant_toggle stops_on_error; /* ON by default: once a batch is not wholly done, its bad points found, none is begun,
                                 * and those that wait are NOT_SENT with ABORTED; OFF: goes on */
  qdrant_toggle bisects;        /* ON by default: a batch that the server refuses as invalid is cut in halves until
                                 * the bad points are alone, and the good ones are stored */
  qdrant_toggle verifies;       /* OFF by default; ON: each batch is read back by its ids; what is missing is MAYBE */
  qdrant_batch_done done;       /* NULL: none */
  void *user;
  uint64_t total_points;       /* for progress; 0: not known */
  uint64_t first_point;        /* number of the first point that will be added; 0 but for a resumed upload */
  const char *checkpoint_path; /* a file that says at any time how far the upload is; NULL: none */
  const char *source;    /* what is uploaded, as text that changes when it does; kept in the checkpoint; NULL: "" */
  int64_t checkpoint_ms; /* how often it is written at most; 0: 1,000 */
  const struct qdrant_checkpoint *resumed; /* the checkpoint that this upload goes on from: its failed ranges are kept
                                            * in the file until they are added again; NULL: none; copied */
  qdrant_cancel *cancel;                   /* NULL: only qdrant_uploader_cancel ends it early; referenced */
} qdrant_uploader_options;

#define QDRANT_UPLOADER_OPTIONS_INIT QDRANT_SIZED(qdrant_uploader_options)

/* Begins an upload; options NULL: all defaults. The client is referenced. On success *uploader is the caller's. One
 * thread adds; progress and cancel are for any thread. */
QDRANT_API qdrant_status qdrant_uploader_new(qdrant_client *client, const char *collection,
    const qdrant_uploader_options *options, qdrant_uploader **uploader, qdrant_error *err);

/* Adds the points of a batch of any size; they are checked and encoded before the function returns. Equal ids are fine:
 * the last wins. timeout_ms: how long to wait for room (-1: as long as it takes; 0: AGAIN at once). *n_added, which may
 * be NULL: how many of its points, from the first on, were taken; they will be reported, the others will not. Errors:
 * AGAIN; INVALID_ARGUMENT names a point that cannot be sent, those before it being taken; CANCELLED; and, when it stops
 * on errors, the first failure. */
QDRANT_API qdrant_status qdrant_uploader_add(
    qdrant_uploader *uploader, const qdrant_point_batch *batch, int64_t timeout_ms, size_t *n_added, qdrant_error *err);

/* The same for messages, as build.h makes them. Borrowed until the function returns. */
QDRANT_API qdrant_status qdrant_uploader_add_messages(qdrant_uploader *uploader,
    struct Qdrant__PointStruct *const *points, size_t n_points, int64_t timeout_ms, size_t *n_added, qdrant_error *err);

/* Gives the next points in *batch, which stays valid until the next call; none means the end. */
typedef qdrant_status (*qdrant_next_points)(void *user, qdrant_point_batch *batch, qdrant_error *err);

/* Adds what next gives until its end, waiting for room as long as it takes. Not OK: of next, or as qdrant_uploader_add.
 */
QDRANT_API qdrant_status qdrant_uploader_pull(
    qdrant_uploader *uploader, qdrant_next_points next, void *user, qdrant_error *err);

/* Adds what is in a file that source.h opened, from where it stands to its end, likewise. */
QDRANT_API qdrant_status qdrant_uploader_add_source(
    qdrant_uploader *uploader, struct qdrant_source *source, qdrant_error *err);

/* The points that are added next have numbers from first_point on: for the failed ranges of a checkpoint, before the
 * upload goes on. Points that are passed over, forward from where it was, are never to be added (lines that cannot be
 * read, say): they count as reported in first_unreported. What was added before goes out as its own batch. */
QDRANT_API qdrant_status qdrant_uploader_seek(qdrant_uploader *uploader, uint64_t first_point, qdrant_error *err);

/* How far an upload is. Points are in exactly one of the counts but for n_added, which is their sum. */
typedef struct qdrant_upload_progress {
  size_t size; /* sizeof(qdrant_upload_progress), set by the caller */
  uint64_t n_added;
  uint64_t n_done;
  uint64_t n_maybe;
  uint64_t n_refused;
  uint64_t n_not_sent; /* will not be sent any more */
  uint64_t n_waiting;  /* added, not yet reported */
  uint64_t total_points;
  uint64_t n_batches;        /* reported */
  uint64_t n_failed_batches; /* of them not wholly done */
  uint64_t n_calls;
  uint64_t n_attempts;
  uint64_t request_bytes;
  uint32_t n_in_flight;      /* batches */
  uint32_t max_in_flight;    /* just now */
  uint64_t first_unacked;    /* all points before it are done */
  uint64_t first_unreported; /* all points before it have been reported */
  int64_t elapsed_ns;
  double points_per_s; /* done, over about the last ten seconds */
  double bytes_per_s;
  int64_t left_ms; /* estimated; -1: cannot be told */
} qdrant_upload_progress;

#define QDRANT_UPLOAD_PROGRESS_INIT QDRANT_SIZED(qdrant_upload_progress)

QDRANT_API void qdrant_uploader_progress(qdrant_uploader *uploader, qdrant_upload_progress *progress);

/* Waits until everything added is reported, at most timeout_ms (-1: each batch's own timeout bounds it). Errors:
 * DEADLINE_EXCEEDED: the upload goes on. */
QDRANT_API qdrant_status qdrant_uploader_flush(qdrant_uploader *uploader, int64_t timeout_ms, qdrant_error *err);

/* The end: waits as flush, writes the last checkpoint. OK only if every point added is done; else the first failure in
 * the order of points. No point can be added afterwards. */
QDRANT_API qdrant_status qdrant_uploader_finish(qdrant_uploader *uploader, int64_t timeout_ms, qdrant_error *err);

/* Ends early: what is not sent is reported NOT_SENT, what is on its way is cancelled and reported. Any thread, also
 * inside a callback; not a signal handler. */
QDRANT_API void qdrant_uploader_cancel(qdrant_uploader *uploader);

/* The failed ranges so far, in the order of points, at most 10,000; beyond that neighbours are merged under the first
 * one's error. The array is the uploader's and valid until the next call of this function; NULL with *n_ranges not 0:
 * out of memory. */
QDRANT_API const qdrant_failed_range *qdrant_uploader_failed(qdrant_uploader *uploader, size_t *n_ranges);

/* Frees it; NULL is fine. What is still waiting is cancelled and reported first. Not inside a callback. */
QDRANT_API void qdrant_uploader_free(qdrant_uploader *uploader);

/* What a checkpoint file says. A resumed upload adds the failed ranges again (qdrant_uploader_seek) and then everything
 * from first_unreported on. */
typedef struct qdrant_checkpoint {
  size_t size; /* sizeof(qdrant_checkpoint) */
  const char *collection;
  const char *source;        /* as in the options */
  uint64_t first_unreported; /* all points before it are done, or in one of the ranges */
  uint64_t n_done;
  const uint64_t *failed; /* pairs: first point, number of points; in order, apart from each other */
  size_t n_failed;        /* pairs */
  const char *library;    /* version that wrote it */
  int is_complete;        /* the upload reached its end */
} qdrant_checkpoint;

/* Reads a checkpoint; on success *checkpoint is the caller's, freed with qdrant_checkpoint_free. Errors: NOT_FOUND when
 * there is no such file; IO_ERROR; INVALID_ARGUMENT when it is none, or damaged, with the line. */
QDRANT_API qdrant_status qdrant_checkpoint_read(
    const char *path, const qdrant_checkpoint **checkpoint, qdrant_error *err);
QDRANT_API void qdrant_checkpoint_free(const qdrant_checkpoint *checkpoint);

#ifdef __cplusplus
}
#endif
#endif
