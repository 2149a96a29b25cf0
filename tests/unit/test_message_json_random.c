#include "codec/message_json.h"
#include "core/rpc.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"
#include "tests/support/message_compare.h"
#include "tests/support/random_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { N_ROUNDS = 50, N_LEVELS = 6, MAX_TEXT = 1 << 24 };

/* What is the same in JSON as something else: messages that say it come back in the other form. */
static const unset_field not_random[] = {
    {&qdrant__vector__descriptor, "data"}, /* the oneof took its place */
    {&qdrant__vector__descriptor, "indices"},
    {&qdrant__vector__descriptor, "vectors_count"},
    {&qdrant__vector_output__descriptor, "data"},
    {&qdrant__vector_output__descriptor, "indices"},
    {&qdrant__vector_output__descriptor, "vectors_count"},
    {&qdrant__field_condition__descriptor, "datetime_range"}, /* one key with range */
    {&qdrant__start_from__descriptor, "timestamp"},           /* a text, as datetime is */
    {&qdrant__shard_key_selector__descriptor, "fallback"},    /* only with one key */
    {&qdrant__points_update_operation__descriptor, "delete_deprecated"},
    {&qdrant__points_update_operation__descriptor, "clear_payload_deprecated"},
    {&qdrant__vectors__descriptor, "vector"},         /* a sparse vector has no JSON without a name */
    {&qdrant__vectors_output__descriptor, "vector"},  /* the same */
    {&qdrant__group_id__descriptor, "integer_value"}, /* for negative ones only */
    {&qdrant__optimizer_status__descriptor, "ok"},    /* an error is not ok */
    {&qdrant__optimizers_config_diff__descriptor, "deprecated_max_optimization_threads"}, /* the same key */
    {NULL, NULL},
};

/* What has no place in the JSON of a message within another one, or lies beside a reply's result. */
static const char *const ignored[] = {"time", "usage", "collection_name", "timeout", "read_consistency", "field_type",
    "deprecated_max_optimization_threads", NULL};

static qdrant_status write_text(
    qd_arena *arena, const ProtobufCMessage *message, const char **json, qdrant_error *err) {
  qd_text text;
  qd_text_init(&text, arena, MAX_TEXT);
  qdrant_status status = qd_message_write_json(&text, message, err);
  *json = qd_text_end(&text);
  return status;
}

static ProtobufCMessage *read_text(
    qd_arena *arena, const char *json, const ProtobufCMessageDescriptor *type, qd_json_origin origin) {
  const qd_json_node *node;
  ProtobufCMessage *message = NULL;
  qdrant_error err = {0};
  if (qd_json_tree_parse(json, strlen(json), arena, &node, &err) != QDRANT_OK ||
      qd_message_read_json(node, type, origin, arena, &message, &err) != QDRANT_OK)
    fail_msg("%s: %s\n%s", type->short_name, err.message, json);
  return message;
}

static void require_same(qd_arena *arena, const ProtobufCMessage *message, qd_json_origin origin) {
  message_rules rules = {.ignored = ignored};
  const char *json;
  char path[256];
  qdrant_error err = {0};
  if (write_text(arena, message, &json, &err) != QDRANT_OK)
    fail_msg("%s: %s", message->descriptor->short_name, err.message);
  const ProtobufCMessage *back = read_text(arena, json, message->descriptor, origin);
  if (!messages_are_equal(message, back, &rules, path, sizeof path))
    fail_msg("%s differs at %s\n%s", message->descriptor->short_name, path, json);
}

static void run(const char *name, const ProtobufCMessageDescriptor *(*type_of)(const qd_rpc *), qd_json_origin origin) {
  random_source random = random_begin(name);
  qd_arena *arena = qd_arena_new(0);
  for (int round = 0; round < N_ROUNDS; round++)
    for (int id = 0; id < QDRANT_N_RPCS; id++) {
      const ProtobufCMessageDescriptor *type = type_of(qd_rpc_row((qdrant_rpc)id));
      require_same(arena, random_message(&random, type, not_random, N_LEVELS, arena), origin);
      qd_arena_reset(arena);
    }
  qd_arena_free(arena);
}

static const ProtobufCMessageDescriptor *request_of(const qd_rpc *rpc) {
  return rpc->request;
}

