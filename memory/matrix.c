#include "core/error.h"
#include "memory/job.h"
#include "memory/sample.h"
#include "memory/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_SAMPLE = 10, DEFAULT_LIMIT = 3, SEARCHES_AT_ONCE = 64 };

/* How near points of a sample are to each other: of each the nearest others. */
typedef struct matrix {
  const char *using;
  const qd_filter *filter;
  size_t sample;
  size_t limit;
  const qd_vector_field *field;
  uint32_t *slots; /* of the sample, ascending by id */
  size_t n;
  struct cell *cells;
  size_t n_cells;
} matrix;

typedef struct cell {
  size_t row; /* positions in the sample */
  size_t column;
  float score;
} cell;

static qdrant_status read_request(qd_job *job, const Qdrant__SearchMatrixPoints *request, matrix *asked) {
  *asked = (matrix){.using = request->using_ != NULL ? request->using_ : "",
      .sample = request->has_sample ? request->sample : DEFAULT_SAMPLE,
      .limit = request->has_limit ? request->limit : DEFAULT_LIMIT};
  return qd_job_filter(job, request->filter, &asked->filter);
}

/* Dense vectors before sparse ones, each by name, as the server lists them. */
static int compare_fields(const void *a, const void *b) {
  const qd_vector_field *x = *(const qd_vector_field *const *)a;
  const qd_vector_field *y = *(const qd_vector_field *const *)b;
  if ((x->kind == QDRANT_SPARSE) != (y->kind == QDRANT_SPARSE))
    return x->kind == QDRANT_SPARSE ? 1 : -1;
  return strcmp(x->name, y->name);
}

static qdrant_status fail_unknown_vector(qd_job *job, const qd_view *view, const char *name) {
  char names[256] = "";
  size_t n = qd_view_n_fields(view);
  const qd_vector_field **fields = qd_arena_alloc(job->arena, (n + 1) * sizeof *fields);
  if (fields == NULL)
    return qd_job_fail_memory(job);
  for (size_t i = 0; i < n; i++)
    fields[i] = qd_view_field_at(view, i);
  qsort(fields, n, sizeof *fields, compare_fields);
  for (size_t i = 0, length = 0; i < n && length < sizeof names; i++)
    length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i > 0 ? ", " : "", fields[i]->name);
  if (n == 0)
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Wrong input: Vectors are not configured in this collection");
  if (n == 1 && names[0] == '\0')
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Vector with name %s is not configured in this collection", name);
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
      "Wrong input: Vector with name `%s` is not configured in this collection, available names: %s", name, names);
}

/* The sample in the order of ids. */
typedef struct sampled {
  const qd_id *id;
  uint32_t slot;
} sampled;

static int compare_sampled(const void *a, const void *b) {
  return qd_id_compare(((const sampled *)a)->id, ((const sampled *)b)->id);
}

static qdrant_status order_sample(qd_job *job, const qd_view *view, matrix *asked) {
  sampled *points = qd_arena_alloc(job->arena, (asked->n + 1) * sizeof *points);
  if (points == NULL)
    return qd_job_fail_memory(job);
  for (size_t i = 0; i < asked->n; i++)
    points[i] = (sampled){qd_view_id(view, asked->slots[i]), asked->slots[i]};
  qsort(points, asked->n, sizeof *points, compare_sampled);
  for (size_t i = 0; i < asked->n; i++)
    asked->slots[i] = points[i].slot;
  return QDRANT_OK;
}

