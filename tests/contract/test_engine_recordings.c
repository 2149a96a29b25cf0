#include "core/arena.h"
#include "core/deadline.h"
#include "core/message.h"
#include "core/rpc.h"
#include "memory/engine.h"
#include "qdrant/pb/collections.pb-c.h"
#include "tests/support/hits_compare.h"
#include "tests/support/message_compare.h"
#include "tests/support/recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Asks the embedded engine what a real server was asked, in the same order, and compares the answers. */

typedef struct known_difference {
  const char *scenario;
  const char *name;
  const char *reason;
} known_difference;

static const known_difference known_differences[] = {
    {"bm25_inference", "model-case", "the server goes on not counting a vector that was empty at first"},
    {"bm25_inference", "bad-option", "the server goes on not counting a vector that was empty at first"},
    {"bm25_inference", "bad-option-name", "the server goes on not counting a vector that was empty at first"},
    {"bm25_inference", "query-prefetch", "the order of equal scores is not defined"},
    {"collections_aliases", "aliases-after", "the order of aliases is not defined"},
    {"collections_create", "info-strict", "a limit of sizes is refused"},
    {"collections_create", "list-all", "a limit of sizes is refused"},
    {"errors", "timeout-zero", "the engine's writes are done when they are answered"},
    {"filters", "count-match-keyword", "a count that need not be exact is exact in the engine"},
    {"filters", "count-nested", "a count that need not be exact is exact in the engine"},
    {"hardware_usage", "pairs", "which points a sample has is chance"},
    {"hardware_usage", "offsets", "which points a sample has is chance"},
    {"health_and_service", "invalid-utf8", "the server's decoder refuses it, which is the transport's part"},
    {"quantized_and_indexed", "query-no-rescore-binary", "the engine searches the vectors themselves"},
    {"quantized_and_indexed", "query-no-rescore-product", "the engine searches the vectors themselves"},
    {"quantized_and_indexed", "query-no-rescore-scalar", "the engine searches the vectors themselves"},
    {"quantized_and_indexed", "query-no-rescore-turbo", "the engine searches the vectors themselves"},
    {"quantized_and_indexed", "query-rescore-binary", "the engine searches the vectors themselves"},
    {"query_basic", "bad-consistency-zero", "there is one copy, so that consistency is not looked at"},
    {"query_basic", "nan-query", "the order of equal scores is not defined"},
    {"snapshots", "create", "names, times, sizes and checksums are those of one run"},
    {"snapshots", "create-wait", "names, times, sizes and checksums are those of one run"},
    {"snapshots", "list", "names, times, sizes and checksums are those of one run"},
    {"snapshots", "full-create", "names, times, sizes and checksums are those of one run"},
    {"snapshots", "full-list", "names, times, sizes and checksums are those of one run"},
    {"snapshots", "delete", "the recorder had renamed the files"},
    {"snapshots", "delete-wait", "the recorder had renamed the files"},
    {"snapshots", "list-after", "the recorder had renamed the files"},
    {"snapshots", "full-delete", "the recorder had renamed the files"},
    {"strict_mode", "points-3", "the server looks at its number of points now and then"},
    {"strict_mode", "points-beyond", "the server looks at its number of points now and then"},
    {"strict_mode", "allowed-now", "follows points-3"},
    {"wait_timeout", "wait-one-second", "the engine's writes are done when they are answered"},
    {"wait_timeout", "wait-batch-one-second", "the engine's writes are done when they are answered"},
    {NULL, NULL, NULL},
};

