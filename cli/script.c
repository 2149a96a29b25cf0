/* call --script: a line in, a line out. */
#include "cli/call.h"
#include "cli/fail.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/scan.h"

#include <string.h>

/* A line of a script: where its parts are. */
typedef struct script_line {
  char rpc[64];
  const char *request; /* JSON, not ended by NUL */
  size_t n_request;
} script_line;

static qdrant_status read_member(qd_scan *scan, script_line *line, qdrant_error *err) {
  char key[32];
  qdrant_status status = qd_scan_key(scan, key, sizeof key, err);
  if (status != QDRANT_OK)
    return status;
  if (strcmp(key, "rpc") == 0)
    return qd_scan_string(scan, line->rpc, sizeof line->rpc, err);
  if (strcmp(key, "request") != 0)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"%s\" is none of \"rpc\", \"request\"", key);
  (void)qd_scan_peek(scan);
  line->request = scan->text + scan->at;
  status = qd_scan_skip(scan, err);
  line->n_request = (size_t)(scan->text + scan->at - line->request);
  return status;
}

static qdrant_status read_line(qd_scan *scan, script_line *line, qdrant_error *err) {
  int is_more = 1;
  *line = (script_line){.request = ""};
  qdrant_status status = qd_scan_expect(scan, '{', err);
  while (status == QDRANT_OK && is_more) {
    status = read_member(scan, line, err);
    if (status == QDRANT_OK)
      status = qd_scan_next(scan, '}', &is_more, err);
  }
  if (status == QDRANT_OK && (qd_scan_peek(scan) || scan->at < scan->n))
    status = qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "byte %zu: something follows the request", scan->at + 1);
  return status;
}

static qdrant_status call_line(qd_cli *cli, qd_scan scan, qdrant_arena *arena, const char **result) {
  script_line line;
  qdrant_rpc rpc;
  qdrant_status status = read_line(&scan, &line, &cli->err);
  if (status == QDRANT_OK)
    status = qd_call_find(line.rpc, &rpc, &cli->err);
  if (status == QDRANT_OK)
    status = qd_call_json(cli->client, rpc, line.request, line.n_request, arena, result, &cli->err);
  return status;
}

/* {"error": {"status": ..., "message": ...}} */
static qdrant_status print_error(qd_cli *cli) {
  qdrant_error failed = cli->err;
  qd_output *error = qd_output_new_record(), *line = qd_output_new_record();
  qd_output_text(error, "status", qdrant_status_name(failed.status));
  qd_output_text(error, "message", failed.message);
  qd_output_text(error, "delivery", qdrant_delivery_name(failed.delivery));
  qd_output_json(line, "error", qd_output_take(error));
  return qd_output_print(line, QD_OUTPUT_JSON, stdout, &cli->err);
}

/* Answers one line; flushed, so that a program may wait for it before it writes the next. */
static qdrant_status answer_line(qd_cli *cli, qd_scan scan, qdrant_arena *arena, int *is_refused) {
  const char *result;
  *is_refused = call_line(cli, scan, arena, &result) != QDRANT_OK;
  qdrant_status status = QDRANT_OK;
  if (*is_refused)
    status = print_error(cli);
  else
    printf("{\"result\":%s}\n", result);
  qdrant_arena_reset(arena);
  fflush(stdout);
  return status;
}

/* What went wrong in a script, as its last word. */
typedef struct script_account {
  uint64_t n_lines, n_refused, first_refused; /* the number of the line */
  qdrant_error first;
} script_account;

static void note_refusal(script_account *account, uint64_t number, const qdrant_error *err) {
  if (account->n_refused++ > 0)
    return;
  account->first_refused = number;
  account->first = *err;
}

static qdrant_status answer_lines(qd_cli *cli, qd_input *input, qdrant_arena *arena, script_account *account) {
  const char *text;
  size_t n;
  qdrant_status status;
  for (uint64_t number = 1;; number++) {
    int is_refused;
    status = qd_input_line(input, QD_MAX_REQUEST_BYTES, &text, &n, &cli->err);
    if (status != QDRANT_OK || !text)
      return status;
    qd_scan scan = {.text = text, .n = n};
    if (!qd_scan_peek(&scan) && scan.at == n)
      continue;
    account->n_lines++;
    status = answer_line(cli, scan, arena, &is_refused);
    if (is_refused)
      note_refusal(account, number, &cli->err);
    if (status != QDRANT_OK)
      return status;
  }
}

qdrant_status qd_run_script(qd_cli *cli) {
  qd_input *input = NULL;
  script_account account = {0};
  qdrant_arena *arena = qdrant_arena_new();
  qdrant_status status = arena ? qd_input_open(cli->args.script, &input, &cli->err)
                               : qd_cli_fail(&cli->err, QDRANT_NO_MEMORY, "out of memory");
  if (status == QDRANT_OK)
    status = answer_lines(cli, input, arena, &account);
  if (status == QDRANT_OK && account.n_refused > 0) {
    cli->err = account.first;
    qd_cli_prefix(&cli->err,
        "%llu of %llu calls failed, the first in line %llu: ", (unsigned long long)account.n_refused,
        (unsigned long long)account.n_lines, (unsigned long long)account.first_refused);
    status = cli->err.status;
  }
  qd_input_close(input);
  qdrant_arena_free(arena);
  return status;
}
