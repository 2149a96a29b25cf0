#include "memory/filter_merge.h"
#include "memory/source.h"

#include <string.h>

/* Counts the points of the collection that the tree names as examples, and puts them into ids unless that is NULL. */
static size_t gather_ids(const qd_source *source, const char *collection, Qdrant__PointId **ids) {
  size_t n = 0;
  int is_here = source->lookup == NULL || strcmp(source->lookup->collection_name, collection) == 0;
  for (size_t i = 0; is_here && i < source->n_examples; i++) {
    if (source->examples[i].message == NULL)
      continue;
    if (ids != NULL)
      ids[n] = (Qdrant__PointId *)(uintptr_t)source->examples[i].message;
    n++;
  }
  for (size_t i = 0; i < source->n_prefetches; i++)
    n += gather_ids(&source->prefetches[i], collection, ids != NULL ? ids + n : NULL);
  return n;
}

static qdrant_status leave_out(qd_job *job, const char *collection, size_t n, qd_source *root) {
  Qdrant__PointId **ids = qd_arena_alloc(job->arena, n * sizeof *ids);
  Qdrant__Filter *others = NULL;
  if (ids != NULL) {
    gather_ids(root, collection, ids);
    others = qd_filter_without_ids(job, ids, n);
  }
  if (others == NULL)
    return qd_job_fail_memory(job);
  return qd_filter_merge(job, others, root->filter_message, &root->filter_message);
}

static qdrant_status hand_down(qd_job *job, qd_source *source) {
  if (source->n_prefetches == 0)
    return qd_job_filter(job, source->filter_message, &source->filter);
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < source->n_prefetches && status == QDRANT_OK; i++) {
    qd_source *below = &source->prefetches[i];
    status = qd_filter_merge(job, source->filter_message, below->filter_message, &below->filter_message);
    if (status == QDRANT_OK)
      status = hand_down(job, below);
  }
  return status;
}

qdrant_status qd_source_set_filters(qd_job *job, const char *collection, qd_source *root) {
  size_t n = gather_ids(root, collection, NULL);
  qdrant_status status = n > 0 ? leave_out(job, collection, n, root) : QDRANT_OK;
  return status == QDRANT_OK ? hand_down(job, root) : status;
}
