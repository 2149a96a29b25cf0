/* call --script: a line in, a line out. */
#include "cli/call.h"
#include "cli/fail.h"
#include "cli/lines.h"
#include "cli/output.h"

#include <string.h>

/* A line of a script: where its parts are. */
typedef struct script_line {
  char rpc[64];
  const char *request; /* JSON, not ended by NUL */
  size_t n_request;
} script_line;

/* Where a line is being read. Only its outline matters here: the request itself is judged by the library. */
typedef struct reader {
  const char *text, *at, *end;
} reader;

static char peek(reader *in) {
  while (in->at < in->end && strchr(" \t\r\n", *in->at) && *in->at)
    in->at++;
  return in->at < in->end ? *in->at : '\0';
}

static int take(reader *in, char c) {
  int is_there = peek(in) == c && in->at < in->end;
  in->at += is_there;
  return is_there;
}

static qdrant_status refuse(const reader *in, const char *needed, qdrant_error *err) {
  return qd_cli_fail(
      err, QDRANT_INVALID_ARGUMENT, "byte %zu of the line: %s is needed", (size_t)(in->at - in->text) + 1, needed);
}

/* Reads a string without escapes: names of members and of RPCs have none. */
static qdrant_status read_name(reader *in, char *name, size_t n_name, qdrant_error *err) {
  if (!take(in, '"'))
    return refuse(in, "a string", err);
  size_t n = 0;
  while (in->at + n < in->end && in->at[n] != '"' && in->at[n] != '\\')
    n++;
  if (in->at + n == in->end || in->at[n] != '"' || n >= n_name)
    return refuse(in, "a name", err);
  memcpy(name, in->at, n);
  name[n] = '\0';
  in->at += n + 1;
  return QDRANT_OK;
}

static void pass_string(reader *in) {
  for (in->at++; in->at < in->end && *in->at != '"'; in->at++)
    in->at += *in->at == '\\' && in->at + 1 < in->end;
  in->at += in->at < in->end;
}

/* Passes an object. */
static qdrant_status pass_object(reader *in, qdrant_error *err) {
  size_t depth = 0;
  if (peek(in) != '{')
    return refuse(in, "an object", err);
  do {
    char c = peek(in);
    if (in->at == in->end)
      return refuse(in, "the end of the request", err);
    depth += c == '{' || c == '[';
    depth -= c == '}' || c == ']';
    if (c == '"')
      pass_string(in);
    else
      in->at++;
  } while (depth > 0);
  return QDRANT_OK;
}

static qdrant_status read_member(reader *in, script_line *line, qdrant_error *err) {
  char key[32];
  qdrant_status status = read_name(in, key, sizeof key, err);
  if (status != QDRANT_OK)
    return status;
  if (!take(in, ':'))
    return refuse(in, "':'", err);
  if (strcmp(key, "rpc") == 0)
    return read_name(in, line->rpc, sizeof line->rpc, err);
  if (strcmp(key, "request") != 0)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "\"%s\" is none of \"rpc\", \"request\"", key);
  (void)peek(in);
  line->request = in->at;
  status = pass_object(in, err);
  line->n_request = (size_t)(in->at - line->request);
  return status;
}

static qdrant_status read_line(reader *in, script_line *line, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  *line = (script_line){.request = ""};
  if (!take(in, '{'))
    return refuse(in, "'{'", err);
  do
    status = read_member(in, line, err);
  while (status == QDRANT_OK && take(in, ','));
  if (status == QDRANT_OK && !take(in, '}'))
    status = refuse(in, "',' or '}'", err);
  if (status == QDRANT_OK && (peek(in), in->at < in->end))
    status = refuse(in, "the line's end", err);
  return status;
}

static qdrant_status call_line(qd_cli *cli, reader in, qdrant_arena *arena, const char **result) {
  script_line line;
  qdrant_rpc rpc;
  qdrant_status status = read_line(&in, &line, &cli->err);
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
static qdrant_status answer_line(qd_cli *cli, reader in, qdrant_arena *arena, int *is_refused) {
  const char *result;
  *is_refused = call_line(cli, in, arena, &result) != QDRANT_OK;
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

static qdrant_status answer_lines(qd_cli *cli, qd_lines *input, qdrant_arena *arena, script_account *account) {
  const char *text;
  size_t n;
  qdrant_status status;
  for (uint64_t number = 1;; number++) {
    int is_refused;
    status = qd_lines_next(input, QD_MAX_REQUEST_BYTES, &text, &n, &cli->err);
    if (status != QDRANT_OK || !text)
      return status;
    reader in = {.text = text, .at = text, .end = text + n};
    if (!peek(&in) && in.at == in.end)
      continue;
    account->n_lines++;
    status = answer_line(cli, in, arena, &is_refused);
    if (is_refused)
      note_refusal(account, number, &cli->err);
    if (status != QDRANT_OK)
      return status;
  }
}

qdrant_status qd_run_script(qd_cli *cli) {
  qd_lines *input = NULL;
  script_account account = {0};
  qdrant_arena *arena = qdrant_arena_new();
  qdrant_status status = arena ? qd_lines_open(cli->args.script, &input, &cli->err)
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
  qd_lines_close(input);
  qdrant_arena_free(arena);
  return status;
}
