#ifndef QD_ENVELOPE_H
#define QD_ENVELOPE_H

#include "core/json_tree.h"
#include "core/rpc.h"
#include "core/text.h"
#include "qdrant/error.h"

/* The object {"result", "status", "time", "usage"} around a reply, whose message has time and usage as fields. Not for
 * routes that answer without it. */

/* The reply of an envelope, in arena, where the tree must be too. BAD_REPLY. */
qdrant_status qd_envelope_read(
    const qd_rpc *rpc, const qd_json_node *envelope, qd_arena *arena, ProtobufCMessage **reply, qdrant_error *err);

/* result: what stands there in place of the reply's own; NULL: that. */
qdrant_status qd_envelope_write(
    const qd_rpc *rpc, const ProtobufCMessage *reply, const ProtobufCMessage *result, qd_text *text, qdrant_error *err);

/* The value of `result` alone. */
qdrant_status qd_envelope_write_result(
    const qd_rpc *rpc, const ProtobufCMessage *reply, qd_text *text, qdrant_error *err);

#endif
