#include "core/arena.h"

#include "core/alloc.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

enum { ALIGNMENT = 16, DEFAULT_FIRST_BYTES = 4096, MAX_BLOCK_BYTES = 1 << 20, N_LISTS = 8 };

typedef struct block {
  alignas(ALIGNMENT) struct block *next;
  size_t capacity; /* bytes after this head */
  size_t used;
} block;

/* An array of pointers that may grow where it lies: only the one who appended last may, and only at its end. */
typedef struct growing_list {
  void **items;
  size_t n;
  size_t capacity;
} growing_list;

struct qdrant_arena {
  ProtobufCAllocator allocator;
  block *blocks;     /* the one being filled comes first */
  size_t next_bytes; /* size of the next block */
  size_t used;
  int has_failed;
  int has_lists;
  growing_list lists[N_LISTS]; /* those appended to lately, by address */
  struct qdrant_arena *next;   /* in a pool's list */
};

static size_t round_up(size_t n_bytes) {
  return (n_bytes + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
}

static void *alloc_for_protobuf(void *arena, size_t n_bytes) {
  return qd_arena_alloc(arena, n_bytes);
}

static void free_for_protobuf(void *arena, void *bytes) {
  (void)arena;
  (void)bytes;
}

qd_arena *qd_arena_new(size_t first_block_bytes) {
  qd_arena *arena = qd_zalloc(sizeof *arena);
  if (arena == NULL)
    return NULL;
  arena->allocator = (ProtobufCAllocator){alloc_for_protobuf, free_for_protobuf, arena};
  arena->next_bytes = first_block_bytes == 0 ? DEFAULT_FIRST_BYTES : round_up(first_block_bytes);
  return arena;
}

static block *new_block(size_t capacity) {
  block *made = capacity > SIZE_MAX - sizeof *made ? NULL : qd_alloc(sizeof *made + capacity);
  if (made == NULL)
    return NULL;
  *made = (block){.capacity = capacity};
  return made;
}

/* A block in front, to be filled next. */
static block *grow(qd_arena *arena, size_t n_bytes) {
  block *made = new_block(arena->next_bytes > n_bytes ? arena->next_bytes : n_bytes);
  if (made == NULL)
    return NULL;
  made->next = arena->blocks;
  arena->blocks = made;
  if (arena->next_bytes < MAX_BLOCK_BYTES)
    arena->next_bytes *= 2;
  else
    arena->next_bytes = MAX_BLOCK_BYTES;
  return made;
}

/* A block for one large request, behind the one being filled, whose rest stays in use. */
static block *add_large(qd_arena *arena, size_t n_bytes) {
  block *made = new_block(n_bytes);
  if (made == NULL)
    return NULL;
  made->next = arena->blocks->next;
  arena->blocks->next = made;
  return made;
}

static block *block_for(qd_arena *arena, size_t n_bytes) {
  block *first = arena->blocks;
  if (first != NULL && first->capacity - first->used >= n_bytes)
    return first;
  if (first != NULL && n_bytes > arena->next_bytes)
    return add_large(arena, n_bytes);
  return grow(arena, n_bytes);
}

void *qd_arena_alloc(qd_arena *arena, size_t n_bytes) {
  if (n_bytes > SIZE_MAX / 2) {
    arena->has_failed = 1;
    return NULL;
  }
  size_t n_taken = round_up(n_bytes == 0 ? 1 : n_bytes);
  block *from = block_for(arena, n_taken);
  if (from == NULL) {
    arena->has_failed = 1;
    return NULL;
  }
  void *taken = (unsigned char *)(from + 1) + from->used;
  from->used += n_taken;
  arena->used += n_taken;
  return taken;
}

void *qd_arena_zalloc(qd_arena *arena, size_t n_bytes) {
  void *taken = qd_arena_alloc(arena, n_bytes);
  if (taken != NULL)
    memset(taken, 0, n_bytes);
  return taken;
}

char *qd_arena_strndup(qd_arena *arena, const char *text, size_t n_bytes) {
  char *copy = n_bytes == SIZE_MAX ? NULL : qd_arena_alloc(arena, n_bytes + 1);
  if (copy == NULL)
    return NULL;
  if (n_bytes > 0)
    memcpy(copy, text, n_bytes);
  copy[n_bytes] = '\0';
  return copy;
}

int qd_arena_has_failed(const qd_arena *arena) {
  return arena->has_failed;
}

ProtobufCAllocator *qd_arena_allocator(qd_arena *arena) {
  return &arena->allocator;
}

static block *find_largest(block *blocks) {
  block *largest = blocks;
  for (block *each = blocks; each != NULL; each = each->next)
    if (each->capacity > largest->capacity)
      largest = each;
  return largest;
}

static void free_blocks_but(block *blocks, const block *kept) {
  while (blocks != NULL) {
    block *next = blocks->next;
    if (blocks != kept)
      qd_free(blocks);
    blocks = next;
  }
}

void qd_arena_reset(qd_arena *arena) {
  block *kept = find_largest(arena->blocks);
  free_blocks_but(arena->blocks, kept);
  arena->blocks = kept;
  if (kept != NULL) {
    kept->next = NULL;
    kept->used = 0;
    /* Rounds of one size come to fit into one block: the next one made takes all that this round took. */
    if (arena->used > kept->capacity)
      arena->next_bytes = arena->used;
  }
  arena->used = 0;
  arena->has_failed = 0;
  if (arena->has_lists)
    memset(arena->lists, 0, sizeof arena->lists);
  arena->has_lists = 0;
}

static growing_list *list_of(qd_arena *arena, void **items) {
  return &arena->lists[((uintptr_t)items / ALIGNMENT) % N_LISTS];
}

void **qd_arena_append(qd_arena *arena, void **items, size_t n, void *item) {
  growing_list list = *list_of(arena, items);
  if (list.items != items || list.n != n || n == list.capacity) {
    list.capacity = n < 4 ? 4 : 2 * n;
    list.items = qd_arena_alloc(arena, list.capacity * sizeof *items);
    if (list.items == NULL)
      return NULL;
    if (n > 0)
      memcpy(list.items, items, n * sizeof *items);
  }
  list.items[n] = item;
  list.n = n + 1;
  arena->has_lists = 1;
  *list_of(arena, list.items) = list;
  return list.items;
}

void qd_arena_free(qd_arena *arena) {
  if (arena == NULL)
    return;
  free_blocks_but(arena->blocks, NULL);
  qd_free(arena);
}

qdrant_arena *qdrant_arena_new(void) {
  return qd_arena_new(0);
}

void qdrant_arena_reset(qdrant_arena *arena) {
  if (arena != NULL)
    qd_arena_reset(arena);
}

void qdrant_arena_free(qdrant_arena *arena) {
  qd_arena_free(arena);
}

void *qdrant_arena_alloc(qdrant_arena *arena, size_t n_bytes) {
  return arena == NULL ? NULL : qd_arena_zalloc(arena, n_bytes);
}

char *qdrant_arena_strdup(qdrant_arena *arena, const char *text) {
  return arena == NULL || text == NULL ? NULL : qd_arena_strndup(arena, text, strlen(text));
}

struct qd_arena_pool {
  atomic_int refs;
  size_t max_arenas;
  size_t max_kept_bytes; /* of one arena */
  pthread_mutex_t mutex; /* guards what follows */
  qd_arena *arenas;      /* the last one given comes first: it is the warmest */
  size_t n_arenas;
};

qd_arena_pool *qd_arena_pool_new(size_t max_arenas, size_t max_kept_bytes) {
  qd_arena_pool *pool = qd_zalloc(sizeof *pool);
  if (pool == NULL)
    return NULL;
  atomic_init(&pool->refs, 1);
  pool->max_arenas = max_arenas;
  pool->max_kept_bytes = max_kept_bytes;
  pthread_mutex_init(&pool->mutex, NULL);
  return pool;
}

qd_arena *qd_arena_pool_take(qd_arena_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  qd_arena *arena = pool->arenas;
  if (arena != NULL) {
    pool->arenas = arena->next;
    pool->n_arenas--;
  }
  pthread_mutex_unlock(&pool->mutex);
  return arena != NULL ? arena : qd_arena_new(0);
}

static int keep_arena(qd_arena_pool *pool, qd_arena *arena) {
  if (arena->blocks != NULL && arena->blocks->capacity > pool->max_kept_bytes)
    return 0;
  pthread_mutex_lock(&pool->mutex);
  int has_room = pool->n_arenas < pool->max_arenas;
  if (has_room) {
    arena->next = pool->arenas;
    pool->arenas = arena;
    pool->n_arenas++;
  }
  pthread_mutex_unlock(&pool->mutex);
  return has_room;
}

void qd_arena_pool_give(qd_arena_pool *pool, qd_arena *arena) {
  if (arena == NULL)
    return;
  qd_arena_reset(arena);
  if (!keep_arena(pool, arena))
    qd_arena_free(arena);
}

qd_arena_pool *qd_arena_pool_ref(qd_arena_pool *pool) {
  atomic_fetch_add_explicit(&pool->refs, 1, memory_order_relaxed);
  return pool;
}

void qd_arena_pool_unref(qd_arena_pool *pool) {
  if (pool == NULL || atomic_fetch_sub_explicit(&pool->refs, 1, memory_order_acq_rel) > 1)
    return;
  while (pool->arenas != NULL) {
    qd_arena *next = pool->arenas->next;
    qd_arena_free(pool->arenas);
    pool->arenas = next;
  }
  pthread_mutex_destroy(&pool->mutex);
  qd_free(pool);
}
