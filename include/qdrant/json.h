#ifndef QDRANT_JSON_H
#define QDRANT_JSON_H

#include "qdrant/build.h"
#include "qdrant/error.h"
#include "qdrant/rpc.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ProtobufCMessage;

/* Messages from and to the JSON of Qdrant's REST API. */

/* The request message of an RPC from JSON: the body of the RPC's REST twin with the URL's parts as top-level keys
 * (`collection_name`, `field_name`, `vector_name`, `snapshot_name`, `wait`, `ordering`, `timeout`, `consistency`).
 * Every spelling that a server takes is read; unknown keys are refused. Items of a batch get the collection's name.
 * Snapshot calls take a `wait` that is true, which they do anyway.
 * json: n_bytes of UTF-8, need not end with NUL; empty means {}. On success *request lies in arena and is of the type
 * that qdrant_call takes for rpc. Errors: INVALID_ARGUMENT names the path of the value and what was expected there;
 * NO_MEMORY. Any thread; an arena serves one thread at a time. */
QDRANT_API qdrant_status qdrant_message_from_json(qdrant_rpc rpc, const char *json, size_t n_bytes, qdrant_arena *arena,
    struct ProtobufCMessage **request, qdrant_error *err);

/* The JSON of a message, on one line, ended by NUL, in arena: of a reply the `result` that the REST API would answer,
 * of a request what qdrant_message_from_json reads, of any other message its REST shape. n_bytes may be NULL. Floats
 * are the shortest decimals that read back the same. Errors: INVALID_ARGUMENT names a value that JSON cannot say;
 * NO_MEMORY.
 */
QDRANT_API qdrant_status qdrant_message_to_json(
    const struct ProtobufCMessage *message, qdrant_arena *arena, const char **json, size_t *n_bytes, qdrant_error *err);

/* The map `payload` of a message that has one (a point, a hit, a request to set payload) from the JSON of an object, in
 * place of what it was. Its entries lie in arena. Errors and threads as above. */
QDRANT_API qdrant_status qdrant_payload_from_json(
    struct ProtobufCMessage *message, const char *json, size_t n_bytes, qdrant_arena *arena, qdrant_error *err);

/* And its JSON, as qdrant_message_to_json writes; {} when it is empty. */
QDRANT_API qdrant_status qdrant_payload_to_json(
    const struct ProtobufCMessage *message, qdrant_arena *arena, const char **json, size_t *n_bytes, qdrant_error *err);

#ifdef __cplusplus
}
#endif
#endif
