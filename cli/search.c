#include "qdrant/search.h"
#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/filter.h"
#include "cli/ids.h"
#include "cli/output.h"
#include "cli/points_json.h"
#include "cli/schema.h"
#include "qdrant/build.h"
#include "qdrant/source.h"

#include <stdlib.h>

/* Rows of --vectors that are read and searched at once; their hits are kept until all is printed. */
enum { rows_at_once = 1024 };

/* What a search holds while it runs. */
typedef struct search {
  qdrant_arena *arena;
  qdrant_query_batch queries;
  qdrant_vector_column column;
  const char *vector_name;
  qdrant_point_id *ids;
  float *values; /* of --vector */
  qd_output *output;
  size_t n_before; /* queries already answered */
  int is_many;     /* rows say which query they answer */
} search;

static qdrant_status add_hit(qd_cli *cli, search *in, qdrant_hits *hits, size_t query, size_t i) {
  qdrant_point_id id;
  qdrant_status status = qdrant_hits_id(hits, i, &id, &cli->err);
  if (status != QDRANT_OK)
    return status;
  qd_output_row(in->output);
  if (in->is_many)
    qd_output_count(in->output, "query", in->n_before + query + 1);
  qd_output_json(in->output, "id", qd_json_id(&id));
  qd_output_float(in->output, "score", qdrant_hits_scores(hits)[i]);
  if (cli->args.with_payload) {
    const char *json = NULL;
    status = qdrant_hits_payload_json(hits, i, &json, NULL, &cli->err);
    if (status == QDRANT_OK)
      qd_output_json(in->output, "payload", qd_json_of_text(json));
  }
  return status;
}

static qdrant_status add_hits(qd_cli *cli, search *in, qdrant_hits *hits) {
  qdrant_status status = QDRANT_OK;
  for (size_t q = 0; status == QDRANT_OK && q < qdrant_hits_n_queries(hits); q++) {
    size_t first = 0, n = 0;
    status = qdrant_hits_query(hits, q, &first, &n, &cli->err);
    for (size_t i = first; status == QDRANT_OK && i < first + n; i++)
      status = add_hit(cli, in, hits, q, i);
  }
  return status;
}

static qdrant_status ask(qd_cli *cli, search *in) {
  qdrant_hits *hits = NULL;
  qdrant_status status = qdrant_search(cli->client, cli->args.collection, &in->queries, NULL, &hits, &cli->err);
  if (status == QDRANT_OK)
    status = add_hits(cli, in, hits);
  in->n_before += in->queries.n_queries;
  qdrant_hits_free(hits);
  return status;
}

static qdrant_status ask_ids(qd_cli *cli, search *in) {
  size_t n = 0;
  qdrant_status status = qd_ids_parse(cli->args.id, &in->ids, &n, &cli->err);
  cli->is_usage = status == QDRANT_INVALID_ARGUMENT;
  if (status != QDRANT_OK)
    return status;
  in->queries.ids = in->ids;
  in->queries.vector_name = cli->args.vector_name;
  in->queries.n_queries = n;
  in->is_many = n > 1;
  return ask(cli, in);
}

/* Asks what the collection takes, so that a query of the wrong length is refused before anything is searched. `what`
 * names the query. */
static qdrant_status check_dim(qd_cli *cli, const char *what, uint32_t dim) {
  qd_schema schema = {0};
  const qd_schema_vector *vector = NULL;
  qdrant_status status = qd_schema_get(cli->client, cli->args.collection, &schema, &cli->err);
  if (status == QDRANT_OK)
    status = qd_schema_need(&schema, cli->args.vector_name, &vector, &cli->err);
  if (status == QDRANT_OK && vector->kind == QDRANT_SPARSE)
    status = qd_cli_fail(&cli->err, QDRANT_INVALID_ARGUMENT, "%s: the vector is sparse; queries are dense", what);
  else if (status == QDRANT_OK && vector->dim != dim)
    status = qd_cli_fail(&cli->err, QDRANT_INVALID_ARGUMENT, "%s: %u floats a query; the collection takes %llu", what,
        dim, (unsigned long long)vector->dim);
  qd_schema_free(&schema);
  return status;
}

