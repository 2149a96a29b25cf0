#ifndef QD_CLI_FEED_H
#define QD_CLI_FEED_H

#include "cli/progress.h"
#include "qdrant/source.h"
#include "qdrant/uploader.h"

/* Bad points that are kept to be listed; room for the text of a point's place. */
enum { QD_MAX_BAD = 10, QD_PLACE_TEXT = 48 };

/* A point that cannot be read or sent. */
typedef struct qd_bad_point {
  uint64_t point;
  qdrant_error error;
} qd_bad_point;

/* Gives the points of a source to an uploader, under the eyes of the user: with a progress bar, and until a signal. */
typedef struct qd_feed {
  qdrant_source *source; /* NULL: only qd_feed_batch */
  qdrant_uploader *uploader;
  uint64_t next_point; /* number that the uploader gives the next point; begins as its first_point */
  uint64_t n_before;   /* done before, for the bar */
  int goes_on;         /* after bad points */
  uint64_t n_bad;
  qd_bad_point bad[QD_MAX_BAD];
  qd_progress progress;
} qd_feed;

/* Adds points [first, end), or up to the source's end when end is UINT64_MAX. Not OK: CANCELLED after a signal; the
 * first bad point unless it goes on; what stopped the uploader; what the source said. */
qdrant_status qd_feed_points(qd_feed *feed, uint64_t first, uint64_t end, qdrant_error *err);

/* Adds the points of a batch, of which the first has that number. Not OK: likewise. */
qdrant_status qd_feed_batch(qd_feed *feed, qdrant_point_batch *batch, uint64_t point, qdrant_error *err);

/* Waits until all that was added is reported. Not OK: CANCELLED after a signal, when what is not reported goes on. */
qdrant_status qd_feed_wait(qd_feed *feed, qdrant_error *err);

#endif