/* Here the order of points with equal scores is not defined, nor which of them make the cut. */
static const known_difference ties[] = {
    {"bm25_inference", "query-options", "one word each"},
    {"bm25_inference", "query-recommend", "two without the words"},
    {"legacy_search", "discover-context", "all lack nothing"},
    {"more_options", "discover-batch", "all lack nothing"},
    {"query_basic", "context", "all lack nothing"},
    {"query_basic", "context-one", "all lack nothing"},
    {"query_basic", "sample", "by chance"},
    {"query_batch_groups", "batch", "two prefetches"},
    {"query_fusion_formula", "rrf", "two prefetches"},
    {"query_fusion_formula", "rrf-euclid", "two prefetches"},
    {"query_fusion_formula", "rrf-object", "two prefetches"},
    {"query_fusion_formula", "rrf-k", "two prefetches"},
    {"query_fusion_formula", "rrf-weights-equal", "two prefetches"},
    {"query_fusion_formula", "prefetch-options", "two prefetches"},
    {"query_fusion_formula", "formula-constant", "the formula is a constant"},
    {"query_fusion_formula", "formula-condition-filter", "several points are multiplied by 0"},
    {"query_fusion_formula", "formula-datetime", "the formula is a constant"},
    {"query_fusion_formula", "formula-defaults-all-kinds", "the formula is a constant"},
    {NULL, NULL, NULL},
};

/* What differs from run to run, or stands for an index that the engine does not have. */
static const char *const ignored[] = {
    "time", "segments_count", "indexed_vectors_count", "usage", "commit", "peer_id", NULL};
/* After a call that the engine does not have, its operation numbers are behind. */
static const char *const ignored_behind[] = {
    "time", "segments_count", "indexed_vectors_count", "usage", "commit", "peer_id", "operation_id", "version", NULL};

typedef struct replay {
  qd_engine *engine;
  const char *scenario;
  int is_behind;
  size_t n_compared;
  size_t n_unimplemented;
  size_t n_unexpected;
} replay;

static int is_listed(const known_difference *list, const char *scenario, const char *name) {
  for (const known_difference *known = list; known->scenario != NULL; known++)
    if (strcmp(known->scenario, scenario) == 0 && strcmp(known->name, name) == 0)
      return 1;
  return 0;
}

/* Empty when the answer is the recorded one. */
typedef struct difference {
  char text[1200];
} difference;

/* A server whose settings have changed is yellow until its segments follow; the engine has none. */
static void take_status(const qd_rpc *rpc, ProtobufCMessage *recorded) {
  if (rpc->id == QDRANT_RPC_COLLECTIONS_GET)
    ((Qdrant__GetCollectionInfoResponse *)recorded)->result->status = QDRANT__COLLECTION_STATUS__Green;
}

static void compare_reply(replay *of, const recorded_call *call, const qd_rpc *rpc, const ProtobufCMessage *reply,
    qd_arena *arena, difference *found) {
  message_rules rules = {of->is_behind ? ignored_behind : ignored, 2e-6};
  ProtobufCMessage *recorded;
  char path[512];
  assert_int_equal(qd_message_decode(rpc->reply, call->reply, call->n_reply, arena, &recorded, NULL), QDRANT_OK);
  take_status(rpc, recorded);
  if (messages_are_equal(recorded, reply, &rules, path, sizeof path))
    return;
  if (!is_listed(ties, of->scenario, call->name) || !hits_are_tied(recorded, reply, &rules))
    snprintf(found->text, sizeof found->text, "the reply differs at %s", path);
}

static void compare_error(const recorded_call *call, qdrant_status status, const qdrant_error *err, difference *found) {
  /* An error's text has its limit. */
  if ((int)status == call->status && strncmp(err->message, call->message, sizeof err->message - 1) == 0)
    return;
  snprintf(found->text, sizeof found->text, "recorded %d \"%s\", answered %d \"%s\"", call->status,
      call->message != NULL ? call->message : "", (int)status, status != QDRANT_OK ? err->message : "");
}

/* A known difference that is none any more is reported, too. */
static void report(replay *of, const recorded_call *call, const difference *found) {
  int is_different = found->text[0] != '\0';
  if (is_different == is_listed(known_differences, of->scenario, call->name))
    return;
  of->n_unexpected++;
  print_message("%s: %s (%s): %s\n", of->scenario, call->name, call->rpc,
      is_different ? found->text : "is no longer different: take it off the list");
}

