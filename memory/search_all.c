#include "core/alloc.h"
#include "core/error.h"
#include "memory/scan.h"

#include <stdatomic.h>

/* A piece is worth a thread's while when it compares this many floats; what pieces keep beside the searches' own hits
 * is bounded. */
enum { MIN_PIECE_FLOATS = 1 << 20, MAX_EXTRA_BYTES = 64 << 20, PIECES_A_THREAD = 2, FLOATS_OF_OTHERS = 256 };

/* Searches over one field that go through the points together. */
typedef struct pass {
  const qd_view *view;
  qd_search **searches;
  size_t n_searches;
  size_t n_pieces;
  qd_search **copies; /* the searches of the pieces after the first, each with hits of its own */
  int64_t deadline_ns;
  atomic_int is_late;
} pass;

static size_t first_run_of(const pass *of, size_t piece) {
  return qd_scan_count_runs(of->view) * piece / of->n_pieces;
}

static void run_piece(void *user, size_t piece) {
  pass *of = user;
  qd_search **searches = piece == 0 ? of->searches : of->copies + (piece - 1) * of->n_searches;
  if (atomic_load(&of->is_late) || !qd_scan_runs(of->view, searches, of->n_searches, first_run_of(of, piece),
                                       first_run_of(of, piece + 1), of->deadline_ns))
    atomic_store(&of->is_late, 1);
}

/* How many floats the pass compares, about: for sparse and multi-vectors a guess. */
static double weigh(const pass *of) {
  const qd_vector_field *field = of->searches[0]->field;
  size_t floats_of_slot = field->kind == QDRANT_DENSE ? field->dim : FLOATS_OF_OTHERS;
  return (double)of->view->n_slots * (double)floats_of_slot * (double)of->n_searches;
}

static size_t bytes_of_copies(const pass *of) {
  size_t n_bytes = 0;
  for (size_t i = 0; i < of->n_searches; i++)
    n_bytes += sizeof(qd_search *) + sizeof(qd_search) + of->searches[i]->top.capacity * sizeof(qd_hit);
  return n_bytes;
}

static size_t count_pieces(const pass *of) {
  size_t width = qd_helpers_width(of->view->helpers);
  double n_wanted = weigh(of) / MIN_PIECE_FLOATS;
  if (width == 1 || n_wanted < 2)
    return 1;
  size_t most = width * PIECES_A_THREAD;
  size_t n = n_wanted < (double)most ? (size_t)n_wanted : most;
  size_t n_affordable = 1 + MAX_EXTRA_BYTES / bytes_of_copies(of);
  return n < n_affordable ? n : n_affordable;
}

/* Lays the copies out in one block: pointers, searches, hits. NULL when out of memory. */
static void *make_copies(pass *of) {
  size_t n_copies = (of->n_pieces - 1) * of->n_searches;
  uint8_t *block = qd_alloc((of->n_pieces - 1) * bytes_of_copies(of) + 1);
  if (block == NULL)
    return NULL;
  of->copies = (qd_search **)(void *)block;
  qd_search *copies = (qd_search *)(void *)(of->copies + n_copies);
  qd_hit *hits = (qd_hit *)(void *)(copies + n_copies);
  for (size_t i = 0; i < n_copies; i++) {
    copies[i] = *of->searches[i % of->n_searches];
    copies[i].top.hits = hits;
    hits += copies[i].top.capacity;
    of->copies[i] = &copies[i];
  }
  return block;
}

/* Adds the hits of the later pieces to the searches'. Which hits stay does not depend on their order. */
static void merge_copies(pass *of) {
  for (size_t i = 0; i < (of->n_pieces - 1) * of->n_searches; i++) {
    qd_top *into = &of->searches[i % of->n_searches]->top;
    const qd_top *from = &of->copies[i]->top;
    for (size_t j = 0; j < from->n; j++)
      if (qd_top_takes(into, from->hits[j]))
        qd_top_add(into, from->hits[j]);
  }
}

static qdrant_status fail_deadline(qdrant_error *err) {
  return qd_fail(err, QDRANT_DEADLINE_EXCEEDED, "Timeout error: the deadline passed during a search");
}

static qdrant_status run_pass(pass *of, qdrant_error *err) {
  void *copies = NULL;
  of->n_pieces = count_pieces(of);
  if (of->n_pieces > 1) {
    copies = make_copies(of);
    if (copies == NULL)
      return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the hits of a search");
  }
  qd_helpers_run(of->view->helpers, of->n_pieces, run_piece, of);
  merge_copies(of);
  qd_free(copies);
  return atomic_load(&of->is_late) ? fail_deadline(err) : QDRANT_OK;
}

/* Moves searches[at] and the later ones that can share its pass into the pass. */
static void gather_pass(qd_search *searches, size_t n_searches, size_t at, pass *of) {
  of->n_searches = 0;
  for (size_t i = at; i < n_searches; i++)
    if (searches[i].slots == NULL && searches[i].field == searches[at].field)
      of->searches[of->n_searches++] = &searches[i];
}

static int is_first_over_field(const qd_search *searches, size_t at) {
  for (size_t i = 0; i < at; i++)
    if (searches[i].slots == NULL && searches[i].field == searches[at].field)
      return 0;
  return 1;
}

static qdrant_status search_one_by_one(pass *of, qd_search *searches, size_t n_searches, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < n_searches && status == QDRANT_OK; i++) {
    if (searches[i].slots != NULL) {
      status = qd_scan_slots(of->view, &searches[i], of->deadline_ns) ? QDRANT_OK : fail_deadline(err);
    } else if (is_first_over_field(searches, i)) {
      gather_pass(searches, n_searches, i, of);
      status = run_pass(of, err);
    }
  }
  return status;
}

/* A sparse search looks at points only that have an index in common with it. */
static qdrant_status find_candidates(const qd_view *view, qd_search *search, qdrant_error *err) {
  search->candidates = NULL;
  if (search->field->kind != QDRANT_SPARSE || search->scorer != NULL || search->slots != NULL)
    return QDRANT_OK;
  search->candidates = qd_zalloc(qd_scan_count_runs(view) * sizeof *search->candidates);
  if (search->candidates == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a search");
  qd_vector_field_mark(search->field, search->vector.indices, search->vector.n, view->n_slots, search->candidates);
  return QDRANT_OK;
}

static void free_candidates(qd_search *searches, size_t n_searches) {
  for (size_t i = 0; i < n_searches; i++) {
    qd_free(searches[i].candidates);
    searches[i].candidates = NULL;
  }
}

qdrant_status qd_search_all(
    const qd_view *view, qd_search *searches, size_t n_searches, int64_t deadline_ns, qdrant_error *err) {
  pass of = {.view = view, .deadline_ns = deadline_ns, .searches = qd_alloc_array(n_searches, sizeof(qd_search *))};
  if (of.searches == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a search");
  qdrant_status status = QDRANT_OK;
  size_t n_prepared = 0;
  for (; n_prepared < n_searches && status == QDRANT_OK; n_prepared++)
    status = find_candidates(view, &searches[n_prepared], err);
  if (status == QDRANT_OK)
    status = search_one_by_one(&of, searches, n_searches, err);
  free_candidates(searches, n_prepared);
  qd_free(of.searches);
  for (size_t i = 0; i < n_searches; i++)
    qd_top_sort(&searches[i].top);
  return status;
}
