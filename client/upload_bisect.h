#ifndef QD_UPLOAD_BISECT_H
#define QD_UPLOAD_BISECT_H

#include <stddef.h>
#include <stdint.h>

/* Which parts of a batch are to be tried: the whole first; a part that is refused is cut in halves, the first of which
 * comes next. Pure. */
typedef struct qd_part {
  uint32_t first;
  uint32_t n;
} qd_part;

#define QD_BISECT_DEPTH 33 /* halves of at most 2^32 points: each cut takes one part away and adds two */

typedef struct qd_bisect {
  qd_part waiting[QD_BISECT_DEPTH]; /* the last one is tried next */
  size_t n_waiting;
} qd_bisect;

void qd_bisect_begin(qd_bisect *bisect, uint32_t n);

/* Takes the next part off; 0: there is none. */
int qd_bisect_next(qd_bisect *bisect, qd_part *part);

/* The part that was taken last, of at least two points, was refused. */
void qd_bisect_cut(qd_bisect *bisect, qd_part part);

#endif
