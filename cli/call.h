#ifndef QD_CLI_CALL_H
#define QD_CLI_CALL_H

#include "cli/cli.h"
#include "qdrant/json.h"

/* The longest request and the longest line of a script. */
enum { QD_MAX_REQUEST_BYTES = 512 << 20 };

/* The RPC of a name such as "Points/Upsert"; INVALID_ARGUMENT tells the nearest. */
qdrant_status qd_call_find(const char *name, qdrant_rpc *rpc, qdrant_error *err);

/* Makes the call that n_bytes of JSON ask for; *result is the JSON of its reply's result, in arena. The request is sent
 * as it is, so that an error is the server's own. */
qdrant_status qd_call_json(qdrant_client *client, qdrant_rpc rpc, const char *json, size_t n_bytes, qdrant_arena *arena,
    const char **result, qdrant_error *err);

/* Runs a file of lines {"rpc": ..., "request": ...}: one result line each. */
qdrant_status qd_run_script(qd_cli *cli);

#endif
