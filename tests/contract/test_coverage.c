/* What the cases of the suite cover, printed from the library's own tables: every RPC on every transport, and every
 * field of every message. */
#include "codec/route.h"
#include "codec/route_table.h"
#include "core/arena.h"
#include "core/message.h"
#include "core/rpc.h"
#include "ingest/input.h"
#include "ingest/scan.h"
#include "qdrant/call.h"
#include "qdrant/json.h"
#include "tests/contract/field_set.h"
#include "tests/support/recording.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The fields that no case reaches, each with the reason. */
#define UNREACHED "tests/contract/unreached.txt"

enum { max_line_bytes = 16 << 20 };

/* What the cases have done. */
typedef struct coverage {
  field_set *fields;
  size_t n_cases[QDRANT_N_RPCS];
  size_t n_answered[QDRANT_N_RPCS]; /* by the engine, with a result */
} coverage;

/* A line of a file of cases: a request, or in replies.jsonl the answer of a REST server. */
typedef struct case_line {
  qdrant_rpc rpc;
  const char *body;
  size_t n_body;
} case_line;

/* Reads the members of a line that matter here. */
static void read_case(qd_scan *scan, case_line *line) {
  char key[32], text[64];
  int is_more = 1;
  qdrant_error err;
  assert_int_equal(qd_scan_expect(scan, '{', &err), QDRANT_OK);
  while (is_more) {
    assert_int_equal(qd_scan_key(scan, key, sizeof key, &err), QDRANT_OK);
    if (strcmp(key, "rpc") == 0) {
      assert_int_equal(qd_scan_string(scan, text, sizeof text, &err), QDRANT_OK);
      assert_true(qdrant_rpc_find(text, &line->rpc));
    } else {
      (void)qd_scan_peek(scan);
      size_t begin = scan->at;
      assert_int_equal(qd_scan_skip(scan, &err), QDRANT_OK);
      if (strcmp(key, "request") == 0 || strcmp(key, "reply") == 0) {
        line->body = scan->text + begin;
        line->n_body = scan->at - begin;
      }
    }
    assert_int_equal(qd_scan_next(scan, '}', &is_more, &err), QDRANT_OK);
  }
}

/* What a test does with a line of a file. */
typedef void (*case_runner)(coverage *c, qdrant_client *client, qdrant_arena *arena, const case_line *line);

static void run_case(coverage *c, qdrant_client *client, qdrant_arena *arena, const case_line *line) {
  ProtobufCMessage *request = NULL;
  qdrant_reply *reply = NULL;
  qdrant_error err;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.checks = QDRANT_OFF;
  c->n_cases[line->rpc]++;
  if (qdrant_message_from_json(line->rpc, line->body, line->n_body, arena, &request, &err) != QDRANT_OK)
    return;
  field_set_mark(c->fields, request);
  if (qdrant_call(client, line->rpc, request, &options, &reply, &err) != QDRANT_OK)
    return;
  c->n_answered[line->rpc]++;
  field_set_mark(c->fields, qdrant_reply_message(reply, &err));
  qdrant_reply_free(reply);
}

static void read_reply(coverage *c, qdrant_client *client, qdrant_arena *arena, const case_line *line) {
  (void)client;
  ProtobufCMessage *reply = NULL;
  qdrant_error err;
  if (qd_route_read_reply(qd_rpc_row(line->rpc), line->body, line->n_body, arena, &reply, &err) != QDRANT_OK)
    fail_msg("%s: %s", qdrant_rpc_name(line->rpc), err.message);
  field_set_mark(c->fields, reply);
}

/* The lines of one file, from an empty engine. */
static void run_file(coverage *c, const char *path, case_runner run) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  qd_input *input = NULL;
  const char *text;
  size_t n;
  qdrant_error err;
  options.url = ":memory:";
  assert_int_equal(qdrant_client_open(&options, &client, &err), QDRANT_OK);
  assert_int_equal(qd_input_open(path, &input, &err), QDRANT_OK);
  while (qd_input_line(input, max_line_bytes, &text, &n, &err) == QDRANT_OK && text) {
    qd_scan scan = {.text = text, .n = n};
    case_line line = {.body = NULL};
    read_case(&scan, &line);
    run(c, client, arena, &line);
    qdrant_arena_reset(arena);
  }
  qd_input_close(input);
  qdrant_arena_free(arena);
  qdrant_client_close(client);
}

static coverage covered;

static int run_cases(void **state) {
  glob_t files;
  *state = &covered;
  covered.fields = field_set_new();
  for (int i = 0; i < QDRANT_N_RPCS; i++) {
    field_set_add_type(covered.fields, qd_rpc_row((qdrant_rpc)i)->request);
    field_set_add_type(covered.fields, qd_rpc_row((qdrant_rpc)i)->reply);
  }
  assert_int_equal(glob("tests/contract/cases/*.jsonl", 0, NULL, &files), 0);
  for (size_t i = 0; i < files.gl_pathc; i++)
    run_file(&covered, files.gl_pathv[i], run_case);
  run_file(&covered, "tests/contract/replies.jsonl", read_reply);
  globfree(&files);
  return 0;
}

static int free_cases(void **state) {
  (void)state;
  field_set_free(covered.fields);
  return 0;
}

