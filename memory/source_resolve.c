#include "core/error.h"
#include "memory/source.h"

#include <string.h>

static qdrant_status resolve_examples(
    qd_job *job, const qd_view *view, const char *vector_name, int has_to_last, qd_source *source) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < source->n_examples && status == QDRANT_OK; i++) {
    status = qd_example_resolve(job, view, vector_name, has_to_last, &source->examples[i]);
    if (status == QDRANT_OK && source->examples[i].is_missing && !source->is_lenient)
      status =
          qd_fail(job->err, QDRANT_NOT_FOUND, "Not found: Vector with name \"%s\" for point not found", vector_name);
  }
  return status;
}

static size_t n_missing(const qd_source *source) {
  size_t n = 0;
  for (size_t i = 0; i < source->n_examples; i++)
    n += (size_t)source->examples[i].is_missing;
  return n;
}

/* Keeps those of n examples from `first` on, taken in steps, of which none is missing, and moves them to `to`. Returns
 * where they end. */
static size_t keep_whole(qd_source *source, size_t first, size_t end, size_t step, size_t to) {
  for (size_t i = first; i + step <= end; i += step) {
    if (source->examples[i].is_missing || source->examples[i + step - 1].is_missing)
      continue;
    memmove(&source->examples[to], &source->examples[i], step * sizeof *source->examples);
    to += step;
  }
  return to;
}

/* Without its target a discovery is a context search. */
static void drop_missing(qd_source *source) {
  size_t n = source->n_examples;
  if (n_missing(source) == 0)
    return;
  if (source->kind == QD_SOURCE_DISCOVER || source->kind == QD_SOURCE_CONTEXT) {
    size_t n_targets = source->kind == QD_SOURCE_DISCOVER;
    size_t n_kept = keep_whole(source, 0, n_targets, 1, 0);
    if (n_kept == 0)
      source->kind = QD_SOURCE_CONTEXT;
    source->n_examples = keep_whole(source, n_targets, n, 2, n_kept);
    return;
  }
  size_t n_positive = keep_whole(source, 0, source->n_positive, 1, 0);
  source->n_examples = keep_whole(source, source->n_positive, n, 1, n_positive);
  source->n_positive = n_positive;
}

static qdrant_status resolve_in(qd_job *job, qd_collection *collection, qd_source *source) {
  const Qdrant__LookupLocation *lookup = source->lookup;
  const char *name = lookup->vector_name != NULL ? lookup->vector_name : source->using;
  qdrant_status status = qd_job_check_shard(job, lookup->shard_key_selector, "Bad request");
  if (status != QDRANT_OK)
    return status;
  qd_view view;
  qd_collection_begin_read(collection, &view);
  status = resolve_examples(job, &view, name, 1, source);
  qd_collection_end_read(collection, &view);
  return status;
}

static qdrant_status look_up_examples(qd_job *job, qd_source *source) {
  const char *name = source->lookup->collection_name;
  qd_collection *collection = NULL;
  qdrant_status status = qd_job_collection(job, name, &collection);
  if (status == QDRANT_NOT_FOUND) {
    qd_error_clear(job->err); /* the server says it in other words here */
    return qd_fail(job->err, status, "Not found: Collection %s not found", name);
  }
  if (status == QDRANT_OK)
    status = resolve_in(job, collection, source);
  qd_collection_unref(collection);
  return status;
}

static int names_a_point(const qd_source *source) {
  for (size_t i = 0; i < source->n_examples; i++)
    if (source->examples[i].message != NULL)
      return 1;
  return 0;
}

qdrant_status qd_source_look_up(qd_job *job, qd_source *root) {
  qdrant_status status = QDRANT_OK;
  if (root->lookup != NULL && names_a_point(root))
    status = look_up_examples(job, root);
  for (size_t i = 0; i < root->n_prefetches && status == QDRANT_OK; i++)
    status = qd_source_look_up(job, &root->prefetches[i]);
  return status;
}

qdrant_status qd_source_resolve(qd_job *job, const qd_view *view, qd_source *source) {
  qdrant_status status = QDRANT_OK;
  if (source->lookup == NULL)
    status = resolve_examples(job, view, source->using, 0, source);
  if (status == QDRANT_OK)
    drop_missing(source);
  if (status == QDRANT_OK && source->kind == QD_SOURCE_AVERAGE && source->n_positive == 0)
    return qd_fail(
        job->err, QDRANT_INVALID_ARGUMENT, "Wrong input: Positive vectors should not be empty with `average` strategy");
  return status;
}
