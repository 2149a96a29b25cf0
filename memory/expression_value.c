#include "core/error.h"
#include "core/moment.h"
#include "memory/expression.h"
#include "memory/geo.h"

/* What a payload has under a key; the elements of a list are values of their own. */
typedef struct found {
  const Qdrant__Value *first;
  size_t n;
} found;

static int visit_value(void *user, const Qdrant__Value *value) {
  found *of = user;
  if (of->n++ == 0)
    of->first = value;
  return 0;
}

/* The server's name for what an expression needs. */
static const char *name_of(qd_expression_kind kind) {
  switch (kind) {
  case QD_EXPRESSION_DATETIME: return "datetime";
  case QD_EXPRESSION_GEO_DISTANCE: return "geo point";
  default: return "number";
  }
}

static qdrant_status fail_value(
    const qd_expression *expression, const qd_expression_point *point, const char *problem) {
  return qd_fail(point->job->err, QDRANT_INVALID_ARGUMENT,
      "Wrong input: Expected %s value for %s in the payload and/or in the formula defaults. Error: %s",
      name_of(expression->kind), expression->key, problem);
}

/* The functions below answer NULL, or what is wrong with the value. */

static const char *read_number(const Qdrant__Value *value, double *number) {
  if (value->kind_case == QDRANT__VALUE__KIND_DOUBLE_VALUE)
    *number = value->double_value;
  else if (value->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE)
    *number = (double)value->integer_value;
  else
    return "Value is not a number";
  return NULL;
}

static const char *read_datetime(const Qdrant__Value *value, double *seconds) {
  qd_moment at;
  if (value->kind_case != QDRANT__VALUE__KIND_STRING_VALUE)
    return "Value is not a string";
  if (!qd_moment_parse((const char *)value->string_value.data, value->string_value.len, &at))
    return "input contains invalid characters";
  *seconds = (double)(at.seconds * 1000000 + at.nanos / 1000) / 1e6;
  return NULL;
}

static const char *read_value(const qd_expression *expression, const Qdrant__Value *value, double *number) {
  switch (expression->kind) {
  case QD_EXPRESSION_DATETIME: return read_datetime(value, number);
  case QD_EXPRESSION_GEO_DISTANCE:
    return qd_geo_distance(expression->origin, value, number) ? NULL : "Value is not a geo point";
  default: return read_number(value, number);
  }
}

qdrant_status qd_expression_value(const qd_expression *expression, const qd_expression_point *point, double *value) {
  found of = {0};
  qd_path_walk_elements(&expression->path, qd_view_payload(point->view, point->slot), visit_value, &of);
  if (of.n == 0 && expression->fallback != NULL)
    of = (found){expression->fallback, 1};
  if (of.n == 0)
    return fail_value(expression, point, "No value found in a payload nor defaults");
  static const Qdrant__Value several = QDRANT__VALUE__INIT;
  const char *problem = read_value(expression, of.n == 1 ? of.first : &several, value);
  return problem == NULL ? QDRANT_OK : fail_value(expression, point, problem);
}
