#include "memory/order_by.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/moment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What the server's calendar holds. */
#define MIN_SECONDS (-INT64_C(8334601228800))
#define MAX_SECONDS INT64_C(8210266876799)

static qd_order_value order_of_moment(const qd_moment *at) {
  return (qd_order_value){.integer = at->seconds * 1000000 + at->nanos / 1000};
}

static qdrant_status read_start(const Qdrant__StartFrom *message, qd_order_by *order, qdrant_error *err) {
  qd_moment at;
  order->has_start = 1;
  switch (message->value_case) {
  case QDRANT__START_FROM__VALUE_INTEGER: order->start = (qd_order_value){.integer = message->integer}; break;
  case QDRANT__START_FROM__VALUE_FLOAT:
    order->start = (qd_order_value){.is_float = 1, .number = message->float_};
    break;
  case QDRANT__START_FROM__VALUE_TIMESTAMP:
    at = (qd_moment){message->timestamp->seconds, message->timestamp->nanos};
    if (at.seconds < MIN_SECONDS || at.seconds > MAX_SECONDS)
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Unable to parse timestamp: %" PRId64 " s", at.seconds);
    order->start = order_of_moment(&at);
    break;
  case QDRANT__START_FROM__VALUE_DATETIME:
    if (!qd_moment_parse(message->datetime, strlen(message->datetime), &at))
      return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Malformed datetime: input contains invalid characters");
    order->start = order_of_moment(&at);
    break;
  default: order->has_start = 0; break;
  }
  return QDRANT_OK;
}

qdrant_status qd_order_by_read(const Qdrant__OrderBy *message, qd_arena *arena, qd_order_by *order, qdrant_error *err) {
  *order = (qd_order_by){
      .key = message->key, .is_descending = message->has_direction && message->direction == QDRANT__DIRECTION__Desc};
  qdrant_status status = QDRANT_OK;
  if (message->start_from != NULL)
    status = read_start(message->start_from, order, err);
  return status == QDRANT_OK ? qd_path_parse(message->key, arena, &order->path, err) : status;
}

/* Exact, although not every integer is a double. */
static int compare_integer_to_number(int64_t integer, double number) {
  if (number >= 0x1p63)
    return -1;
  if (number < -0x1p63)
    return 1;
  int64_t whole = (int64_t)number;
  if (integer != whole)
    return integer < whole ? -1 : 1;
  double rest = number - (double)whole;
  return (rest < 0) - (rest > 0);
}

int qd_order_value_compare(const qd_order_value *a, const qd_order_value *b) {
  if (!a->is_float && !b->is_float)
    return (a->integer > b->integer) - (a->integer < b->integer);
  if (a->is_float && b->is_float)
    return (a->number > b->number) - (a->number < b->number);
  return a->is_float ? -compare_integer_to_number(b->integer, a->number)
                     : compare_integer_to_number(a->integer, b->number);
}

static int compare_ascending(const void *a, const void *b) {
  const qd_ordered_point *x = a;
  const qd_ordered_point *y = b;
  int order = qd_order_value_compare(&x->value, &y->value);
  return order != 0 ? order : qd_id_compare(&x->id, &y->id);
}

static int compare_descending(const void *a, const void *b) {
  return compare_ascending(b, a);
}

/* What was found so far. When twice as many places are there as wanted, the worse half goes: the buffer stays within
 * the limit, and sorting costs no more than a heap would. */
typedef struct collector {
  const qd_order_by *order;
  Qdrant__PayloadSchemaType type;
  size_t limit;
  qd_ordered_point *items; /* owned */
  size_t n;
  size_t capacity;
  int is_cut;             /* items[limit - 1] is the last place that counts */
  qd_ordered_point point; /* whose values are looked at */
} collector;

typedef int (*comparison)(const void *a, const void *b);

static comparison comparison_of(const collector *found) {
  return found->order->is_descending ? compare_descending : compare_ascending;
}

/* Sorts, drops what stands there twice, and keeps no more than the limit. */
static void cut_places(collector *found) {
  comparison compare = comparison_of(found);
  if (found->n > 1)
    qsort(found->items, found->n, sizeof *found->items, compare);
  size_t n_kept = 0;
  for (size_t i = 0; i < found->n && n_kept < found->limit; i++)
    if (n_kept == 0 || compare(&found->items[n_kept - 1], &found->items[i]) != 0)
      found->items[n_kept++] = found->items[i];
  found->n = n_kept;
  found->is_cut = n_kept == found->limit;
}

static int reserve_place(collector *found) {
  enum { FIRST_CAPACITY = 64 };
  if (found->n < found->capacity)
    return 1;
  if (found->n >= 2 * found->limit) {
    cut_places(found);
    return 1;
  }
  size_t capacity = found->capacity > 0 ? 2 * found->capacity : FIRST_CAPACITY;
  qd_ordered_point *items = qd_realloc(found->items, capacity * sizeof *items);
  if (items == NULL)
    return 0;
  found->items = items;
  found->capacity = capacity;
  return 1;
}