/* The position of a sampled point. */
static size_t find_sampled(const qd_view *view, const matrix *asked, uint32_t slot) {
  const qd_id *id = qd_view_id(view, slot);
  size_t low = 0;
  size_t high = asked->n - 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (qd_id_compare(qd_view_id(view, asked->slots[middle]), id) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void take_hits(const qd_view *view, matrix *asked, size_t row, const qd_search *search) {
  for (size_t i = 0; i < search->top.n; i++) {
    const qd_hit *hit = &search->top.hits[i];
    asked->cells[asked->n_cells++] =
        (cell){row, find_sampled(view, asked, hit->slot), qd_search_score(search, hit->score)};
  }
}

static qdrant_status search_rows(
    qd_job *job, const qd_view *view, matrix *asked, size_t first, size_t n, qd_search *searches) {
  for (size_t i = 0; i < n; i++) {
    uint32_t slot = asked->slots[first + i];
    qd_vector stored = qd_vector_field_get(asked->field, slot);
    searches[i].excluded = slot;
    searches[i].top.n = 0;
    if (!qd_search_vector(view, asked->field, &stored, NULL, job->arena, &searches[i].vector))
      return qd_job_fail_memory(job);
  }
  qdrant_status status = qd_search_all(view, searches, n, job->deadline_ns, job->err);
  for (size_t i = 0; i < n && status == QDRANT_OK; i++)
    take_hits(view, asked, first + i, &searches[i]);
  return status;
}

static qdrant_status fill_cells(qd_job *job, const qd_view *view, matrix *asked) {
  size_t n_nearest = asked->limit < asked->n - 1 ? asked->limit : asked->n - 1;
  qd_search searches[SEARCHES_AT_ONCE];
  size_t n_searches = asked->n < SEARCHES_AT_ONCE ? asked->n : SEARCHES_AT_ONCE;
  if (n_nearest > SIZE_MAX / sizeof *asked->cells / asked->n)
    return qd_job_fail_memory(job);
  asked->cells = qd_arena_alloc(job->arena, n_nearest * asked->n * sizeof *asked->cells);
  if (asked->cells == NULL)
    return qd_job_fail_memory(job);
  for (size_t i = 0; i < n_searches; i++) {
    searches[i] = (qd_search){.field = asked->field, .slots = asked->slots, .n_slots = asked->n};
    if (!qd_top_init(&searches[i].top, n_nearest, view, job->arena))
      return qd_job_fail_memory(job);
  }
  qdrant_status status = QDRANT_OK;
  for (size_t first = 0; first < asked->n && status == QDRANT_OK; first += n_searches)
    status =
        search_rows(job, view, asked, first, asked->n - first < n_searches ? asked->n - first : n_searches, searches);
  return status;
}

static qdrant_status measure_sample(qd_job *job, const qd_view *view, matrix *asked) {
  asked->field = qd_view_field(view, asked->using);
  if (asked->field == NULL)
    return fail_unknown_vector(job, view, asked->using);
  qdrant_status status = qd_sample(job, view, asked->filter, asked->field, asked->sample, &asked->slots, &asked->n);
  if (status != QDRANT_OK)
    return status;
  /* One point alone has no distances. */
  if (asked->n < 2) {
    asked->n = 0;
    return QDRANT_OK;
  }
  status = order_sample(job, view, asked);
  return status == QDRANT_OK ? fill_cells(job, view, asked) : status;
}

/* Puts the matrix into the reply while the points can be read. */
typedef qdrant_status (*matrix_writer)(qd_job *job, const qd_view *view, const matrix *measured);

static qdrant_status answer(qd_job *job, matrix_writer write) {
  const Qdrant__SearchMatrixPoints *request = (const Qdrant__SearchMatrixPoints *)job->request;
  matrix asked;
  qd_reader reader;
  qdrant_status status = read_request(job, request, &asked);
  if (status == QDRANT_OK)
    status = qd_job_read(job, request->collection_name, request->shard_key_selector, &reader);
  if (status != QDRANT_OK)
    return status;
  status = measure_sample(job, &reader.view, &asked);
  if (status == QDRANT_OK)
    status = write(job, &reader.view, &asked);
  qd_job_end_read(&reader);
  return status;
}

static Qdrant__SearchMatrixPair *make_pair(qd_job *job, const qd_view *view, const matrix *measured, const cell *of) {
  Qdrant__SearchMatrixPair *pair = qd_job_message(job, &qdrant__search_matrix_pair__descriptor);
  if (pair == NULL)
    return NULL;
  pair->has_score = 1;
  pair->score = of->score;
  pair->a = qd_id_message(qd_view_id(view, measured->slots[of->row]), job->arena);
  pair->b = qd_id_message(qd_view_id(view, measured->slots[of->column]), job->arena);
  return pair->a != NULL && pair->b != NULL ? pair : NULL;
}

static qdrant_status write_pairs(qd_job *job, const qd_view *view, const matrix *measured) {
  Qdrant__SearchMatrixPairs *result = qd_job_message(job, &qdrant__search_matrix_pairs__descriptor);
  ((Qdrant__SearchMatrixPairsResponse *)job->reply)->result = result;
  if (result == NULL)
    return qd_job_fail_memory(job);
  result->pairs = qd_arena_alloc(job->arena, (measured->n_cells + 1) * sizeof(Qdrant__SearchMatrixPair *));
  if (result->pairs == NULL)
    return qd_job_fail_memory(job);
  for (; result->n_pairs < measured->n_cells; result->n_pairs++) {
    Qdrant__SearchMatrixPair *pair = make_pair(job, view, measured, &measured->cells[result->n_pairs]);
    if (pair == NULL)
      return qd_job_fail_memory(job);
    result->pairs[result->n_pairs] = pair;
  }
  return QDRANT_OK;
}

static int write_ids(qd_job *job, const qd_view *view, const matrix *measured, Qdrant__SearchMatrixOffsets *result) {
  result->ids = qd_arena_alloc(job->arena, (measured->n + 1) * sizeof(Qdrant__PointId *));
  for (; result->ids != NULL && result->n_ids < measured->n; result->n_ids++) {
    Qdrant__PointId *id = qd_id_message(qd_view_id(view, measured->slots[result->n_ids]), job->arena);
    if (id == NULL)
      return 0;
    result->ids[result->n_ids] = id;
  }
  return result->ids != NULL;
}

static int write_columns(qd_job *job, const matrix *measured, Qdrant__SearchMatrixOffsets *result) {
  size_t n = measured->n_cells;
  result->offsets_row = qd_arena_alloc(job->arena, (n + 1) * sizeof *result->offsets_row);
  result->offsets_col = qd_arena_alloc(job->arena, (n + 1) * sizeof *result->offsets_col);
  result->scores = qd_arena_alloc(job->arena, (n + 1) * sizeof *result->scores);
  if (result->offsets_row == NULL || result->offsets_col == NULL || result->scores == NULL)
    return 0;
  for (size_t i = 0; i < n; i++) {
    result->offsets_row[i] = measured->cells[i].row;
    result->offsets_col[i] = measured->cells[i].column;
    result->scores[i] = measured->cells[i].score;
  }
  result->n_offsets_row = result->n_offsets_col = result->n_scores = n;
  return 1;
}

static qdrant_status write_offsets(qd_job *job, const qd_view *view, const matrix *measured) {
  Qdrant__SearchMatrixOffsets *result = qd_job_message(job, &qdrant__search_matrix_offsets__descriptor);
  ((Qdrant__SearchMatrixOffsetsResponse *)job->reply)->result = result;
  if (result == NULL || !write_ids(job, view, measured, result) || !write_columns(job, measured, result))
    return qd_job_fail_memory(job);
  return QDRANT_OK;
}

qdrant_status qd_job_points_matrix_pairs(qd_job *job) {
  return answer(job, write_pairs);
}

qdrant_status qd_job_points_matrix_offsets(qd_job *job) {
  return answer(job, write_offsets);
}
