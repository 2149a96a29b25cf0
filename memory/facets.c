#include "core/alloc.h"
#include "core/error.h"
#include "core/uuid.h"
#include "memory/field_index.h"
#include "memory/job.h"
#include "memory/value_map.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_LIMIT = 10 };

/* How many points have each value of a key. */
typedef struct facet {
  const char *key;
  qd_path path;
  qd_key_kind kind; /* of the values that count */
  const qd_filter *filter;
  size_t limit;
  qd_value_map values;
  struct tally *tallies; /* of each number of `values` */
  size_t capacity;
  uint32_t slot; /* the point that is looked at */
} facet;

typedef struct tally {
  uint64_t n_points;
  uint32_t last_slot; /* a point counts once, however often it has the value */
} tally;

static qdrant_status read_request(qd_job *job, const Qdrant__FacetCounts *request, facet *asked) {
  *asked = (facet){.key = request->key, .limit = request->has_limit ? request->limit : DEFAULT_LIMIT};
  qd_value_map_init(&asked->values);
  qdrant_status status = qd_path_parse(request->key, job->arena, &asked->path, job->err);
  return status == QDRANT_OK ? qd_job_filter(job, request->filter, &asked->filter) : status;
}

/* 0 for an index that does not tell values apart. */
static int read_kind(const Qdrant__PayloadSchemaInfo *schema, qd_key_kind *kind) {
  const Qdrant__IntegerIndexParams *integer;
  switch (schema->data_type) {
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Keyword: *kind = QD_KEY_TEXT; return 1;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Uuid: *kind = QD_KEY_UUID; return 1;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Bool: *kind = QD_KEY_BOOL; return 1;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Integer:
    *kind = QD_KEY_INTEGER;
    integer = schema->params != NULL ? schema->params->integer_index_params : NULL;
    return integer == NULL || !integer->has_lookup || integer->lookup;
  default: return 0;
  }
}

static qdrant_status find_kind(qd_job *job, const qd_reader *reader, facet *asked) {
  const qd_field_index *index;
  qdrant_status status = qd_job_find_index(job, reader->collection, &asked->path, &index);
  if (status != QDRANT_OK || (index != NULL && read_kind(index->schema, &asked->kind)))
    return status;
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
      "Wrong input: No appropriate index for faceting: `%s`. Please create one to facet on this field. Check "
      "https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas support Match "
      "conditions",
      asked->key);
}

static int read_uuid(const ProtobufCBinaryData *text, uint8_t uuid[16]) {
  char copy[64];
  if (text->len >= sizeof copy || memchr(text->data, '\0', text->len) != NULL)
    return 0;
  memcpy(copy, text->data, text->len);
  copy[text->len] = '\0';
  return qd_uuid_parse(copy, uuid);
}

static int read_key(const Qdrant__Value *value, qd_key_kind kind, qd_key *key) {
  *key = (qd_key){.kind = kind};
  switch (value->kind_case) {
  case QDRANT__VALUE__KIND_BOOL_VALUE: key->integer = !!value->bool_value; return kind == QD_KEY_BOOL;
  case QDRANT__VALUE__KIND_INTEGER_VALUE: key->integer = value->integer_value; return kind == QD_KEY_INTEGER;
  case QDRANT__VALUE__KIND_STRING_VALUE:
    key->text = value->string_value.data;
    key->n_bytes = value->string_value.len;
    return kind == QD_KEY_TEXT || (kind == QD_KEY_UUID && read_uuid(&value->string_value, key->uuid));
  default: return 0;
  }
}

static int reserve_tallies(facet *asked) {
  if (asked->capacity >= asked->values.capacity)
    return 1;
  tally *tallies = qd_realloc(asked->tallies, asked->values.capacity * sizeof *tallies);
  if (tallies == NULL)
    return 0;
  asked->tallies = tallies;
  asked->capacity = asked->values.capacity;
  return 1;
}

/* Not 0 when out of memory. */
static int count_value(void *user, const Qdrant__Value *value) {
  facet *asked = user;
  qd_key key;
  if (!read_key(value, asked->kind, &key))
    return 0;
  size_t n_before = asked->values.n;
  size_t at = qd_value_map_add(&asked->values, &key);
  if (at == SIZE_MAX || !reserve_tallies(asked))
    return 1;
  if (at == n_before)
    asked->tallies[at] = (tally){.last_slot = QD_NO_SLOT};
  asked->tallies[at].n_points += asked->tallies[at].last_slot != asked->slot;
  asked->tallies[at].last_slot = asked->slot;
  return 0;
}

