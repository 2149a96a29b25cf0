#include "tests/soak/bed.h"

#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "qdrant/upsert.h"

#include <stdio.h>
#include <stdlib.h>

enum { DROP_ONE_IN = 8, MOST_DELAY_MS = 50 };

char soak_base[] = "base";
char soak_writes[] = "writes";

void soak_demand(qdrant_status status, const char *what, const qdrant_error *err) {
  if (status == QDRANT_OK)
    return;
  fprintf(stderr, "soak: %s: %s: %s\n", what, qdrant_status_name(status), err->message);
  exit(2);
}

static void make_points(soak_bed *bed, random_source *random) {
  for (size_t i = 0; i < SOAK_N_BASE; i++) {
    bed->ids[i] = i + 1;
    for (size_t j = 0; j < SOAK_DIM; j++)
      bed->values[i * SOAK_DIM + j] = (float)random_below(random, 1000000) / 1000000.0F;
  }
}

static void create(qdrant_client *client, const char *name) {
  qdrant_error err;
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  Qdrant__CreateCollection *request = qdrant_create_dense(arena, name, SOAK_DIM, QDRANT__DISTANCE__Euclid);
  soak_demand(qdrant_collections_create(client, request, NULL, &reply, &err), name, &err);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
}

static void begin_node(soak_bed *bed, size_t number) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_point_batch batch = QDRANT_POINT_BATCH_INIT;
  qdrant_vector_column column = {.dim = SOAK_DIM, .values = bed->values};
  qdrant_client *client = NULL;
  qdrant_error err;
  soak_demand(qdrant_mock_start(NULL, &bed->nodes[number], &err), "a server", &err);
  options.url = qdrant_mock_url(bed->nodes[number]);
  soak_demand(qdrant_client_open(&options, &client, &err), "a client", &err);
  create(client, soak_base);
  create(client, soak_writes);
  batch.ids = bed->ids;
  batch.n_points = SOAK_N_BASE;
  batch.vectors = &column;
  batch.n_vectors = 1;
  soak_demand(qdrant_upsert(client, soak_base, &batch, NULL, NULL, NULL, &err), "the points", &err);
  qdrant_client_close(client);
}

void soak_bed_begin(soak_bed *bed, random_source *random) {
  make_points(bed, random);
  for (size_t i = 0; i < SOAK_N_NODES; i++)
    begin_node(bed, i);
}

void soak_bed_end(soak_bed *bed) {
  for (size_t i = 0; i < SOAK_N_NODES; i++)
    qdrant_mock_stop(bed->nodes[i]);
}

qdrant_client *soak_bed_open(const soak_bed *bed, soak_route route) {
  static const char url[] = "http://127.0.0.1";
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_endpoint endpoints[SOAK_N_NODES];
  qdrant_client *client = NULL;
  qdrant_error err;
  for (size_t i = 0; i < SOAK_N_NODES; i++)
    endpoints[i] = (qdrant_endpoint){url, qdrant_mock_grpc_port(bed->nodes[i]), qdrant_mock_rest_port(bed->nodes[i])};
  options.endpoints = endpoints;
  options.n_endpoints = route == SOAK_ENDPOINTS ? SOAK_N_NODES : 1;
  options.hedge_reads = route == SOAK_ENDPOINTS ? QDRANT_ON : QDRANT_OFF;
  options.prefer_grpc = route == SOAK_REST ? QDRANT_OFF : QDRANT_DEFAULT;
  options.rest_fallback = route == SOAK_GRPC ? QDRANT_OFF : QDRANT_DEFAULT;
  options.attempt_timeout_ms = 2000;
  options.timeout_ms = 20000;
  options.max_connections = 2;
  soak_demand(qdrant_client_open(&options, &client, &err), "a client", &err);
  return client;
}

void soak_bed_disturb(soak_bed *bed, random_source *random) {
  static const qdrant_status statuses[] = {QDRANT_UNAVAILABLE, QDRANT_INTERNAL, QDRANT_DEADLINE_EXCEEDED};
  qdrant_mock *node = bed->nodes[random_below(random, SOAK_N_NODES)];
  qdrant_mock_fault fault = QDRANT_MOCK_FAULT_INIT;
  qdrant_error err;
  if (random_is(random, DROP_ONE_IN)) {
    qdrant_mock_drop_connections(node);
    return;
  }
  fault.kind = (qdrant_fault_kind)random_below(random, QDRANT_FAULT_STALL + 1);
  fault.status = statuses[random_below(random, sizeof statuses / sizeof statuses[0])];
  fault.message = "a fault of the soak";
  fault.delay_ms = (uint32_t)random_below(random, MOST_DELAY_MS);
  fault.skip = (uint32_t)random_below(random, 20);
  /* What was not met is forgotten, so that faults do not pile up. */
  qdrant_mock_clear_faults(node);
  soak_demand(qdrant_mock_add_fault(node, &fault, &err), "a fault", &err);
}

uint64_t soak_bed_n_faults(const soak_bed *bed) {
  uint64_t n = 0;
  for (size_t i = 0; i < SOAK_N_NODES; i++) {
    qdrant_mock_stats stats = QDRANT_MOCK_STATS_INIT;
    qdrant_mock_get_stats(bed->nodes[i], &stats);
    n += stats.n_faults;
  }
  return n;
}
