#ifndef QD_COLLECTION_H
#define QD_COLLECTION_H

#include "memory/config.h"
#include "memory/field_index.h"
#include "memory/rate_limit.h"
#include "memory/view.h"
#include "qdrant/pb/points.pb-c.h"

#include <pthread.h>
#include <stdatomic.h>

/* A collection. It is shared by the engine's list and by the calls at work on it, so that deleting it does not pull it
 * away from under them. */
typedef struct qd_collection {
  atomic_size_t n_refs;
  char *name;                   /* owned, as what follows; neither ever changes */
  int is_custom_sharded;        /* writes need a shard key, of which there are none */
  qd_field_index_list *indexes; /* with a lock of its own */
  pthread_mutex_t config_lock;  /* a leaf, guards the next */
  qd_config *config;
  atomic_int is_strict;       /* the config has the strict mode: not asked for the lock's sake */
  qd_rate_limits rates;       /* of the strict mode, with a lock of their own */
  pthread_mutex_t write_lock; /* of whoever writes to what is below; with it the store's locks may be taken */
  qd_point_store store;
  uint64_t n_operations;
} qd_collection;

/* A checked request makes an empty collection with one reference. INVALID_ARGUMENT, UNIMPLEMENTED, NO_MEMORY. */
qdrant_status qd_collection_new(const Qdrant__CreateCollection *request, qd_collection **collection, qdrant_error *err);

qd_collection *qd_collection_ref(qd_collection *collection);
void qd_collection_unref(qd_collection *collection); /* NULL is fine */

/* The settings as they are now, with a reference of the caller's own. */
qd_config *qd_collection_config(qd_collection *collection);
/* For a writer: other settings take their place. Takes the reference. */
void qd_collection_put_config(qd_collection *collection, qd_config *config);

/* Between these two one call at a time writes to the store. It is shown to readers that begin after the second. */
void qd_collection_begin_write(qd_collection *collection);
void qd_collection_end_write(qd_collection *collection);
/* What the writer sees: all that is written so far, what it writes next as well. */
qd_view qd_collection_writer_view(qd_collection *collection);

/* Between these two a call reads what the view, which may not move, shows. */
void qd_collection_begin_read(qd_collection *collection, qd_view *view);
void qd_collection_end_read(qd_collection *collection, qd_view *view);

/* Numbers an operation of a writer and fills in the reply. */
void qd_collection_count_operation(qd_collection *collection, int has_waited, Qdrant__UpdateResult *result);

/* For a writer: the field of a vector name, or NULL and err filled in the server's words. */
qd_vector_field *qd_collection_field(const qd_collection *collection, const char *name, qdrant_error *err);

#endif
