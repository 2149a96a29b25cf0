#ifndef QDRANT_BUILD_H
#define QDRANT_BUILD_H

#include "qdrant/columns.h"
#include "qdrant/error.h"
#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Building messages. An arena owns what is made in it and frees it in one call; a message made on it may point to
 * memory of yours that lives longer. Not thread-safe. Functions that return a pointer give NULL when out of memory;
 * those that build a message on the way check nothing else: the call does, and the server. A builder that gets NULL for
 * a message it needs gives NULL, so that one check at the end is enough. */
typedef struct qdrant_arena qdrant_arena;

/* Sets an optional field of a message: both the value and its has_ flag. */
#define QDRANT_SET(message, field, value) ((message)->has_##field = 1, (message)->field = (value))

/* An empty arena, the caller's to free; NULL when out of memory. Freeing NULL is fine. */
QDRANT_API qdrant_arena *qdrant_arena_new(void);
/* Forgets all that was made; keeps memory for the next round. */
QDRANT_API void qdrant_arena_reset(qdrant_arena *arena);
QDRANT_API void qdrant_arena_free(qdrant_arena *arena);

/* n_bytes of zeroed memory, aligned for anything. */
QDRANT_API void *qdrant_arena_alloc(qdrant_arena *arena, size_t n_bytes);
/* A copy of text; NULL for NULL. */
QDRANT_API char *qdrant_arena_strdup(qdrant_arena *arena, const char *text);

/* An empty message of any generated type, fields at their defaults; QDRANT_NEW(arena, points_selector) spells it
 * shorter. */
QDRANT_API void *qdrant_message_new(qdrant_arena *arena, const ProtobufCMessageDescriptor *type);
#define QDRANT_NEW(arena, type) qdrant_message_new((arena), &qdrant__##type##__descriptor)

/* Appends item to a repeated field of messages: QDRANT_APPEND(arena, filter, must, condition). The array grows in the
 * arena; one of the caller's own is copied there first. 1, or 0 when out of memory or item is NULL. */
