#include "codec/url_values.h"

#include "codec/member.h"
#include "core/error.h"
#include "qdrant/pb/points.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 24 };

typedef enum kind { NAME, FLAG, NUMBER, ORDERING, CONSISTENCY } kind;

static const struct {
  const char *name;
  const char *field; /* of the request message */
  const char *slot;  /* in a path; NULL: a query parameter */
  kind kind;
  const char *expected;
} keys[QD_N_URL_KEYS] = {
    [QD_URL_COLLECTION_NAME] = {"collection_name", "collection_name", "{collection_name}", NAME,
        "a string without NUL"},
    [QD_URL_FIELD_NAME] = {"field_name", "field_name", "{field_name}", NAME, "a string without NUL"},
    [QD_URL_VECTOR_NAME] = {"vector_name", "vector_name", "{vector_name}", NAME, "a string without NUL"},
    [QD_URL_SNAPSHOT_NAME] = {"snapshot_name", "snapshot_name", "{snapshot_name}", NAME, "a string without NUL"},
    [QD_URL_POINT_ID] = {"id", NULL, "{id}", NAME, "an unsigned integer or a UUID"},
    [QD_URL_WAIT] = {"wait", "wait", NULL, FLAG, "true or false"},
    [QD_URL_ORDERING] = {"ordering", "ordering", NULL, ORDERING, "weak, medium or strong"},
    [QD_URL_TIMEOUT] = {"timeout", "timeout", NULL, NUMBER, "a whole number of seconds"},
    [QD_URL_CONSISTENCY] = {"consistency", "read_consistency", NULL, CONSISTENCY,
        "all, majority, quorum or a whole number"},
};

static const char *const ordering_names[] = {
    [QDRANT__WRITE_ORDERING_TYPE__Weak] = "weak",
    [QDRANT__WRITE_ORDERING_TYPE__Medium] = "medium",
    [QDRANT__WRITE_ORDERING_TYPE__Strong] = "strong",
};

static const char *const consistency_names[] = {
    [QDRANT__READ_CONSISTENCY_TYPE__All] = "all",
    [QDRANT__READ_CONSISTENCY_TYPE__Majority] = "majority",
    [QDRANT__READ_CONSISTENCY_TYPE__Quorum] = "quorum",
};

enum {
  N_ORDERINGS = sizeof ordering_names / sizeof ordering_names[0],
  N_CONSISTENCIES = sizeof consistency_names / sizeof consistency_names[0]
};

const char *qd_url_key_name(qd_url_key key) {
  return keys[key].name;
}

const char *qd_url_key_expected(qd_url_key key) {
  return keys[key].expected;
}

qd_url_key qd_url_key_find(const char *name, size_t n_bytes) {
  qd_url_key key = 0;
  while (key < QD_N_URL_KEYS && !(strlen(keys[key].name) == n_bytes && memcmp(keys[key].name, name, n_bytes) == 0))
    key++;
  return key;
}

static const ProtobufCFieldDescriptor *field_of(qd_url_key key, const qd_rpc *rpc) {
  return protobuf_c_message_descriptor_get_field_by_name(rpc->request, keys[key].field);
}

int qd_url_key_is_of(qd_url_key key, const qd_rpc *rpc) {
  if (keys[key].slot != NULL)
    return strstr(qd_route_row(rpc->id)->path, keys[key].slot) != NULL;
  return field_of(key, rpc) != NULL;
}

qdrant_status qd_url_number_print(uint64_t number, qd_arena *arena, const char **text, qdrant_error *err) {
  char digits[MAX_DIGITS];
  int n = snprintf(digits, sizeof digits, "%" PRIu64, number);
  *text = qd_arena_strndup(arena, digits, (size_t)n);
  return *text != NULL ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "no memory for a number in a URL");
}

int qd_url_number_parse(const char *text, uint64_t *number) {
  if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
    return 0;
  errno = 0;
  *number = strtoull(text, NULL, 10);
  return errno == 0;
}

static qdrant_status take_enum(
    const char *name, int number, const char *const *names, int n_names, const char **text, qdrant_error *err) {
  if (number < 0 || number >= n_names)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: there is no type %d", name, number);
  *text = names[number];
  return QDRANT_OK;
}

static qdrant_status take_consistency(const char *name, const Qdrant__ReadConsistency *consistency, qd_arena *arena,
    const char **text, qdrant_error *err) {
  switch (consistency->value_case) {
  case QDRANT__READ_CONSISTENCY__VALUE_FACTOR: return qd_url_number_print(consistency->factor, arena, text, err);
  case QDRANT__READ_CONSISTENCY__VALUE_TYPE:
    return take_enum(name, (int)consistency->type, consistency_names, N_CONSISTENCIES, text, err);
  default: return qd_fail(err, QDRANT_INVALID_ARGUMENT, "read_consistency has neither type nor factor");
  }
}

static int is_marked(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  return *(const protobuf_c_boolean *)((const char *)message + field->quantifier_offset);
}

static qdrant_status take_value(qd_url_key key, const ProtobufCMessage *request, const ProtobufCFieldDescriptor *field,
    qd_arena *arena, const char **text, qdrant_error *err) {
  const void *member = qd_member(request, field);
  const char *name = keys[key].name;
  switch (keys[key].kind) {
  case NAME: *text = *(char *const *)member; return QDRANT_OK;
  case FLAG:
    if (is_marked(request, field))
      *text = *(const protobuf_c_boolean *)member ? "true" : "false";
    return QDRANT_OK;
  case NUMBER:
    return is_marked(request, field) ? qd_url_number_print(*(const uint64_t *)member, arena, text, err) : QDRANT_OK;
  case ORDERING: {
    const Qdrant__WriteOrdering *ordering = *(Qdrant__WriteOrdering *const *)member;
    return ordering == NULL ? QDRANT_OK : take_enum(name, (int)ordering->type, ordering_names, N_ORDERINGS, text, err);
  }
  case CONSISTENCY: {
    const Qdrant__ReadConsistency *consistency = *(Qdrant__ReadConsistency *const *)member;
    return consistency == NULL ? QDRANT_OK : take_consistency(name, consistency, arena, text, err);
  }
  }
  return QDRANT_OK;
}

