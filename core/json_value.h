#ifndef QD_JSON_VALUE_H
#define QD_JSON_VALUE_H

#include "core/json_tree.h"
#include "core/text.h"
#include "qdrant/error.h"
#include "qdrant/pb/json_with_int.pb-c.h"

/* The payload value of a parsed JSON value, in arena, where the tree must be too: texts are not copied. Integers that
 * fit int64_t become integer_value, every other number double_value. *value is initialised here. NO_MEMORY. */
qdrant_status qd_json_to_value(const qd_json_node *node, qd_arena *arena, Qdrant__Value *value, qdrant_error *err);

/* The payload value of a JSON text, copied into arena. *value is initialised here. INVALID_ARGUMENT as
 * qd_json_tree_parse. */
qdrant_status qd_json_text_to_value(
    const char *json, size_t n_bytes, qd_arena *arena, Qdrant__Value *value, qdrant_error *err);

/* The JSON of a value; null where it is NULL or its kind is not set. A value nested deeper than messages may be makes
 * text fail. */
void qd_value_write_json(qd_text *text, const Qdrant__Value *value);

#endif