static int read_value(Qdrant__PayloadSchemaType type, const Qdrant__Value *value, qd_order_value *read) {
  qd_moment at;
  switch (type) {
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Integer:
    *read = (qd_order_value){.integer = value->integer_value};
    return value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE;
  case QDRANT__PAYLOAD_SCHEMA_TYPE__Float:
    *read = (qd_order_value){.is_float = 1, .number = value->double_value};
    if (value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE)
      read->number = (double)value->integer_value;
    return value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE ||
           value->kind_case == QDRANT__VALUE__KIND_DOUBLE_VALUE;
  default:
    if (value->kind_case != QDRANT__VALUE__KIND_STRING_VALUE ||
        !qd_moment_parse((const char *)value->string_value.data, value->string_value.len, &at))
      return 0;
    *read = order_of_moment(&at);
    return 1;
  }
}

static int is_before_start(const qd_order_by *order, const qd_order_value *value) {
  if (!order->has_start)
    return 0;
  int side = qd_order_value_compare(value, &order->start);
  return order->is_descending ? side > 0 : side < 0;
}

/* Not 0 when out of memory. */
static int add_place(void *user, const Qdrant__Value *value) {
  collector *found = user;
  if (!read_value(found->type, value, &found->point.value) || is_before_start(found->order, &found->point.value))
    return 0;
  if (found->is_cut && comparison_of(found)(&found->point, &found->items[found->limit - 1]) >= 0)
    return 0;
  if (!reserve_place(found))
    return 1;
  found->items[found->n++] = found->point;
  return 0;
}

static int is_ranged(const Qdrant__PayloadSchemaInfo *schema) {
  if (schema->data_type != QDRANT__PAYLOAD_SCHEMA_TYPE__Integer)
    return schema->data_type == QDRANT__PAYLOAD_SCHEMA_TYPE__Float ||
           schema->data_type == QDRANT__PAYLOAD_SCHEMA_TYPE__Datetime;
  const Qdrant__IntegerIndexParams *params = schema->params != NULL ? schema->params->integer_index_params : NULL;
  return params == NULL || !params->has_range || params->range;
}

static qdrant_status find_type(qd_job *job, const qd_reader *reader, const qd_order_by *order, collector *found) {
  const qd_field_index *index;
  qdrant_status status = qd_job_find_index(job, reader->collection, &order->path, &index);
  if (status != QDRANT_OK)
    return status;
  if (index == NULL || !is_ranged(index->schema))
    return qd_fail(job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: No range index for `order_by` key: `%s`. Please create one to use `order_by`. Check "
        "https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas support Range "
        "conditions",
        order->key);
  found->type = index->schema->data_type;
  return QDRANT_OK;
}

static qdrant_status collect_places(qd_job *job, const qd_reader *reader, const qd_filter *filter, collector *found) {
  for (uint32_t slot = 0; slot < reader->view.n_slots; slot++) {
    qdrant_status status = qd_job_check_deadline(job, slot);
    if (status != QDRANT_OK)
      return status;
    if (!qd_view_has(&reader->view, slot) || !qd_view_matches(&reader->view, slot, filter))
      continue;
    found->point.id = *qd_view_id(&reader->view, slot);
    found->point.slot = slot;
    if (qd_path_walk_elements(&found->order->path, qd_view_payload(&reader->view, slot), add_place, found))
      return qd_job_fail_memory(job);
  }
  cut_places(found);
  return QDRANT_OK;
}

static qdrant_status hand_over(qd_job *job, const collector *found, qd_ordered_point **points, size_t *n) {
  *points = qd_arena_alloc(job->arena, (found->n + 1) * sizeof **points);
  if (*points == NULL)
    return qd_job_fail_memory(job);
  if (found->n > 0)
    memcpy(*points, found->items, found->n * sizeof **points);
  *n = found->n;
  return QDRANT_OK;
}

qdrant_status qd_order_by_run(qd_job *job, const qd_reader *reader, const qd_order_by *order, const qd_filter *filter,
    size_t limit, qd_ordered_point **points, size_t *n) {
  collector found = {.order = order, .limit = limit};
  *points = NULL;
  *n = 0;
  qdrant_status status = find_type(job, reader, order, &found);
  if (status == QDRANT_OK && limit > 0)
    status = collect_places(job, reader, filter, &found);
  if (status == QDRANT_OK)
    status = hand_over(job, &found, points, n);
  qd_free(found.items);
  return status;
}

Qdrant__OrderValue *qd_order_value_message(qd_job *job, const qd_order_value *value) {
  Qdrant__OrderValue *message = qd_job_message(job, &qdrant__order_value__descriptor);
  if (message == NULL)
    return NULL;
  if (value->is_float) {
    message->variant_case = QDRANT__ORDER_VALUE__VARIANT_FLOAT;
    message->float_ = value->number;
  } else {
    message->variant_case = QDRANT__ORDER_VALUE__VARIANT_INT;
    message->int_ = value->integer;
  }
  return message;
}

qd_order_value qd_order_value_read(const Qdrant__OrderValue *message) {
  if (message->variant_case == QDRANT__ORDER_VALUE__VARIANT_FLOAT)
    return (qd_order_value){.is_float = 1, .number = message->float_};
  return (qd_order_value){.integer = message->int_};
}
