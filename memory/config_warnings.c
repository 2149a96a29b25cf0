#include "memory/config_warnings.h"

#include "core/error.h"

#include <stdio.h>

/* A warning being made. */
typedef struct warning_list {
  qd_job *job;
  const Qdrant__CollectionConfig *config;
  Qdrant__CollectionInfo *info;
} warning_list;

/* What is wrong with a vector's index that has its vectors in itself; NULL: nothing. A vector's setting goes before the
 * collection's. */
static const char *find_problem(const Qdrant__CollectionConfig *config, const Qdrant__VectorParams *params) {
  const Qdrant__HnswConfigDiff *hnsw = params->hnsw_config;
  if (hnsw == NULL || !hnsw->has_inline_storage)
    hnsw = config->hnsw_config;
  if (hnsw == NULL || !hnsw->inline_storage)
    return NULL;
  if (params->multivector_config != NULL)
    return "is not compatible with multivectors";
  if (params->quantization_config == NULL && config->quantization_config == NULL)
    return "requires quantization to be enabled";
  return NULL;
}

static int add_warning(const warning_list *of, const char *name, const Qdrant__VectorParams *params) {
  static const char format[] =
      "The `hnsw_config.inline_storage` option for vector '%s' %s. This option will be ignored.";
  const char *problem = params != NULL ? find_problem(of->config, params) : NULL;
  if (problem == NULL)
    return 1;
  Qdrant__CollectionWarning *warning = qd_job_message(of->job, &qdrant__collection_warning__descriptor);
  int n = snprintf(NULL, 0, format, name, problem);
  char *text = n >= 0 ? qd_arena_alloc(of->job->arena, (size_t)n + 1) : NULL;
  if (warning == NULL || text == NULL)
    return 0;
  snprintf(text, (size_t)n + 1, format, name, problem);
  warning->message = text;
  of->info->warnings[of->info->n_warnings++] = warning;
  return 1;
}

qdrant_status qd_config_fill_warnings(
    qd_job *job, const Qdrant__CollectionConfig *config, Qdrant__CollectionInfo *info) {
  const Qdrant__VectorsConfig *vectors = config->params->vectors_config;
  int is_map = vectors->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS_MAP;
  size_t n = is_map ? vectors->params_map->n_map : 1;
  warning_list of = {job, config, info};
  info->warnings = qd_arena_alloc(job->arena, (n + 1) * sizeof *info->warnings);
  int is_done = info->warnings != NULL;
  if (is_done && vectors->config_case == QDRANT__VECTORS_CONFIG__CONFIG_PARAMS)
    is_done = add_warning(&of, "", vectors->params);
  for (size_t i = 0; is_map && i < n && is_done; i++)
    is_done = add_warning(&of, vectors->params_map->map[i]->key, vectors->params_map->map[i]->value);
  return is_done ? QDRANT_OK : qd_job_fail_memory(job);
}