static void replay_call(replay *of, const recorded_call *call, qd_arena *arena) {
  char rpc_path[128];
  ProtobufCMessage *request;
  ProtobufCMessage *reply;
  qdrant_error err = {0};
  snprintf(rpc_path, sizeof rpc_path, "/qdrant.%s", call->rpc);
  const qd_rpc *rpc = qd_rpc_find_path(rpc_path, strlen(rpc_path));
  if (rpc == NULL ||
      qd_message_decode(rpc->request, call->request, call->n_request, arena, &request, NULL) != QDRANT_OK)
    return;
  qdrant_status status = qd_engine_call(of->engine, rpc, request, qd_deadline_in_ms(60000), arena, &reply, &err);
  if (status == QDRANT_UNIMPLEMENTED) {
    of->n_unimplemented++;
    of->is_behind = 1;
    return;
  }
  difference found = {{0}};
  of->n_compared++;
  if (status == QDRANT_OK && call->status == QDRANT_OK)
    compare_reply(of, call, rpc, reply, arena, &found);
  else
    compare_error(call, status, &err, &found);
  report(of, call, &found);
}

static void replay_scenario(void **state) {
  const char *directory = recording_directory();
  replay of = {.engine = qd_engine_new(), .scenario = *state};
  recording *opened = recording_open(directory, of.scenario);
  assert_non_null(of.engine);
  assert_non_null(opened);
  qd_engine_set_version(of.engine, strrchr(directory, '-') + 1); /* "qdrant-1.18.3" */
  recorded_call call;
  qd_arena *arena = qd_arena_new(0);
  while (recording_next(opened, &call)) {
    replay_call(&of, &call, arena);
    qd_arena_reset(arena);
  }
  qd_arena_free(arena);
  recording_close(opened);
  qd_engine_free(of.engine);
  print_message(
      "%s: %zu answers compared, %zu calls not in the engine\n", of.scenario, of.n_compared, of.n_unimplemented);
  assert_true(of.n_compared > 0);
  assert_int_equal(of.n_unexpected, 0);
}

#define QD_SCENARIO(name)                                                                                              \
  { "replay_" name "_answers_as_recorded", replay_scenario, NULL, NULL, (void *)(uintptr_t)name }

int main(void) {
  const struct CMUnitTest tests[] = {
      QD_SCENARIO("bm25_inference"),
      QD_SCENARIO("collections_aliases"),
      QD_SCENARIO("collections_create"),
      QD_SCENARIO("collections_update"),
      QD_SCENARIO("errors"),
      QD_SCENARIO("filters"),
      QD_SCENARIO("hardware_usage"),
      QD_SCENARIO("health_and_service"),
      QD_SCENARIO("legacy_search"),
      QD_SCENARIO("more_options"),
      QD_SCENARIO("payload_indexes"),
      QD_SCENARIO("payload_ops"),
      QD_SCENARIO("payload_values"),
      QD_SCENARIO("point_ids"),
      QD_SCENARIO("quantized_and_indexed"),
      QD_SCENARIO("query_basic"),
      QD_SCENARIO("query_batch_groups"),
      QD_SCENARIO("query_fusion_formula"),
      QD_SCENARIO("rate_limits"),
      QD_SCENARIO("scroll_and_order"),
      QD_SCENARIO("snapshots"),
      QD_SCENARIO("standalone_cluster_calls"),
      QD_SCENARIO("strict_mode"),
      QD_SCENARIO("update_batch"),
      QD_SCENARIO("upsert_modes"),
      QD_SCENARIO("vector_kinds"),
      QD_SCENARIO("wait_timeout"),
  };
  if (recording_directory() == NULL) {
    puts("skipped: the recordings of a real server are not here (QDRANT_RECORDINGS names their folder)");
    return 77;
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
