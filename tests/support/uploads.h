#ifndef QD_TEST_UPLOADS_H
#define QD_TEST_UPLOADS_H

#include "qdrant/uploader.h"
#include "tests/support/fake_transport.h"

#include <pthread.h>

/* An upload of points of four floats whose ids are numbers, and what was reported of it. Point i has the id ids[i] (100
 * + i unless a test says otherwise) and its floats tell i, so that a server's copy shows which of two points with one
 * id won. */
enum { UPLOAD_DIM = 4, UPLOAD_MAX_POINTS = 4000, UPLOAD_MAX_BATCHES = 4000 };

typedef enum upload_fate { FATE_NONE = 0, FATE_DONE, FATE_MAYBE, FATE_REFUSED, FATE_NOT_SENT } upload_fate;

typedef struct uploads {
  fake_transport *fake; /* NULL: none */
  qdrant_client *client;
  qdrant_uploader_options options;
  qdrant_uploader *uploader;
  uint64_t ids[UPLOAD_MAX_POINTS];
  float values[UPLOAD_MAX_POINTS * UPLOAD_DIM];
  int answer_status; /* of the fake transport: a Qdrant__UpdateStatus */
  qdrant_error err;
  pthread_mutex_t lock; /* guards the rest */
  size_t n_reports;
  unsigned char n_reported[UPLOAD_MAX_BATCHES]; /* reports, by sequence */
  upload_fate fates[UPLOAD_MAX_POINTS];
  qdrant_error last_error;
  qdrant_update_status last_status;
  uint32_t most_calls;  /* of a batch */
  size_t cancels_after; /* reports; 0: never */
} uploads;

/* A client on a fake transport that takes every upsert; options of the upload begin with the reports going here. */
void uploads_open_fake(uploads *up, const qdrant_options *options);
/* On the server at url, with the collection "uploads" made anew. */
void uploads_open_url(uploads *up, const qdrant_options *options);
void uploads_begin(uploads *up);

/* The columns of points [first, first + n); column is the caller's. */
qdrant_point_batch uploads_batch(uploads *up, size_t first, size_t n, qdrant_vector_column *column);
qdrant_status uploads_add(uploads *up, size_t first, size_t n, int64_t timeout_ms, size_t *n_added);

/* Frees the uploader and checks that each batch was reported exactly once, and each point added has a fate. */
void uploads_end(uploads *up, size_t n_added);
void uploads_close(uploads *up);

size_t uploads_count(uploads *up, upload_fate fate);
qdrant_upload_progress uploads_progress(uploads *up);

/* Points in the collection, exactly; and the number that a stored point's floats tell, -1 when it is not there. */
uint64_t uploads_stored(uploads *up);
long uploads_stored_as(uploads *up, uint64_t id);

#endif