static qdrant_status count_values(qd_job *job, const qd_view *view, facet *asked) {
  for (uint32_t slot = 0; slot < view->n_slots; slot++) {
    qdrant_status status = qd_job_check_deadline(job, slot);
    if (status != QDRANT_OK)
      return status;
    if (!qd_view_has(view, slot) || !qd_view_matches(view, slot, asked->filter))
      continue;
    asked->slot = slot;
    if (qd_path_walk_elements(&asked->path, qd_view_payload(view, slot), count_value, asked))
      return qd_job_fail_memory(job);
  }
  return QDRANT_OK;
}

/* A value and its count, for sorting. */
typedef struct ranked {
  const qd_key *key;
  uint64_t n_points;
} ranked;

/* The most frequent first, equally frequent ones in their own order. */
static int compare_ranked(const void *a, const void *b) {
  const ranked *x = a;
  const ranked *y = b;
  if (x->n_points != y->n_points)
    return x->n_points > y->n_points ? -1 : 1;
  return qd_key_compare(x->key, y->key);
}

static int write_text(qd_job *job, const void *bytes, size_t n_bytes, ProtobufCBinaryData *text) {
  text->data = (uint8_t *)qd_arena_strndup(job->arena, bytes, n_bytes);
  text->len = n_bytes;
  return text->data != NULL;
}

static int write_value(qd_job *job, const qd_key *key, Qdrant__FacetValue *value) {
  char uuid[37];
  value->variant_case = QDRANT__FACET_VALUE__VARIANT_STRING_VALUE;
  switch (key->kind) {
  case QD_KEY_TEXT: return write_text(job, key->text, key->n_bytes, &value->string_value);
  case QD_KEY_UUID: qd_uuid_format(key->uuid, uuid); return write_text(job, uuid, strlen(uuid), &value->string_value);
  case QD_KEY_INTEGER:
    value->variant_case = QDRANT__FACET_VALUE__VARIANT_INTEGER_VALUE;
    value->integer_value = key->integer;
    return 1;
  default:
    value->variant_case = QDRANT__FACET_VALUE__VARIANT_BOOL_VALUE;
    value->bool_value = key->integer != 0;
    return 1;
  }
}

static Qdrant__FacetHit *make_hit(qd_job *job, const ranked *value) {
  Qdrant__FacetHit *hit = qd_job_message(job, &qdrant__facet_hit__descriptor);
  if (hit == NULL)
    return NULL;
  hit->has_count = 1;
  hit->count = value->n_points;
  hit->value = qd_job_message(job, &qdrant__facet_value__descriptor);
  return hit->value != NULL && write_value(job, value->key, hit->value) ? hit : NULL;
}

static qdrant_status reply_values(qd_job *job, const facet *asked) {
  Qdrant__FacetResponse *reply = (Qdrant__FacetResponse *)job->reply;
  size_t n = asked->values.n;
  size_t n_hits = asked->limit < n ? asked->limit : n;
  ranked *values = qd_arena_alloc(job->arena, (n + 1) * sizeof *values);
  reply->hits = qd_arena_alloc(job->arena, (n_hits + 1) * sizeof(Qdrant__FacetHit *));
  if (values == NULL || reply->hits == NULL)
    return qd_job_fail_memory(job);
  for (size_t i = 0; i < n; i++)
    values[i] = (ranked){&asked->values.keys[i], asked->tallies[i].n_points};
  qsort(values, n, sizeof *values, compare_ranked);
  for (; reply->n_hits < n_hits; reply->n_hits++) {
    Qdrant__FacetHit *hit = make_hit(job, &values[reply->n_hits]);
    if (hit == NULL)
      return qd_job_fail_memory(job);
    reply->hits[reply->n_hits] = hit;
  }
  return QDRANT_OK;
}

static qdrant_status answer(qd_job *job, const qd_reader *reader, facet *asked) {
  /* A limit of none is answered before the index is looked for. */
  if (asked->limit == 0)
    return QDRANT_OK;
  qdrant_status status = find_kind(job, reader, asked);
  if (status == QDRANT_OK)
    status = count_values(job, &reader->view, asked);
  return status == QDRANT_OK ? reply_values(job, asked) : status;
}

qdrant_status qd_job_points_facet(qd_job *job) {
  const Qdrant__FacetCounts *request = (const Qdrant__FacetCounts *)job->request;
  facet asked;
  qd_reader reader;
  qdrant_status status = read_request(job, request, &asked);
  if (status == QDRANT_OK)
    status = qd_job_read(job, request->collection_name, request->shard_key_selector, &reader);
  if (status != QDRANT_OK)
    return status;
  status = answer(job, &reader, &asked);
  qd_free(asked.tallies);
  qd_value_map_free(&asked.values);
  qd_job_end_read(&reader);
  return status;
}