qdrant_status qd_url_values_take(
    const qd_rpc *rpc, const ProtobufCMessage *request, qd_arena *arena, qd_url_values *values, qdrant_error *err) {
  *values = (qd_url_values){{NULL}};
  qdrant_status status = QDRANT_OK;
  for (qd_url_key key = 0; key < QD_N_URL_KEYS && status == QDRANT_OK; key++)
    if (qd_url_key_is_of(key, rpc))
      status = take_value(key, request, field_of(key, rpc), arena, &values->texts[key], err);
  return status;
}

qdrant_status qd_url_values_default_timeout(
    const qd_rpc *rpc, uint32_t timeout_s, qd_arena *arena, qd_url_values *values, qdrant_error *err) {
  if (values->texts[QD_URL_TIMEOUT] != NULL || !qd_url_key_is_of(QD_URL_TIMEOUT, rpc))
    return QDRANT_OK;
  return qd_url_number_print(timeout_s, arena, &values->texts[QD_URL_TIMEOUT], err);
}

static int parse_name(const char *text, const char *const *names, int n_names) {
  int i = 0;
  while (i < n_names && strcmp(text, names[i]) != 0)
    i++;
  return i;
}

/* The parsers answer INVALID_ARGUMENT for another text, without words. */
static qdrant_status parse_ordering(const char *text, qd_arena *arena, Qdrant__WriteOrdering **ordering) {
  int type = parse_name(text, ordering_names, N_ORDERINGS);
  if (type == N_ORDERINGS)
    return QDRANT_INVALID_ARGUMENT;
  *ordering = qd_arena_alloc(arena, sizeof **ordering);
  if (*ordering == NULL)
    return QDRANT_NO_MEMORY;
  qdrant__write_ordering__init(*ordering);
  (*ordering)->has_type = 1;
  (*ordering)->type = (Qdrant__WriteOrderingType)type;
  return QDRANT_OK;
}

static qdrant_status parse_consistency(const char *text, qd_arena *arena, Qdrant__ReadConsistency **consistency) {
  uint64_t factor = 0;
  int is_factor = qd_url_number_parse(text, &factor);
  int type = parse_name(text, consistency_names, N_CONSISTENCIES);
  if (!is_factor && type == N_CONSISTENCIES)
    return QDRANT_INVALID_ARGUMENT;
  *consistency = qd_arena_alloc(arena, sizeof **consistency);
  if (*consistency == NULL)
    return QDRANT_NO_MEMORY;
  qdrant__read_consistency__init(*consistency);
  if (is_factor) {
    (*consistency)->value_case = QDRANT__READ_CONSISTENCY__VALUE_FACTOR;
    (*consistency)->factor = factor;
  } else {
    (*consistency)->value_case = QDRANT__READ_CONSISTENCY__VALUE_TYPE;
    (*consistency)->type = (Qdrant__ReadConsistencyType)type;
  }
  return QDRANT_OK;
}

static qdrant_status put_value(qd_url_key key, const char *text, qd_arena *arena, ProtobufCMessage *request,
    const ProtobufCFieldDescriptor *field) {
  void *member = qd_member_to_set(request, field);
  switch (keys[key].kind) {
  case NAME: memcpy(member, &text, sizeof text); return QDRANT_OK;
  case FLAG:
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
      return QDRANT_INVALID_ARGUMENT;
    *(protobuf_c_boolean *)member = text[0] == 't';
    qd_mark_set(request, field);
    return QDRANT_OK;
  case NUMBER:
    if (!qd_url_number_parse(text, member))
      return QDRANT_INVALID_ARGUMENT;
    qd_mark_set(request, field);
    return QDRANT_OK;
  case ORDERING: return parse_ordering(text, arena, member);
  case CONSISTENCY: return parse_consistency(text, arena, member);
  }
  return QDRANT_OK;
}

qdrant_status qd_url_values_put(
    const qd_rpc *rpc, const qd_url_values *values, qd_arena *arena, ProtobufCMessage *request, qdrant_error *err) {
  for (qd_url_key key = 0; key < QD_N_URL_KEYS; key++) {
    const char *text = values->texts[key];
    qdrant_status status = text == NULL || !qd_url_key_is_of(key, rpc)
                               ? QDRANT_OK
                               : put_value(key, text, arena, request, field_of(key, rpc));
    if (status == QDRANT_NO_MEMORY)
      return qd_fail(err, status, "no memory for %s", keys[key].name);
    if (status != QDRANT_OK)
      return qd_fail(err, status, "%s: expected %s, got \"%.100s\"", keys[key].name, keys[key].expected, text);
  }
  return QDRANT_OK;
}

ProtobufCMessage *qd_url_values_strip(const qd_rpc *rpc, const ProtobufCMessage *request, qd_arena *arena) {
  ProtobufCMessage *copy = qd_message_copy(request, arena);
  for (qd_url_key key = 0; copy != NULL && key < QD_N_URL_KEYS; key++)
    if (qd_url_key_is_of(key, rpc))
      qd_mark_absent(copy, field_of(key, rpc));
  return copy;
}
