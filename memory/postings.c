#include "memory/postings.h"

#include "core/alloc.h"

#include <pthread.h>
#include <stdatomic.h>

enum { FIRST_CAPACITY = 4, MAX_CAPACITY = 4096, FIRST_LISTS = 64, TIDY_FROM = 1 << 16, WORD_BITS = 64 };

/* Slots in the order in which they came; written once. */
typedef struct piece piece;
struct piece {
  piece *next;
  uint32_t capacity;
  uint32_t slots[];
};

/* The slots of one index. */
typedef struct list {
  uint32_t index;
  uint32_t n_in_last; /* slots in the last piece */
  size_t n;           /* 0: this place of the table is empty */
  piece *first;
  piece *last;
} list;

/* A hash table of lists. Readers hold a reference and go through pieces without the lock. */
typedef struct table {
  atomic_size_t n_refs;
  size_t n_slots; /* in all lists */
  size_t n_lists;
  size_t capacity; /* a power of two */
  list *lists;
} table;

struct qd_postings {
  pthread_rwlock_t lock; /* guards the present table and its lists; held for a vector or a look-up */
  table *present;
  size_t n_known; /* the writer's: slots in lists that still have the index */
};

static table *new_table(void) {
  table *made = qd_zalloc(sizeof *made);
  list *lists = qd_zalloc(FIRST_LISTS * sizeof *lists);
  if (made == NULL || lists == NULL) {
    qd_free(made);
    qd_free(lists);
    return NULL;
  }
  atomic_init(&made->n_refs, 1);
  made->capacity = FIRST_LISTS;
  made->lists = lists;
  return made;
}

static void free_pieces(piece *first) {
  while (first != NULL) {
    piece *next = first->next;
    qd_free(first);
    first = next;
  }
}

static void unref_table(table *of) {
  if (atomic_fetch_sub_explicit(&of->n_refs, 1, memory_order_acq_rel) > 1)
    return;
  for (size_t i = 0; i < of->capacity; i++)
    free_pieces(of->lists[i].first);
  qd_free(of->lists);
  qd_free(of);
}

qd_postings *qd_postings_new(void) {
  qd_postings *postings = qd_zalloc(sizeof *postings);
  table *present = new_table();
  if (postings != NULL && present != NULL && pthread_rwlock_init(&postings->lock, NULL) == 0) {
    postings->present = present;
    return postings;
  }
  if (present != NULL)
    unref_table(present);
  qd_free(postings);
  return NULL;
}

void qd_postings_free(qd_postings *postings) {
  if (postings == NULL)
    return;
  unref_table(postings->present);
  pthread_rwlock_destroy(&postings->lock);
  qd_free(postings);
}

/* The list of an index, or the empty place where it belongs. */
static list *find_list(list *lists, size_t capacity, uint32_t index) {
  uint32_t hash = index * UINT32_C(2654435769);
  size_t at = (hash ^ hash >> 16) & (capacity - 1);
  while (lists[at].n > 0 && lists[at].index != index)
    at = (at + 1) & (capacity - 1);
  return &lists[at];
}

/* At least every fourth place stays empty. */
static int reserve_list(table *of) {
  if (of->n_lists < of->capacity / 4 * 3)
    return 1;
  list *lists = qd_zalloc(2 * of->capacity * sizeof *lists);
  if (lists == NULL)
    return 0;
  for (size_t i = 0; i < of->capacity; i++)
    if (of->lists[i].n > 0)
      *find_list(lists, 2 * of->capacity, of->lists[i].index) = of->lists[i];
  qd_free(of->lists);
  of->lists = lists;
  of->capacity *= 2;
  return 1;
}

static int reserve_slot(list *of) {
  if (of->last != NULL && of->n_in_last < of->last->capacity)
    return 1;
  uint32_t capacity = of->last == NULL ? FIRST_CAPACITY : 2 * of->last->capacity;
  if (capacity > MAX_CAPACITY)
    capacity = MAX_CAPACITY;
  piece *added = qd_alloc(sizeof *added + capacity * sizeof added->slots[0]);
  if (added == NULL)
    return 0;
  added->next = NULL;
  added->capacity = capacity;
  if (of->last != NULL)
    of->last->next = added;
  else
    of->first = added;
  of->last = added;
  of->n_in_last = 0;
  return 1;
}

static int add_slot(table *to, uint32_t index, uint32_t slot) {
  if (!reserve_list(to))
    return 0;
  list *of = find_list(to->lists, to->capacity, index);
  if (!reserve_slot(of))
    return 0;
  to->n_lists += of->n == 0;
  of->index = index;
  of->last->slots[of->n_in_last++] = slot;
  of->n++;
  to->n_slots++;
  return 1;
}

static int add_vector(table *to, uint32_t slot, const uint32_t *indices, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!add_slot(to, indices[i], slot))
      return 0;
  return 1;
}

int qd_postings_add(qd_postings *postings, uint32_t slot, const uint32_t *indices, size_t n) {
  pthread_rwlock_wrlock(&postings->lock);
  int is_added = add_vector(postings->present, slot, indices, n);
  pthread_rwlock_unlock(&postings->lock);
  postings->n_known += is_added ? n : 0;
  return is_added;
}

void qd_postings_forget(qd_postings *postings, size_t n) {
  postings->n_known -= n;
}

static void replace_table(qd_postings *postings, table *with) {
  table *before = postings->present;
  pthread_rwlock_wrlock(&postings->lock);
  postings->present = with;
  pthread_rwlock_unlock(&postings->lock);
  unref_table(before);
}

/* NULL when out of memory. */
static table *make_table(size_t n_slots, qd_postings_source source, const void *user) {
  table *made = new_table();
  const uint32_t *indices;
  size_t n;
  for (size_t slot = 0; made != NULL && slot < n_slots; slot++) {
    if (!source(user, slot, &indices, &n) || add_vector(made, (uint32_t)slot, indices, n))
      continue;
    unref_table(made);
    made = NULL;
  }
  return made;
}

int qd_postings_tidy(qd_postings *postings, size_t n_slots, qd_postings_source source, const void *user) {
  if (postings->present->n_slots < 2 * postings->n_known + TIDY_FROM)
    return 1;
  table *made = make_table(n_slots, source, user);
  if (made != NULL)
    replace_table(postings, made);
  return made != NULL;
}

static void mark_slots(const list *of, size_t n_slots, uint64_t *is_marked) {
  size_t left = of->n;
  for (const piece *at = of->first; left > 0; at = at->next) {
    size_t n = left < at->capacity ? left : at->capacity;
    for (size_t i = 0; i < n; i++)
      if (at->slots[i] < n_slots)
        is_marked[at->slots[i] / WORD_BITS] |= UINT64_C(1) << at->slots[i] % WORD_BITS;
    left -= n;
    if (left == 0) /* the next piece may just be put there */
      break;
  }
}

/* A list as it is now, and a reference to its table. */
static table *take_list(qd_postings *postings, uint32_t index, list *taken) {
  pthread_rwlock_rdlock(&postings->lock);
  table *of = postings->present;
  atomic_fetch_add_explicit(&of->n_refs, 1, memory_order_relaxed);
  *taken = *find_list(of->lists, of->capacity, index);
  pthread_rwlock_unlock(&postings->lock);
  return of;
}

void qd_postings_mark(
    qd_postings *postings, const uint32_t *indices, size_t n_indices, size_t n_slots, uint64_t *is_marked) {
  for (size_t i = 0; i < n_indices; i++) {
    list taken;
    table *of = take_list(postings, indices[i], &taken);
    mark_slots(&taken, n_slots, is_marked);
    unref_table(of);
  }
}
