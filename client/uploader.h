#ifndef QD_UPLOADER_H
#define QD_UPLOADER_H

#include "client/client.h"
#include "client/upload_ids.h"
#include "client/upload_pace.h"
#include "client/upload_queue.h"
#include "client/upload_spans.h"
#include "client/upload_window.h"
#include "qdrant/uploader.h"

/* A bulk upload. The thread that adds builds batches and gives them over; from then on they are moved by whichever
 * thread has something to tell (the end of a call, the alarm, the one that adds), one at a time: the driver. */
struct qdrant_uploader;

/* Whether what a thread waits for is there; with the lock. */
typedef int (*qd_uploader_test)(const struct qdrant_uploader *uploader, size_t n_bytes);

struct qdrant_uploader {
  atomic_uint refs;              /* the user's, each call's, the alarm's */
  qdrant_client *client;         /* referenced until it is freed */
  qd_arena *arena;               /* of what is copied from the options, and the frames */
  qdrant_uploader_options given; /* every default filled in; texts in arena */
  qdrant_upsert_options upsert;  /* likewise */
  const char *collection;
  qd_points_frame frame;   /* of UpsertPoints */
  qd_points_frame reading; /* of GetPoints, when it verifies */
  qd_newer_set newer;      /* what older servers do not know of the options */
  qdrant_cancel *cancel;   /* ends its calls; follows the user's */

  /* The adding thread's own. */
  qd_upload_ids ids;
  qd_upload_batch *open; /* that points are put into */
  uint64_t next_point;
  uint64_t n_sequences;
  uint64_t after;             /* no batch that comes begins before all below this sequence have ended */
  qdrant_failed_range *shown; /* what qdrant_uploader_failed gave last */

  pthread_mutex_t lock;     /* guards everything below and all batches that were given over */
  pthread_cond_t changed;   /* what the adding thread waits for is there */
  qd_uploader_test awaited; /* NULL: it does not wait */
  size_t awaited_bytes;
  int is_driven; /* a thread is the driver */
  int is_wanted; /* the driver has to look once more */
  qd_alarm alarm;
  int is_alarm_set;
  int is_held;              /* the client had no room for a call: nothing begins until the alarm rings or a call ends */
  qd_upload_queue waiting;  /* not begun, in order */
  qd_upload_queue going_on; /* begun, the next call is due */
  qd_upload_queue in_flight; /* a call is on its way */
  qd_upload_queue ended;     /* the call has ended */
  qd_upload_queue reported;  /* for the adding thread to forget their ids */
  uint32_t n_waiting;
  uint32_t n_in_flight;  /* batches begun and not reported */
  uint64_t n_unreported; /* batches given over whose report has not returned */
  size_t n_held_bytes;   /* of batches that are not reported, the open one included */
  qd_window window;
  qd_rate_cap rate_cap;
  qd_pace pace;
  qdrant_upload_progress counts; /* but for what is computed when it is asked for */
  qd_failed failed;
  qd_spans done_ahead;   /* reported, behind first_unreported */
  qd_spans resumed_left; /* failed ranges of the checkpoint that have not been added again */
  uint64_t n_done_before;
  int64_t began_ns;
  int is_stopped;           /* stops_on_error, and a batch failed */
  int is_ending;            /* finish or free: nothing is added any more */
  int is_complete;          /* it was finished, neither stopped nor cancelled */
  qdrant_error first_error; /* in time */
  int has_news;             /* since the last checkpoint */
  int64_t checkpoint_due_ns;
  qdrant_error checkpoint_error; /* of the last one written; OK: none */
};

/* Checks the options and fills in defaults; copies what has to be. */
qdrant_status qd_uploader_resolve(
    qdrant_uploader *uploader, const char *collection, const qdrant_uploader_options *options, qdrant_error *err);

void qd_uploader_unref(qdrant_uploader *uploader);

/* What every function that is not for callbacks checks first. */
qdrant_status qd_uploader_check(const qdrant_uploader *uploader, qdrant_error *err);

/* Whether it has been cancelled, by whomever. */
int qd_uploader_is_cancelled(const qdrant_uploader *uploader);

/* With the lock: wakes the adding thread if what it waits for is there. */
void qd_uploader_wake(qdrant_uploader *uploader);

/* The adding thread: gives the open batch over, if there is one, and sets going what may begin. */
void qd_uploader_push(qdrant_uploader *uploader);

/* The adding thread: forgets the ids of reported batches. */
void qd_uploader_clean(qdrant_uploader *uploader);

/* With the lock: points [first, end) are reported, or will never be added. */
void qd_uploader_pass(qdrant_uploader *uploader, uint64_t first, uint64_t end);

/* Moves batches on as far as they go just now, unless another thread is at it, which then looks once more. Any thread
 * that holds a reference, without the lock. */
void qd_uploader_drive(qdrant_uploader *uploader);

/* Waits until test says so, with the lock held, or the deadline has passed: then 0. Meanwhile it keeps the checkpoint
 * up to date and gives up calls that the transport does not end. The adding thread, not inside a callback. */
int qd_uploader_wait(qdrant_uploader *uploader, qd_uploader_test test, size_t n_bytes, int64_t deadline_ns);

#endif
