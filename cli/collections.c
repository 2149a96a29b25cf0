#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/output.h"
#include "cli/schema.h"
#include "qdrant/calls.h"

#include <string.h>

qdrant_status qd_run_collections_list(qd_cli *cli) {
  Qdrant__ListCollectionsRequest request = QDRANT__LIST_COLLECTIONS_REQUEST__INIT;
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_collections_list(cli->client, &request, NULL, &reply, &cli->err);
  if (status == QDRANT_OK) {
    const Qdrant__ListCollectionsResponse *response = qdrant_collections_list_response(reply, &cli->err);
    qd_output *output = qd_output_new();
    for (size_t i = 0; response && i < response->n_collections; i++) {
      qd_output_row(output);
      qd_output_text(output, "name", response->collections[i]->name);
    }
    status = qd_output_print(output, cli->args.output, stdout, &cli->err);
  }
  qdrant_reply_free(reply);
  return status;
}

static qdrant_status print_done(qd_cli *cli, const char *what) {
  if (cli->args.output == QD_OUTPUT_TABLE) {
    printf("%s collection %s\n", what, cli->args.words[0]);
    return QDRANT_OK;
  }
  qd_output *output = qd_output_new_record();
  qd_output_text(output, what, cli->args.words[0]);
  return qd_output_print(output, QD_OUTPUT_JSON, stdout, &cli->err);
}

/* Adds the sparse vectors of --sparse NAME,NAME. */
static qdrant_status add_sparse(qd_cli *cli, qd_schema *schema) {
  qdrant_status status = QDRANT_OK;
  const char *name = cli->args.sparse;
  while (status == QDRANT_OK && name) {
    size_t n = strcspn(name, ",");
    if (n == 0)
      return qd_cli_misuse(cli, "--sparse %s: a name is empty", cli->args.sparse);
    status = qd_schema_add(schema, name, n, QDRANT_SPARSE, 0, QDRANT__DISTANCE__Dot, &cli->err);
    name = name[n] ? name + n + 1 : NULL;
  }
  return status;
}

qdrant_status qd_run_collections_create(qd_cli *cli) {
  const qd_args *args = &cli->args;
  qd_schema schema = {0};
  qdrant_status status = QDRANT_OK;
  if (args->words[0][0] == '\0')
    return qd_cli_misuse(cli, "the collection's name is empty");
  if (!args->dim && !args->sparse)
    return qd_cli_misuse(cli, "--dim is missing");
  if (args->dim)
    status = qd_schema_add(&schema, args->vector_name, args->vector_name ? strlen(args->vector_name) : 0,
        args->is_multi ? QDRANT_MULTI : QDRANT_DENSE, args->dim, (Qdrant__Distance)(args->distance + 1), &cli->err);
  if (status == QDRANT_OK)
    status = add_sparse(cli, &schema);
  if (status == QDRANT_OK)
    status = qd_schema_create(cli->client, args->words[0], &schema, &cli->err);
  qd_schema_free(&schema);
  return status == QDRANT_OK ? print_done(cli, "created") : status;
}

static const char *state_name(Qdrant__CollectionStatus state) {
  static const char *const names[] = {"unknown", "green", "yellow", "red", "grey"};
  return (size_t)state < sizeof names / sizeof *names ? names[state] : names[0];
}

static json_object *describe_vectors(const qd_schema *schema) {
  qd_output *vectors = qd_output_new();
  for (size_t i = 0; i < schema->n; i++) {
    const qd_schema_vector *vector = &schema->vectors[i];
    qd_output_row(vectors);
    if (vector->name)
      qd_output_text(vectors, "name", vector->name);
    qd_output_text(vectors, "kind", qd_kind_name(vector->kind));
    if (vector->kind != QDRANT_SPARSE) {
      qd_output_count(vectors, "dim", vector->dim);
      qd_output_text(vectors, "distance", qd_distance_name(vector->distance));
    }
  }
  return qd_output_take(vectors);
}

static qdrant_status print_info(qd_cli *cli, const Qdrant__CollectionInfo *info) {
  qd_schema schema = {0};
  qdrant_status status = qd_schema_of_info(info, &schema, &cli->err);
  if (status == QDRANT_OK) {
    qd_output *output = qd_output_new_record();
    qd_output_text(output, "name", cli->args.words[0]);
    qd_output_text(output, "status", state_name(info->status));
    qd_output_count(output, "points", info->points_count);
    qd_output_count(output, "indexed_vectors", info->indexed_vectors_count);
    qd_output_count(output, "segments", info->segments_count);
    qd_output_json(output, "vectors", describe_vectors(&schema));
    status = qd_output_print(output, cli->args.output, stdout, &cli->err);
  }
  qd_schema_free(&schema);
  return status;
}

qdrant_status qd_run_collections_show(qd_cli *cli) {
  Qdrant__GetCollectionInfoRequest request = QDRANT__GET_COLLECTION_INFO_REQUEST__INIT;
  request.collection_name = (char *)cli->args.words[0];
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_collections_get(cli->client, &request, NULL, &reply, &cli->err);
  if (status == QDRANT_OK) {
    const Qdrant__GetCollectionInfoResponse *response = qdrant_collections_get_response(reply, &cli->err);
    if (response && response->result)
      status = print_info(cli, response->result);
    else
      status = qd_cli_fail(&cli->err, QDRANT_BAD_REPLY, "the server's answer has no result");
  }
  qdrant_reply_free(reply);
  return status;
}

qdrant_status qd_run_collections_delete(qd_cli *cli) {
  Qdrant__DeleteCollection request = QDRANT__DELETE_COLLECTION__INIT;
  request.collection_name = (char *)cli->args.words[0];
  qdrant_reply *reply = NULL;
  qdrant_status status = qdrant_collections_delete(cli->client, &request, NULL, &reply, &cli->err);
  if (status == QDRANT_OK) {
    const Qdrant__CollectionOperationResponse *response = qdrant_collections_delete_response(reply, &cli->err);
    if (!response || !response->result)
      status = qd_cli_fail(&cli->err, QDRANT_NOT_FOUND, "there is no collection \"%s\"", cli->args.words[0]);
    else
      status = print_done(cli, "deleted");
  }
  qdrant_reply_free(reply);
  return status;
}
