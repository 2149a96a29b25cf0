#ifndef QD_CLI_FILTER_H
#define QD_CLI_FILTER_H

#include "qdrant/build.h"

/* Reads a filter in the JSON of Qdrant's REST API: {"must": [], "should": [], "must_not": []} of
 * {"key": K, "match": {"value": V}}, {"key": K, "match": {"any": [..]}}, {"key": K, "match": {"text": T}},
 * {"key": K, "range": {"gt", "gte", "lt", "lte"}}, {"has_id": [..]}, {"is_empty": {"key": K}}, {"is_null": {"key": K}}
 * and filters in turn. The filter is the arena's. INVALID_ARGUMENT says what is not understood. */
qdrant_status qd_filter_parse(qdrant_arena *arena, const char *json, Qdrant__Filter **filter, qdrant_error *err);

#endif