static void use_rows(search *in, const float *values, size_t n, uint32_t dim) {
  in->column = (qdrant_vector_column){.name = in->vector_name, .dim = dim, .values = values};
  in->queries.vectors = &in->column;
  in->queries.n_queries = n;
}

static qdrant_status ask_vector(qd_cli *cli, search *in) {
  size_t n = 0;
  qdrant_status status = qd_floats_parse(cli->args.vector, &in->values, &n, &cli->err);
  cli->is_usage = status == QDRANT_INVALID_ARGUMENT;
  if (status != QDRANT_OK)
    return status;
  use_rows(in, in->values, 1, (uint32_t)n);
  status = check_dim(cli, "--vector", (uint32_t)n);
  return status == QDRANT_OK ? ask(cli, in) : status;
}

static qdrant_status ask_rows(qd_cli *cli, search *in, qdrant_source *source) {
  qdrant_point_batch rows = QDRANT_POINT_BATCH_INIT;
  qdrant_status status;
  in->is_many = 1;
  do {
    status = qdrant_source_next(source, &rows, &cli->err);
    if (status == QDRANT_OK && rows.n_points > 0) {
      use_rows(in, rows.vectors->values, rows.n_points, rows.vectors->dim);
      status = ask(cli, in);
    }
  } while (status == QDRANT_OK && rows.n_points > 0);
  return status;
}

static qdrant_status ask_file(qd_cli *cli, search *in) {
  qdrant_source *source = NULL;
  const qdrant_source_vector *vector = NULL;
  size_t n_vectors;
  qdrant_source_options options = QDRANT_SOURCE_OPTIONS_INIT;
  options.format = (qdrant_source_format)cli->args.format;
  options.max_points = rows_at_once;
  options.vector_name = cli->args.vector_name;
  qdrant_status status = qdrant_source_open(cli->args.vectors, &options, &source, &cli->err);
  if (status == QDRANT_OK && qdrant_source_format_of(source) == QDRANT_SOURCE_JSONL)
    status =
        qd_cli_fail(&cli->err, QDRANT_INVALID_ARGUMENT, "--vectors %s: .npy and .fvecs are read", cli->args.vectors);
  if (status == QDRANT_OK)
    status = qdrant_source_schema(source, &vector, &n_vectors, &cli->err);
  if (status == QDRANT_OK)
    status = check_dim(cli, cli->args.vectors, vector->dim);
  if (status == QDRANT_OK)
    status = ask_rows(cli, in, source);
  qdrant_source_close(source);
  return status;
}

static qdrant_status fill_queries(qd_cli *cli, search *in) {
  Qdrant__Filter *filter = NULL;
  in->queries = (qdrant_query_batch)QDRANT_QUERY_BATCH_INIT;
  in->queries.limit = (uint32_t)cli->args.limit;
  in->queries.with_payload = cli->args.with_payload ? QDRANT_ON : QDRANT_OFF;
  in->arena = qdrant_arena_new();
  in->output = qd_output_new();
  if (!in->arena || !in->output)
    return qd_cli_fail(&cli->err, QDRANT_NO_MEMORY, "out of memory");
  if (!cli->args.filter)
    return QDRANT_OK;
  qdrant_status status = qd_filter_parse(in->arena, cli->args.filter, &filter, &cli->err);
  cli->is_usage = status == QDRANT_INVALID_ARGUMENT;
  in->queries.filter = filter;
  return status;
}

qdrant_status qd_run_search(qd_cli *cli) {
  const qd_args *args = &cli->args;
  search in = {.vector_name = args->vector_name};
  if (!args->collection)
    return qd_cli_misuse(cli, "--collection is missing");
  if (!!args->id + !!args->vector + !!args->vectors != 1)
    return qd_cli_misuse(cli, "one of --id, --vector and --vectors is needed");
  qdrant_status status = fill_queries(cli, &in);
  if (status == QDRANT_OK)
    status = args->id ? ask_ids(cli, &in) : args->vector ? ask_vector(cli, &in) : ask_file(cli, &in);
  if (status == QDRANT_OK) {
    status = qd_output_print(in.output, args->output, stdout, &cli->err);
    in.output = NULL;
  }
  qd_output_free(in.output);
  qdrant_arena_free(in.arena);
  free(in.ids);
  free(in.values);
  return status;
}