QDRANT_API int qdrant_list_append(qdrant_arena *arena, void *list, size_t *n, void *item);
#define QDRANT_APPEND(arena, message, field, item)                                                                     \
  qdrant_list_append((arena), &(message)->field, &(message)->n_##field, (item))

/* Ids. uuid text may be hyphenated, bare, in braces or with urn:uuid: before it. */
QDRANT_API Qdrant__PointId *qdrant_point_id_num(qdrant_arena *arena, uint64_t num);
QDRANT_API Qdrant__PointId *qdrant_point_id_uuid(qdrant_arena *arena, const char *text);
QDRANT_API Qdrant__PointId *qdrant_point_id_message(qdrant_arena *arena, const qdrant_point_id *id);

/* Reads the text of a UUID in any of the four forms: 1, or 0 when it is none. */
QDRANT_API int qdrant_uuid_parse(const char *text, qdrant_uuid *uuid);
/* Writes 36 characters and NUL. */
QDRANT_API void qdrant_uuid_format(const qdrant_uuid *uuid, char text[37]);

/* Values of a payload. Text is copied. */
QDRANT_API Qdrant__Value *qdrant_value_text(qdrant_arena *arena, const char *text, size_t n_bytes);
QDRANT_API Qdrant__Value *qdrant_value_integer(qdrant_arena *arena, int64_t value);
QDRANT_API Qdrant__Value *qdrant_value_double(qdrant_arena *arena, double value);
QDRANT_API Qdrant__Value *qdrant_value_bool(qdrant_arena *arena, int value);
/* Any JSON value. INVALID_ARGUMENT says where the text is wrong. */
QDRANT_API qdrant_status qdrant_value_from_json(
    qdrant_arena *arena, const char *json, size_t n_bytes, Qdrant__Value **value, qdrant_error *err);
/* The JSON text of a value, ended by NUL, in the arena; doubles always with a point or exponent. */
QDRANT_API qdrant_status qdrant_value_to_json(
    qdrant_arena *arena, const Qdrant__Value *value, const char **json, size_t *n_bytes, qdrant_error *err);

/* Points. vector floats are borrowed, not copied. */
QDRANT_API Qdrant__Vectors *qdrant_vectors_dense(qdrant_arena *arena, const float *values, size_t n);
QDRANT_API Qdrant__Vectors *qdrant_vectors_named(qdrant_arena *arena);
/* Adds a vector under a name to vectors made by qdrant_vectors_named. 1, or 0 when out of memory or a pointer needed is
 * NULL. */
QDRANT_API int qdrant_vectors_add(
    qdrant_arena *arena, Qdrant__Vectors *vectors, const char *name, Qdrant__Vector *vector);
QDRANT_API Qdrant__Vector *qdrant_vector_dense(qdrant_arena *arena, const float *values, size_t n);
QDRANT_API Qdrant__Vector *qdrant_vector_sparse(
    qdrant_arena *arena, const uint32_t *indices, const float *values, size_t n);
QDRANT_API Qdrant__Vector *qdrant_vector_multi(qdrant_arena *arena, const float *rows, size_t n_rows, size_t dim);
QDRANT_API Qdrant__PointStruct *qdrant_point(qdrant_arena *arena, Qdrant__PointId *id, Qdrant__Vectors *vectors);
/* Adds one key to a point's payload. */
QDRANT_API int qdrant_point_payload_add(
    qdrant_arena *arena, Qdrant__PointStruct *point, const char *key, Qdrant__Value *value);
/* Sets a point's payload from the text of a JSON object. */
QDRANT_API qdrant_status qdrant_point_payload_json(
    qdrant_arena *arena, Qdrant__PointStruct *point, const char *json, size_t n_bytes, qdrant_error *err);

/* Queries: nearest to a vector or to a stored point, for QueryPoints.query. */
QDRANT_API Qdrant__Query *qdrant_query_dense(qdrant_arena *arena, const float *values, size_t n);
QDRANT_API Qdrant__Query *qdrant_query_sparse(
    qdrant_arena *arena, const uint32_t *indices, const float *values, size_t n);
QDRANT_API Qdrant__Query *qdrant_query_id(qdrant_arena *arena, Qdrant__PointId *id);

/* Conditions of a filter: QDRANT_APPEND(arena, filter, must, qdrant_match_keyword(arena, "city", "Berlin")). */
QDRANT_API Qdrant__Condition *qdrant_match_keyword(qdrant_arena *arena, const char *key, const char *value);
QDRANT_API Qdrant__Condition *qdrant_match_integer(qdrant_arena *arena, const char *key, int64_t value);
QDRANT_API Qdrant__Condition *qdrant_match_bool(qdrant_arena *arena, const char *key, int value);
QDRANT_API Qdrant__Condition *qdrant_match_any_keyword(
    qdrant_arena *arena, const char *key, const char *const *values, size_t n);
QDRANT_API Qdrant__Condition *qdrant_match_any_integer(
    qdrant_arena *arena, const char *key, const int64_t *values, size_t n);
QDRANT_API Qdrant__Condition *qdrant_match_text(qdrant_arena *arena, const char *key, const char *text);
/* Bounds that are NULL are open. */
QDRANT_API Qdrant__Condition *qdrant_range(
    qdrant_arena *arena, const char *key, const double *gt, const double *gte, const double *lt, const double *lte);
QDRANT_API Qdrant__Condition *qdrant_has_id(qdrant_arena *arena, const qdrant_point_id *ids, size_t n);
QDRANT_API Qdrant__Condition *qdrant_is_empty(qdrant_arena *arena, const char *key);
QDRANT_API Qdrant__Condition *qdrant_is_null(qdrant_arena *arena, const char *key);
/* A filter as one condition of another. */
QDRANT_API Qdrant__Condition *qdrant_nested_filter(qdrant_arena *arena, Qdrant__Filter *filter);

/* Which points an operation means. */
QDRANT_API Qdrant__PointsSelector *qdrant_select_ids(qdrant_arena *arena, const qdrant_point_id *ids, size_t n);
QDRANT_API Qdrant__PointsSelector *qdrant_select_filter(qdrant_arena *arena, Qdrant__Filter *filter);

/* A collection with one unnamed dense vector: request of qdrant_collections_create, to be widened as needed. */
QDRANT_API Qdrant__CreateCollection *qdrant_create_dense(
    qdrant_arena *arena, const char *collection, uint64_t dim, Qdrant__Distance distance);

#ifdef __cplusplus
}
#endif
#endif