/* Whether the engine has a handler: without one it answers UNIMPLEMENTED whatever is asked. */
static int is_in_engine(qdrant_client *client, const qd_rpc *rpc) {
  qdrant_arena *arena = qdrant_arena_new();
  qdrant_reply *reply = NULL;
  qdrant_error err;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.checks = QDRANT_OFF;
  ProtobufCMessage *request = qdrant_message_new(arena, rpc->request);
  qdrant_status status = qdrant_call(client, rpc->id, request, &options, &reply, &err);
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  return status != QDRANT_UNIMPLEMENTED;
}

static void test_every_rpc_is_on_every_transport_and_has_cases(void **state) {
  const coverage *c = *state;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  qdrant_error err;
  size_t n_missing = 0;
  options.url = ":memory:";
  assert_int_equal(qdrant_client_open(&options, &client, &err), QDRANT_OK);
  printf("%-42s %-56s %-6s %5s %8s\n", "gRPC", "REST", "memory", "cases", "answered");
  for (int i = 0; i < QDRANT_N_RPCS; i++) {
    const qd_rpc *rpc = qd_rpc_row((qdrant_rpc)i);
    const qd_route *route = qd_route_row(rpc->id);
    int is_here = is_in_engine(client, rpc);
    printf("%-42s %-6s %-49s %-6s %5zu %8zu\n", rpc->name, route->verb, route->path, is_here ? "yes" : "no",
        c->n_cases[i], c->n_answered[i]);
    n_missing += !is_here || c->n_cases[i] == 0;
  }
  qdrant_client_close(client);
  assert_int_equal(n_missing, 0);
}

/* The messages of a real server's traffic, for what the engine has no reason to say. */
static void mark_recorded(field_set *fields, const qd_rpc *rpc, const recorded_call *call) {
  qdrant_arena *arena = qdrant_arena_new();
  ProtobufCMessage *message = NULL;
  qdrant_error err;
  if (qd_message_decode(rpc->request, call->request, call->n_request, arena, &message, &err) == QDRANT_OK)
    field_set_mark(fields, message);
  if (call->reply && qd_message_decode(rpc->reply, call->reply, call->n_reply, arena, &message, &err) == QDRANT_OK)
    field_set_mark(fields, message);
  qdrant_arena_free(arena);
}

static void mark_recording(field_set *fields, const char *directory, const char *path) {
  char scenario[128];
  recorded_call call;
  qdrant_rpc id;
  const char *name = strrchr(path, '/') + 1;
  snprintf(scenario, sizeof scenario, "%.*s", (int)strcspn(name, "."), name);
  if (strcmp(scenario, "bm25") == 0) /* a file of another kind */
    return;
  recording *opened = recording_open(directory, scenario);
  while (recording_next(opened, &call))
    if (qdrant_rpc_find(call.rpc, &id))
      mark_recorded(fields, qd_rpc_row(id), &call);
  recording_close(opened);
}

static void mark_recordings(field_set *fields, const char *directory) {
  char pattern[512];
  glob_t files;
  snprintf(pattern, sizeof pattern, "%s/*.jsonl", directory);
  assert_int_equal(glob(pattern, 0, NULL, &files), 0);
  for (size_t i = 0; i < files.gl_pathc; i++)
    mark_recording(fields, directory, files.gl_pathv[i]);
  globfree(&files);
}

/* Whether the list of what is not reached has a line that begins with the name. */
static int is_listed(const char *list, const char *name) {
  size_t n = strlen(name);
  for (const char *at = strstr(list, name); at; at = strstr(at + 1, name))
    if ((at == list || at[-1] == '\n') && (at[n] == ':'))
      return 1;
  return 0;
}

static void test_every_field_is_reached_or_listed(void **state) {
  coverage *c = *state;
  qd_input *input = NULL;
  const unsigned char *bytes;
  size_t n_list, n_wrong = 0, n_reached = 0;
  qdrant_error err;
  if (!recording_directory()) {
    print_message("skipped: the recordings of a real server are not here (QDRANT_RECORDINGS names their folder)\n");
    skip();
  }
  mark_recordings(c->fields, recording_directory());
  assert_int_equal(qd_input_open(UNREACHED, &input, &err), QDRANT_OK);
  assert_int_equal(qd_input_peek(input, max_line_bytes, &bytes, &n_list, &err), QDRANT_OK);
  char *list = strndup((const char *)bytes, n_list);
  assert_non_null(list);
  for (size_t i = 0; i < field_set_n(c->fields); i++) {
    char name[256];
    const field_mark *mark = field_set_at(c->fields, i);
    snprintf(name, sizeof name, "%s.%s", mark->type->short_name, mark->field->name);
    n_reached += (size_t)mark->is_reached;
    if (!mark->is_reached)
      printf("not reached%s: %s\n", is_listed(list, name) ? "" : " and not listed", name);
    else if (is_listed(list, name))
      printf("listed, but reached: %s\n", name);
    n_wrong += mark->is_reached == is_listed(list, name);
  }
  printf("%zu of %zu fields of messages are reached\n", n_reached, field_set_n(c->fields));
  free(list);
  qd_input_close(input);
  assert_int_equal(n_wrong, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_rpc_is_on_every_transport_and_has_cases),
      cmocka_unit_test(test_every_field_is_reached_or_listed),
  };
  return cmocka_run_group_tests(tests, run_cases, free_cases);
}
