#include "client/newer.h"

#include "core/message_check.h"
#include "core/rpc.h"

#include <pthread.h>
#include <string.h>

/* A type of messages below some request: whether a field that is newer may be found in it or below. */
typedef struct reached_type {
  const ProtobufCMessageDescriptor *type;
  int has_rows;
  int may_hold;
} reached_type;

/* Sorted by address; made once, then only read. Types that find no room are always looked at. */
enum { MAX_TYPES = 512 };
static reached_type types[MAX_TYPES];
static size_t n_types;
static pthread_once_t made = PTHREAD_ONCE_INIT;

static size_t find_place(const ProtobufCMessageDescriptor *type) {
  size_t from = 0, to = n_types;
  while (from < to) {
    size_t middle = from + (to - from) / 2;
    if ((uintptr_t)types[middle].type < (uintptr_t)type)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

static reached_type *find_type(const ProtobufCMessageDescriptor *type) {
  size_t place = find_place(type);
  return place < n_types && types[place].type == type ? &types[place] : NULL;
}

static int has_rows(const ProtobufCMessageDescriptor *type) {
  for (size_t i = 0; i < qd_n_since_rows; i++)
    if (qd_since_rows[i].type == type)
      return 1;
  return 0;
}

static void add_type(const ProtobufCMessageDescriptor *type) {
  if (find_type(type) != NULL || n_types == MAX_TYPES)
    return;
  size_t place = find_place(type);
  memmove(&types[place + 1], &types[place], (n_types - place) * sizeof *types);
  int is_row = has_rows(type);
  types[place] = (reached_type){type, is_row, is_row};
  n_types++;
  for (unsigned i = 0; i < type->n_fields; i++)
    if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
      add_type(type->fields[i].descriptor);
}

static int may_hold(const ProtobufCMessageDescriptor *type) {
  const reached_type *found = find_type(type);
  return found == NULL || found->may_hold;
}

static int has_part_that_may(const ProtobufCMessageDescriptor *type) {
  for (unsigned i = 0; i < type->n_fields; i++)
    if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE && may_hold(type->fields[i].descriptor))
      return 1;
  return 0;
}

/* Types refer to each other in circles, so what may hold a field spreads until nothing changes. */
static void make_types(void) {
  int has_changed = 1;
  for (int rpc = 0; rpc < QDRANT_N_RPCS; rpc++)
    add_type(qd_rpc_row((qdrant_rpc)rpc)->request);
  while (has_changed) {
    has_changed = 0;
    for (size_t i = 0; i < n_types; i++) {
      if (!types[i].may_hold && has_part_that_may(types[i].type))
        types[i].may_hold = has_changed = 1;
    }
  }
}

/* What is done with each field of a message that has a row. */
typedef struct walk {
  void (*meet)(struct walk *walk, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t row);
  qd_newer_set *found;
  uint32_t version;
  unsigned depth;
} walk;

static void meet_rows(walk *under_way, ProtobufCMessage *message) {
  for (size_t i = 0; i < qd_n_since_rows; i++) {
    if (qd_since_rows[i].type != message->descriptor)
      continue;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, qd_since_rows[i].field);
    if (qd_field_is_set(message, field))
      under_way->meet(under_way, message, field, i);
  }
}

static void walk_message(walk *under_way, ProtobufCMessage *message);

static void walk_field(walk *under_way, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  char *member = (char *)message + field->offset;
  if (field->label != PROTOBUF_C_LABEL_REPEATED) {
    walk_message(under_way, *(ProtobufCMessage **)(void *)member);
    return;
  }
  size_t n = *(size_t *)(void *)((char *)message + field->quantifier_offset);
  ProtobufCMessage **items = *(ProtobufCMessage ***)(void *)member;
  for (size_t i = 0; i < n; i++)
    walk_message(under_way, items[i]);
}

/* Not deeper than what will be sent at all: the message may not have been checked yet. */
static void walk_message(walk *under_way, ProtobufCMessage *message) {
  if (message == NULL || under_way->depth > QD_MAX_NESTING)
    return;
  const ProtobufCMessageDescriptor *type = message->descriptor;
  const reached_type *known = find_type(type);
  if (known == NULL || known->has_rows)
    meet_rows(under_way, message);
  for (unsigned i = 0; i < type->n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &type->fields[i];
    if (field->type != PROTOBUF_C_TYPE_MESSAGE || !may_hold(field->descriptor) || !qd_field_is_set(message, field))
      continue;
    under_way->depth++;
    walk_field(under_way, message, field);
    under_way->depth--;
  }
}

static void add_row(qd_newer_set *set, size_t row) {
  set->bits[row / 64] |= UINT64_C(1) << row % 64;
}

static void note(walk *under_way, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t row) {
  (void)message, (void)field;
  add_row(under_way->found, row);
}

void qd_newer_find(const ProtobufCMessage *message, qd_newer_set *found) {
  walk under_way = {.meet = note, .found = found};
  pthread_once(&made, make_types);
  walk_message(&under_way, (ProtobufCMessage *)message); /* noting changes nothing */
}

void qd_newer_add(const ProtobufCMessageDescriptor *type, const char *field, qd_newer_set *found) {
  for (size_t i = 0; i < qd_n_since_rows; i++)
    if (qd_since_rows[i].type == type && strcmp(qd_since_rows[i].field, field) == 0)
      add_row(found, i);
}

void qd_newer_join(qd_newer_set *set, const qd_newer_set *other) {
  for (size_t i = 0; i < QD_NEWER_WORDS; i++)
    set->bits[i] |= other->bits[i];
}

int qd_newer_is_empty(const qd_newer_set *set) {
  uint64_t all = 0;
  for (size_t i = 0; i < QD_NEWER_WORDS; i++)
    all |= set->bits[i];
  return all == 0;
}

const qd_since *qd_newer_first(const qd_newer_set *set, uint32_t version, unsigned rules) {
  for (size_t i = 0; i < qd_n_since_rows; i++) {
    const qd_since *row = &qd_since_rows[i];
    int is_in = (set->bits[i / 64] >> i % 64 & 1) != 0;
    if (is_in && row->version > version && (rules & 1u << row->rule) != 0)
      return row;
  }
  return NULL;
}

/* Nothing is freed: all of it is the arena's. */
static void take_out(walk *under_way, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t row) {
  static const size_t none;
  static const protobuf_c_boolean absent;
  char *begin = (char *)message;
  if (qd_since_rows[row].rule != QD_SINCE_HINT || qd_since_rows[row].version <= under_way->version)
    return;
  if (field->label == PROTOBUF_C_LABEL_REPEATED)
    memcpy(begin + field->quantifier_offset, &none, sizeof none);
  else if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
    memset(begin + field->quantifier_offset, 0, sizeof(uint32_t));
  else if (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING)
    memset(begin + field->offset, 0, sizeof(void *));
  else
    memcpy(begin + field->quantifier_offset, &absent, sizeof absent);
}

void qd_newer_strip(ProtobufCMessage *message, uint32_t version) {
  walk under_way = {.meet = take_out, .version = version};
  pthread_once(&made, make_types);
  walk_message(&under_way, message);
}
