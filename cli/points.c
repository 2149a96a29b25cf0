/* scroll, count and delete. */
#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/filter.h"
#include "cli/ids.h"
#include "cli/output.h"
#include "cli/points_json.h"
#include "qdrant/build.h"
#include "qdrant/calls.h"

#include <stdlib.h>
#include <string.h>

enum { default_limit = 10 };

static qdrant_status need_collection(qd_cli *cli) {
  return cli->args.collection ? QDRANT_OK : qd_cli_misuse(cli, "--collection is missing");
}

static qdrant_status fail_memory(qd_cli *cli) {
  return qd_cli_fail(&cli->err, QDRANT_NO_MEMORY, "out of memory for the request");
}

/* Reads --filter, when there is one. */
static qdrant_status read_filter(qd_cli *cli, qdrant_arena *arena, Qdrant__Filter **filter) {
  if (!cli->args.filter)
    return QDRANT_OK;
  qdrant_status status = qd_filter_parse(arena, cli->args.filter, filter, &cli->err);
  cli->is_usage = status == QDRANT_INVALID_ARGUMENT;
  return status;
}

static qdrant_status fill_scroll(qd_cli *cli, qdrant_arena *arena, Qdrant__ScrollPoints *request) {
  const qd_args *args = &cli->args;
  qdrant_status status = read_filter(cli, arena, &request->filter);
  if (status != QDRANT_OK)
    return status;
  request->collection_name = (char *)args->collection;
  QDRANT_SET(request, limit, args->limit ? (uint32_t)args->limit : default_limit);
  request->with_payload = QDRANT_NEW(arena, with_payload_selector);
  request->with_vectors = QDRANT_NEW(arena, with_vectors_selector);
  if (!request->with_payload || !request->with_vectors)
    return fail_memory(cli);
  request->with_payload->selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  request->with_payload->enable = args->with_payload;
  request->with_vectors->selector_options_case = QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  request->with_vectors->enable = args->with_vectors;
  if (!args->offset)
    return QDRANT_OK;
  qdrant_point_id id;
  status = qd_id_parse(args->offset, strlen(args->offset), &id, &cli->err);
  cli->is_usage = status != QDRANT_OK;
  if (status == QDRANT_OK && !(request->offset = qdrant_point_id_message(arena, &id)))
    return fail_memory(cli);
  return status;
}

static qdrant_status print_page(qd_cli *cli, const Qdrant__ScrollResponse *page) {
  qd_output *points = qd_output_new();
  for (size_t i = 0; i < page->n_result; i++) {
    qd_output_row(points);
    qd_output_json(points, "id", qd_json_id_message(page->result[i]->id));
    if (cli->args.with_payload)
      qd_output_json(points, "payload", qd_json_payload(page->result[i]));
    if (cli->args.with_vectors)
      qd_output_json(points, "vector", qd_json_vectors(page->result[i]->vectors));
  }
  json_object *next = page->next_page_offset ? qd_json_id_message(page->next_page_offset) : NULL;
  qdrant_status status;
  if (cli->args.output == QD_OUTPUT_JSON) {
    qd_output *output = qd_output_new_record();
    qd_output_json(output, "points", qd_output_take(points));
    if (next)
      qd_output_json(output, "next_page_offset", json_object_get(next));
    status = qd_output_print(output, QD_OUTPUT_JSON, stdout, &cli->err);
  } else {
    status = qd_output_print(points, QD_OUTPUT_TABLE, stdout, &cli->err);
    if (next)
      printf("next page: --offset %s\n", json_object_get_string(next));
  }
  json_object_put(next);
  return status;
}

qdrant_status qd_run_scroll(qd_cli *cli) {
  Qdrant__ScrollPoints request = QDRANT__SCROLL_POINTS__INIT;
  qdrant_reply *reply = NULL;
  qdrant_status status = need_collection(cli);
  if (status != QDRANT_OK)
    return status;
  qdrant_arena *arena = qdrant_arena_new();
  status = arena ? fill_scroll(cli, arena, &request) : fail_memory(cli);
  if (status == QDRANT_OK)
    status = qdrant_points_scroll(cli->client, &request, NULL, &reply, &cli->err);
  if (status == QDRANT_OK) {
    const Qdrant__ScrollResponse *page = qdrant_points_scroll_response(reply, &cli->err);
    status = page ? print_page(cli, page) : cli->err.status;
  }
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status;
}

static qdrant_status print_count(qd_cli *cli, uint64_t n) {
  if (cli->args.output == QD_OUTPUT_TABLE) {
    printf("%llu\n", (unsigned long long)n);
    return QDRANT_OK;
  }
  qd_output *output = qd_output_new_record();
  qd_output_count(output, "count", n);
  return qd_output_print(output, QD_OUTPUT_JSON, stdout, &cli->err);
}

qdrant_status qd_run_count(qd_cli *cli) {
  Qdrant__CountPoints request = QDRANT__COUNT_POINTS__INIT;
  qdrant_reply *reply = NULL;
  qdrant_status status = need_collection(cli);
  if (status != QDRANT_OK)
    return status;
  qdrant_arena *arena = qdrant_arena_new();
  status = arena ? read_filter(cli, arena, &request.filter) : fail_memory(cli);
  request.collection_name = (char *)cli->args.collection;
  QDRANT_SET(&request, exact, 1);
  if (status == QDRANT_OK)
    status = qdrant_points_count(cli->client, &request, NULL, &reply, &cli->err);
  if (status == QDRANT_OK) {
    const Qdrant__CountResponse *response = qdrant_points_count_response(reply, &cli->err);
    status = response ? print_count(cli, response->result ? response->result->count : 0) : cli->err.status;
  }
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status;
}

static qdrant_status delete_ids(qd_cli *cli, const qdrant_point_id *ids, size_t n) {
  Qdrant__DeletePoints request = QDRANT__DELETE_POINTS__INIT;
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  request.collection_name = (char *)cli->args.collection;
  QDRANT_SET(&request, wait, 1);
  request.points = arena ? qdrant_select_ids(arena, ids, n) : NULL;
  qdrant_status status =
      request.points ? qdrant_points_delete(cli->client, &request, NULL, &reply, &cli->err) : fail_memory(cli);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status;
}

/* A server deletes ids that it does not have without a word, so the number printed is of ids, not of points. */
static qdrant_status print_deleted(qd_cli *cli, size_t n) {
  if (cli->args.output == QD_OUTPUT_TABLE) {
    printf("deleted %zu ids from %s\n", n, cli->args.collection);
    return QDRANT_OK;
  }
  qd_output *output = qd_output_new_record();
  qd_output_count(output, "ids", n);
  return qd_output_print(output, QD_OUTPUT_JSON, stdout, &cli->err);
}

qdrant_status qd_run_delete(qd_cli *cli) {
  qdrant_point_id *ids = NULL;
  size_t n = 0;
  qdrant_status status = need_collection(cli);
  if (status == QDRANT_OK && !cli->args.id)
    return qd_cli_misuse(cli, "--id is missing");
  if (status == QDRANT_OK) {
    status = qd_ids_parse(cli->args.id, &ids, &n, &cli->err);
    cli->is_usage = status == QDRANT_INVALID_ARGUMENT;
  }
  if (status == QDRANT_OK)
    status = delete_ids(cli, ids, n);
  if (status == QDRANT_OK)
    status = print_deleted(cli, n);
  free(ids);
  return status;
}
