#ifndef QD_JSON_TREE_H
#define QD_JSON_TREE_H

#include "core/arena.h"
#include "qdrant/error.h"

/* JSON as a tree in an arena, for messages: a number costs 16 bytes and no allocation, texts may hold NUL, also in
 * keys, and stay where they are for the messages made of them. */

typedef enum qd_json_kind {
  QD_JSON_NULL,
  QD_JSON_FALSE,
  QD_JSON_TRUE,
  QD_JSON_INT,    /* fits int64_t */
  QD_JSON_UINT,   /* above INT64_MAX */
  QD_JSON_DOUBLE, /* has a point or exponent, or is -0 */
  QD_JSON_TEXT,
  QD_JSON_ARRAY,
  QD_JSON_OBJECT
} qd_json_kind;

typedef struct qd_json_node qd_json_node;
struct qd_json_node {
  qd_json_kind kind;
  uint32_t n; /* bytes of a text, items of an array, members of an object */
  union {
    int64_t integer;
    uint64_t unsigned_integer;
    double real;
    const char *text;          /* ended by NUL */
    const qd_json_node *items; /* of an object: key and value in turn; a key comes once */
  };
};

/* Strict JSON (RFC 8259) of at most 64 levels and 2 GiB, UTF-8 checked. Integers beyond 64 bits (-2^63 to 2^64 - 1) and
 * numbers beyond a double are refused rather than rounded; of equal keys the last value stays, as with the server.
 * INVALID_ARGUMENT says at which byte; NO_MEMORY. */
qdrant_status qd_json_tree_parse(
    const char *text, size_t n_bytes, qd_arena *arena, const qd_json_node **root, qdrant_error *err);

static inline const qd_json_node *qd_json_key(const qd_json_node *object, size_t i) {
  return &object->items[2 * i];
}

static inline const qd_json_node *qd_json_member(const qd_json_node *object, size_t i) {
  return &object->items[2 * i + 1];
}

static inline int qd_json_is_number(const qd_json_node *node) {
  return node->kind == QD_JSON_INT || node->kind == QD_JSON_UINT || node->kind == QD_JSON_DOUBLE;
}

static inline int qd_json_is_unsigned(const qd_json_node *node) {
  return node->kind == QD_JSON_UINT || (node->kind == QD_JSON_INT && node->integer >= 0);
}

/* The value of a number. */
static inline double qd_json_real(const qd_json_node *node) {
  return node->kind == QD_JSON_DOUBLE ? node->real
         : node->kind == QD_JSON_UINT ? (double)node->unsigned_integer
                                      : (double)node->integer;
}

/* "null", "bool", "number" and so on. */
const char *qd_json_kind_name(qd_json_kind kind);

/* The member's value; NULL when the node is no object or has no such key. */
const qd_json_node *qd_json_get(const qd_json_node *node, const char *key);

int qd_json_text_is(const qd_json_node *node, const char *text);

#endif
