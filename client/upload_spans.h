#ifndef QD_UPLOAD_SPANS_H
#define QD_UPLOAD_SPANS_H

#include <stddef.h>
#include <stdint.h>

/* A set of numbers of points, kept as spans [first, end) in order and apart from each other. */
typedef struct qd_span {
  uint64_t first;
  uint64_t end;
} qd_span;

typedef struct qd_spans {
  qd_span *items; /* owned */
  size_t n;
  size_t capacity;
} qd_spans;

/* Both answer 0, with the set as it was, when out of memory. Begin with a zeroed struct. */
int qd_spans_add(qd_spans *spans, uint64_t first, uint64_t end);
int qd_spans_remove(qd_spans *spans, uint64_t first, uint64_t end);

/* Takes the numbers between neighbours in, the smallest gaps first, until at most max spans are left. */
void qd_spans_close_gaps(qd_spans *spans, size_t max);

/* The end of the span that begins at or before `from`, and takes away all that lies before it; `from` when there is
 * none. */
uint64_t qd_spans_advance(qd_spans *spans, uint64_t from);

void qd_spans_free(qd_spans *spans);

#endif
