/* call: any RPC, with the JSON of its REST twin. */
#include "cli/call.h"

#include "cli/fail.h"
#include "cli/lines.h"
#include "cli/text.h"
#include "qdrant/call.h"

#include <string.h>

static const char *nearest_rpc(const char *name) {
  const char *nearest = NULL;
  size_t best = 6;
  for (int i = 0; i < QDRANT_N_RPCS; i++) {
    size_t distance = qd_text_distance(name, qdrant_rpc_name((qdrant_rpc)i));
    if (distance < best) {
      best = distance;
      nearest = qdrant_rpc_name((qdrant_rpc)i);
    }
  }
  return nearest;
}

qdrant_status qd_call_find(const char *name, qdrant_rpc *rpc, qdrant_error *err) {
  if (qdrant_rpc_find(name, rpc))
    return QDRANT_OK;
  const char *nearest = nearest_rpc(name);
  qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "%.64s is not an RPC", name);
  qd_cli_suffix(err, nearest ? "; did you mean %s?" : ": they are called as Points/Upsert", nearest);
  return err->status;
}

qdrant_status qd_call_json(qdrant_client *client, qdrant_rpc rpc, const char *json, size_t n_bytes, qdrant_arena *arena,
    const char **result, qdrant_error *err) {
  struct ProtobufCMessage *request = NULL;
  const struct ProtobufCMessage *message = NULL;
  qdrant_reply *reply = NULL;
  qdrant_call_options options = QDRANT_CALL_OPTIONS_INIT;
  options.checks = QDRANT_OFF;
  qdrant_status status = qdrant_message_from_json(rpc, json, n_bytes, arena, &request, err);
  if (status == QDRANT_OK)
    status = qdrant_call(client, rpc, request, &options, &reply, err);
  if (status == QDRANT_OK) {
    message = qdrant_reply_message(reply, err);
    status = message ? qdrant_message_to_json(message, arena, result, NULL, err) : err->status;
  }
  qdrant_reply_free(reply);
  return status;
}

/* The request's text: that of the line, or of the file it names, which *input then keeps. */
static qdrant_status read_request(qd_cli *cli, qd_lines **input, const char **json, size_t *n_bytes) {
  const char *word = cli->args.n_words > 1 ? cli->args.words[1] : "";
  *json = word;
  *n_bytes = strlen(word);
  if (word[0] != '@' && strcmp(word, "-") != 0)
    return QDRANT_OK;
  qdrant_status status = qd_lines_open(word[0] == '@' ? word + 1 : word, input, &cli->err);
  if (status == QDRANT_OK)
    status = qd_lines_rest(*input, QD_MAX_REQUEST_BYTES, json, n_bytes, &cli->err);
  if (status == QDRANT_RESOURCE_EXHAUSTED)
    qd_cli_prefix(&cli->err, "%s: ", qd_lines_name(*input));
  return status;
}

static qdrant_status run_one(qd_cli *cli, qdrant_rpc rpc) {
  qd_lines *input = NULL;
  const char *json, *result;
  size_t n_bytes;
  qdrant_arena *arena = qdrant_arena_new();
  qdrant_status status =
      arena ? read_request(cli, &input, &json, &n_bytes) : qd_cli_fail(&cli->err, QDRANT_NO_MEMORY, "out of memory");
  if (status == QDRANT_OK)
    status = qd_call_json(cli->client, rpc, json, n_bytes, arena, &result, &cli->err);
  if (status == QDRANT_OK)
    puts(result);
  qd_lines_close(input);
  qdrant_arena_free(arena);
  return status;
}

qdrant_status qd_run_call(qd_cli *cli) {
  qdrant_rpc rpc;
  if (cli->args.script && cli->args.n_words > 0)
    return qd_cli_misuse(cli, "--script has the RPCs in its lines: %s is too much", cli->args.words[0]);
  if (cli->args.script)
    return qd_run_script(cli);
  if (cli->args.n_words == 0)
    return qd_cli_misuse(cli, "call needs RPC or --script");
  qdrant_status status = qd_call_find(cli->args.words[0], &rpc, &cli->err);
  cli->is_usage = status != QDRANT_OK;
  return status == QDRANT_OK ? run_one(cli, rpc) : status;
}