static const ProtobufCMessageDescriptor *reply_of(const qd_rpc *rpc) {
  return rpc->reply;
}

static void test_qd_message_read_json_of_what_was_written_is_the_same_request(void **state) {
  (void)state;
  run(__func__, request_of, QD_JSON_FROM_USER);
}

static void test_qd_message_read_json_of_what_was_written_is_the_same_reply(void **state) {
  (void)state;
  run(__func__, reply_of, QD_JSON_FROM_SERVER);
}

/* The node that comes `at` places after this one, in the order of the text. */
static qd_json_node *find_node(const qd_json_node *node, size_t *at) {
  if ((*at)-- == 0)
    return (qd_json_node *)(uintptr_t)node;
  size_t n = node->kind == QD_JSON_OBJECT ? 2 * (size_t)node->n : node->kind == QD_JSON_ARRAY ? node->n : 0;
  for (size_t i = 0; i < n; i++) {
    /* A key stays a text. */
    qd_json_node *found = node->kind == QD_JSON_OBJECT && i % 2 == 0 ? NULL : find_node(&node->items[i], at);
    if (found != NULL)
      return found;
  }
  return NULL;
}

static qd_json_node *random_node(random_source *random, const qd_json_node *root) {
  qd_json_node *found = NULL;
  while (found == NULL) {
    size_t at = random_below(random, 200);
    found = find_node(root, &at);
  }
  return found;
}

static const qd_json_node *random_tree(random_source *random, const ProtobufCMessageDescriptor *type, qd_arena *arena) {
  const char *json;
  const qd_json_node *root;
  qdrant_error err = {0};
  const ProtobufCMessage *message = random_message(random, type, not_random, N_LEVELS - 2, arena);
  assert_int_equal(write_text(arena, message, &json, &err), QDRANT_OK);
  assert_int_equal(qd_json_tree_parse(json, strlen(json), arena, &root, &err), QDRANT_OK);
  return root;
}

static const ProtobufCMessageDescriptor *random_type(random_source *random) {
  const qd_rpc *rpc = qd_rpc_row((qdrant_rpc)random_below(random, QDRANT_N_RPCS));
  return random_is(random, 2) ? rpc->request : rpc->reply;
}

/* Values of another message's JSON in the places of some of this one's: every branch that looks at what a value is sees
 * what it did not expect. What is taken all the same can be written. */
static void test_qd_message_read_json_of_misplaced_values_takes_or_refuses_them(void **state) {
  (void)state;
  enum { N_DAMAGED = 20000 };
  random_source random = random_begin(__func__);
  qd_arena *arena = qd_arena_new(0);
  size_t n_taken = 0;
  for (int i = 0; i < N_DAMAGED; i++) {
    const ProtobufCMessageDescriptor *type = random_type(&random);
    const qd_json_node *root = random_tree(&random, type, arena);
    /* Each from a tree of its own: a node within itself would have no end. */
    for (size_t n = 1 + random_below(&random, 3); n > 0; n--)
      *random_node(&random, root) = *random_node(&random, random_tree(&random, random_type(&random), arena));
    qd_json_origin origin = (qd_json_origin)random_below(&random, 3);
    ProtobufCMessage *message;
    const char *json;
    qdrant_error err = {0};
    qdrant_status status = qd_message_read_json(root, type, origin, arena, &message, &err);
    if (status == QDRANT_OK) {
      status = write_text(arena, message, &json, &err);
      assert_true(status == QDRANT_OK || status == QDRANT_INVALID_ARGUMENT);
      n_taken++;
    } else {
      assert_int_equal(status, origin == QD_JSON_FROM_SERVER ? QDRANT_BAD_REPLY : QDRANT_INVALID_ARGUMENT);
      assert_non_null(strstr(err.message, origin == QD_JSON_FROM_SERVER ? "expected" : ""));
    }
    qd_arena_reset(arena);
  }
  assert_true(n_taken > N_DAMAGED / 20);
  qd_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qd_message_read_json_of_what_was_written_is_the_same_request),
      cmocka_unit_test(test_qd_message_read_json_of_what_was_written_is_the_same_reply),
      cmocka_unit_test(test_qd_message_read_json_of_misplaced_values_takes_or_refuses_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
