#ifndef QD_JSON_ENCODE_H
#define QD_JSON_ENCODE_H

#include "core/json_tree.h"

/* JSON as encoded payload values. Written from the end towards the start, so that a length is known when it is its
 * turn: one pass, nothing measured. */
typedef struct qd_back_writer {
  uint8_t *bytes; /* what is written lies in the last n_bytes of capacity */
  size_t capacity;
  size_t n_bytes;
  int has_failed; /* out of memory; sticky */
} qd_back_writer;

/* Begin with a zeroed struct. Reset keeps the memory. */
void qd_back_reset(qd_back_writer *writer);
void qd_back_free(qd_back_writer *writer);

/* The bytes written since the last reset; NULL when there are none. */
const uint8_t *qd_back_bytes(const qd_back_writer *writer);

/* Puts one entry {key = 1, value = 2} of a payload map, as field `number`, before what is written.  */
void qd_json_encode_entry(
    qd_back_writer *writer, uint32_t number, const char *key, size_t key_bytes, const qd_json_node *value);

/* Puts all members of an object, in their order, as entries of field `number`. */
void qd_json_encode_members(qd_back_writer *writer, uint32_t number, const qd_json_node *object);

#endif
