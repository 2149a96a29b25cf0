#ifndef QD_WIRE_H
#define QD_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The protobuf wire format. Writers trust that there is room: sizes are computed first. The reader never leaves its
 * bytes and never recurses. */

/* Floats and fixed numbers are copied as they lie in memory. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the wire format is little-endian");

typedef enum qd_wire_type {
  QD_WIRE_VARINT = 0,
  QD_WIRE_FIXED64 = 1,
  QD_WIRE_BYTES = 2,
  QD_WIRE_FIXED32 = 5
} qd_wire_type;

#define QD_WIRE_MAX_NUMBER ((UINT32_C(1) << 29) - 1)
#define QD_WIRE_MAX_MESSAGE_BYTES ((size_t)INT32_MAX)

static inline size_t qd_varint_bytes(uint64_t value) {
  unsigned highest_bit = 63U - (unsigned)__builtin_clzll(value | 1);
  return (highest_bit * 9 + 73) / 64; /* highest_bit / 7 + 1 without a division */
}

static inline uint8_t *qd_put_varint(uint8_t *out, uint64_t value) {
  while (value >= 0x80) {
    *out++ = (uint8_t)(value | 0x80);
    value >>= 7;
  }
  *out++ = (uint8_t)value;
  return out;
}

static inline uint8_t *qd_put_tag(uint8_t *out, uint32_t number, qd_wire_type type) {
  return qd_put_varint(out, number << 3 | (uint32_t)type);
}

static inline uint8_t *qd_put_copy(uint8_t *out, const void *bytes, size_t n_bytes) {
  if (n_bytes > 0) /* bytes may be NULL when there are none */
    memcpy(out, bytes, n_bytes);
  return out + n_bytes;
}

/* Tag and length of a field whose n_bytes of content follow. */
static inline uint8_t *qd_put_head(uint8_t *out, uint32_t number, size_t n_bytes) {
  return qd_put_varint(qd_put_tag(out, number, QD_WIRE_BYTES), n_bytes);
}

static inline uint8_t *qd_put_bytes(uint8_t *out, uint32_t number, const void *bytes, size_t n_bytes) {
  return qd_put_copy(qd_put_head(out, number, n_bytes), bytes, n_bytes);
}

static inline uint8_t *qd_put_varint_field(uint8_t *out, uint32_t number, uint64_t value) {
  return qd_put_varint(qd_put_tag(out, number, QD_WIRE_VARINT), value);
}

static inline uint8_t *qd_put_double_field(uint8_t *out, uint32_t number, double value) {
  return qd_put_copy(qd_put_tag(out, number, QD_WIRE_FIXED64), &value, sizeof value);
}

static inline uint8_t *qd_put_float_field(uint8_t *out, uint32_t number, float value) {
  return qd_put_copy(qd_put_tag(out, number, QD_WIRE_FIXED32), &value, sizeof value);
}

static inline size_t qd_tag_bytes(uint32_t number) {
  return qd_varint_bytes((uint64_t)number << 3);
}

/* A whole field with n_bytes of content: tag, length, content. */
static inline size_t qd_field_bytes(uint32_t number, size_t n_bytes) {
  return qd_tag_bytes(number) + qd_varint_bytes(n_bytes) + n_bytes;
}

static inline size_t qd_varint_field_bytes(uint32_t number, uint64_t value) {
  return qd_tag_bytes(number) + qd_varint_bytes(value);
}

/* Bytes yet to be read. */
typedef struct qd_wire {
  const uint8_t *at;
  const uint8_t *end;
} qd_wire;

typedef struct qd_wire_field {
  uint32_t number;
  uint32_t type;        /* a qd_wire_type */
  uint64_t value;       /* VARINT, FIXED64, FIXED32 */
  const uint8_t *bytes; /* BYTES: the content */
  size_t n_bytes;
} qd_wire_field;

typedef enum qd_wire_step { QD_WIRE_END = 0, QD_WIRE_FIELD = 1, QD_WIRE_BAD = 2 } qd_wire_step;

static inline qd_wire qd_wire_of(const uint8_t *bytes, size_t n_bytes) {
  return (qd_wire){bytes, n_bytes > 0 ? bytes + n_bytes : bytes};
}

/* A number that was read and where it ends: NULL when the bytes end inside it or it is longer than 10 bytes. Given by
 * value, as nothing in the readers below has its address taken: inlined, they keep a qd_wire in registers. */
typedef struct qd_wire_number {
  uint64_t value;
  const uint8_t *end;
} qd_wire_number;

qd_wire_number qd_wire_long_number(const uint8_t *at, const uint8_t *end);

static inline qd_wire_number qd_wire_number_at(const uint8_t *at, const uint8_t *end) {
  return at < end && *at < 0x80 ? (qd_wire_number){*at, at + 1} : qd_wire_long_number(at, end);
}

/* Little-endian, of 4 or 8 bytes. */
static inline qd_wire_number qd_wire_fixed_at(const uint8_t *at, const uint8_t *end, size_t n_bytes) {
  qd_wire_number number = {0, NULL};
  if ((size_t)(end - at) >= n_bytes) {
    memcpy(&number.value, at, n_bytes);
    number.end = at + n_bytes;
  }
  return number;
}

/* Reads the next field whole, so that the caller skips what it does not know by asking for the one after it. Groups are
 * BAD: no message of Qdrant's has one, and skipping them would need a stack. Always inlined: as a call it was most of
 * what reading hits costs. */
__attribute__((always_inline)) static inline qd_wire_step qd_wire_next(qd_wire *wire, qd_wire_field *field) {
  if (wire->at == wire->end)
    return QD_WIRE_END;
  qd_wire_number tag = qd_wire_number_at(wire->at, wire->end);
  if (tag.end == NULL || tag.value >> 3 == 0 || tag.value >> 3 > QD_WIRE_MAX_NUMBER)
    return QD_WIRE_BAD;
  field->number = (uint32_t)(tag.value >> 3);
  field->type = (uint32_t)(tag.value & 7);
  field->bytes = NULL;
  field->n_bytes = 0;
  qd_wire_number number = {0, NULL};
  switch (field->type) {
  case QD_WIRE_VARINT:
  case QD_WIRE_BYTES: number = qd_wire_number_at(tag.end, wire->end); break;
  case QD_WIRE_FIXED64: number = qd_wire_fixed_at(tag.end, wire->end, 8); break;
  case QD_WIRE_FIXED32: number = qd_wire_fixed_at(tag.end, wire->end, 4); break;
  default: break;
  }
  if (number.end == NULL)
    return QD_WIRE_BAD;
  field->value = number.value;
  wire->at = number.end;
  if (field->type == QD_WIRE_BYTES) {
    if (number.value > (uint64_t)(wire->end - number.end))
      return QD_WIRE_BAD;
    field->bytes = number.end;
    field->n_bytes = (size_t)number.value;
    wire->at += field->n_bytes;
  }
  return QD_WIRE_FIELD;
}

#endif
