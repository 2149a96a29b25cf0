#ifndef QD_POINT_STORE_H
#define QD_POINT_STORE_H

#include "memory/field_list.h"
#include "memory/filter.h"
#include "memory/id_tree.h"

#include <pthread.h>

/* The points of a collection in slots. A slot holds one version of a point and does not change once readers are shown
 * it: a write puts the point's next version into another slot. Readers are shown what was committed when they began;
 * the slot of an old version is used again when nobody is left who may look at it.
 *
 * One thread writes at a time. Readers take no lock but for a moment: to begin, to end, to look into the order of ids.
 */

/* The commits between which readers are shown a slot: from born on, before died. Born at 0 and died at 0: never. */
typedef struct qd_lifetime {
  _Atomic uint64_t born;
  _Atomic uint64_t died; /* UINT64_MAX: it is the latest version */
} qd_lifetime;

/* Born is written before died, so that whoever reads them the other way round never sees an old birth with a new death.
 */
static inline int qd_lifetime_covers(const qd_lifetime *life, uint64_t commit) {
  return commit < atomic_load_explicit(&life->died, memory_order_acquire) &&
         atomic_load_explicit(&life->born, memory_order_relaxed) <= commit;
}

/* The lifetimes of a run of slots in short: which slots are the latest versions, and the last commit that changed
 * that. It tells readers of that commit and later ones all; older ones look at the lifetimes. Changed is written before
 * live and read after it. */
typedef struct qd_run {
  _Atomic uint64_t live;
  _Atomic uint64_t changed;
} qd_run;

/* What a version has besides vectors. */
typedef struct qd_version {
  uint64_t operation;      /* that wrote it */
  Qdrant__Struct *payload; /* may be NULL; a version and the next may share it, which is then the next one's to free */
} qd_version;

/* Versions of one id. The latest is in the tree, dead or not. */
typedef struct qd_version_links {
  uint32_t older;
  uint32_t newer;
  uint32_t next; /* in the queue of the dead or the stack of free slots */
} qd_version_links;

/* A reader keeps all alive that was when it began. */
typedef struct qd_pin qd_pin;
struct qd_pin {
  uint64_t commit;
  qd_pin *older;
  qd_pin *newer;
};

typedef struct qd_shown {
  uint64_t commit;
  size_t n_slots; /* those from here on are empty */
  size_t n_points;
  qd_field_list *fields;
} qd_shown;

typedef struct qd_point_store {
  qd_column versions;  /* qd_version */
  qd_column lifetimes; /* qd_lifetime */
  qd_column runs;      /* of each run: qd_run */
  /* The writer's own. */
  size_t capacity;
  size_t n_slots;
  size_t n_points;
  qd_field_list *fields;
  uint32_t free;
  size_t n_free;
  uint32_t first_dead; /* in the order in which they died */
  uint32_t last_dead;
  pthread_rwlock_t order_lock; /* guards the next two, which the writer alone changes */
  qd_id_tree order;
  qd_column links;            /* qd_version_links */
  pthread_mutex_t shown_lock; /* guards what follows; a leaf, held for a few instructions */
  qd_shown shown;
  qd_pin *oldest_pin;
  qd_pin *newest_pin;
} qd_point_store;

/* Takes the reference to fields. 0 when there are no locks to be had. */
int qd_point_store_init(qd_point_store *store, qd_field_list *fields);
void qd_point_store_free(qd_point_store *store); /* nobody reads */

/* For the writer. What it writes is shown to nobody before it is committed. */

/* Room for n_writes points to be added or edited. Also makes sparse vectors that were written before quick to search,
 * which needs memory that a write under way cannot do without. 0 when out of memory; the store is as before. */
int qd_point_store_reserve(qd_point_store *store, size_t n_writes);

/* The same for a write of n points, which may be very many: begins it with room for some of them. _reserve_next before
 * each point keeps it going, by showing readers what is written so far where the store would have to grow. */
int qd_point_store_reserve_many(qd_point_store *store, size_t n_writes);
int qd_point_store_reserve_next(qd_point_store *store);

/* These give back a slot to be filled; there is room.
 *
 * A point without vectors and payload, written by an operation, in place of the one that has the id. */
uint32_t qd_point_store_add(qd_point_store *store, const qd_id *id, uint64_t operation);
/* The point in slot, to be changed: as it is but for the operation. The slot may be another one. */
uint32_t qd_point_store_edit(qd_point_store *store, uint32_t slot, uint64_t operation);
void qd_point_store_remove(qd_point_store *store, uint32_t slot);

/* Replaces the payload of a slot to be filled and takes the new one, which may be NULL. Vectors are put into the slot
 * of their field. */
void qd_point_store_put_payload(qd_point_store *store, uint32_t slot, Qdrant__Struct *payload);

/* Add an empty field, taking the reference, or take one away with all that is in it. 0 when out of memory; the store is
 * as before. */
int qd_point_store_add_field(qd_point_store *store, qd_vector_field *field);
int qd_point_store_remove_field(qd_point_store *store, const qd_vector_field *field);

/* Frees what died so long ago that nobody can look at it. */
void qd_point_store_reclaim(qd_point_store *store);

/* point_store_shown.c */

/* Shows readers that begin from now on all that is written. */
void qd_point_store_commit(qd_point_store *store);
/* The oldest commit that a reader may still look at. */
uint64_t qd_point_store_oldest(qd_point_store *store);

/* For readers: what a view (memory/view.h) begins and ends with. *shown is what it sees, with a reference to the fields
 * of its own. */
void qd_point_store_pin(qd_point_store *store, qd_pin *pin, qd_shown *shown);
/* Whether the reader was the oldest, so that some dead may be freed now. */
int qd_point_store_unpin(qd_point_store *store, qd_pin *pin);
/* A reference to the fields alone. */
qd_field_list *qd_point_store_hold_fields(qd_point_store *store);

#endif
