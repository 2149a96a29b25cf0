#include "core/error.h"
#include "core/moment.h"
#include "memory/expression.h"
#include "memory/formula.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Where reading stands: the formula's defaults, and for what the rest of the job is needed. */
typedef struct reader {
  qd_job *job;
  const Qdrant__Formula *message;
} reader;

static double negate(double x) {
  return -x;
}

static const qd_expression_function functions[] = {
    {QDRANT__EXPRESSION__VARIANT_NEG, negate, "-", ""},
    {QDRANT__EXPRESSION__VARIANT_ABS, fabs, "abs(", ")"},
    {QDRANT__EXPRESSION__VARIANT_SQRT, sqrt, "√", ""},
    {QDRANT__EXPRESSION__VARIANT_EXP, exp, "exp(", ")"},
    {QDRANT__EXPRESSION__VARIANT_LOG10, log10, "log10(", ")"},
    {QDRANT__EXPRESSION__VARIANT_LN, log, "ln(", ")"},
    {QDRANT__EXPRESSION__VARIANT_ACOSH, acosh, "acosh(", ")"},
};

static qdrant_status read_expression(const reader *from, const Qdrant__Expression *message, qd_expression *expression);

static qdrant_status fail_missing(const reader *from, const char *field) {
  return qd_fail(from->job->err, QDRANT_INVALID_ARGUMENT, "missing field: %s", field);
}

static qdrant_status fail_parse(const reader *from, const char *what, const char *text, const char *problem) {
  return qd_fail(from->job->err, QDRANT_INVALID_ARGUMENT, "Wrong input: Validation failed: failed to parse %s %s: %s",
      what, text, problem);
}

static qdrant_status fail_variable(const reader *from, const char *text, const char *problem) {
  char why[160];
  snprintf(why, sizeof why, "%s: %s", problem, text);
  return fail_parse(from, "variable ID", text, why);
}

/* Reads n operands; a NULL message ends in an error that names it. */
static qdrant_status read_operands(const reader *from, Qdrant__Expression *const *messages, const char *const *names,
    size_t n, qd_expression *expression) {
  expression->operands = qd_arena_alloc(from->job->arena, (n + 1) * sizeof *expression->operands);
  if (expression->operands == NULL)
    return qd_job_fail_memory(from->job);
  for (; expression->n_operands < n; expression->n_operands++) {
    size_t at = expression->n_operands;
    if (messages[at] == NULL)
      return fail_missing(from, names != NULL ? names[at] : "expression");
    qdrant_status status = read_expression(from, messages[at], &expression->operands[at]);
    if (status != QDRANT_OK)
      return status;
  }
  return QDRANT_OK;
}

/* "$score" is the first prefetch's, "$score[2]" the third's. */
static qdrant_status read_score_name(const reader *from, const char *text, size_t *prefetch) {
  qd_path path;
  qdrant_error ignored = {0};
  qdrant_status status = qd_path_parse(text + 1, from->job->arena, &path, &ignored);
  if (status == QDRANT_NO_MEMORY)
    return qd_job_fail_memory(from->job);
  if (status != QDRANT_OK)
    return fail_variable(from, text, "Invalid reserved variable");
  if (path.items[0].n_bytes != 5 || memcmp(path.items[0].key, "score", 5) != 0)
    return fail_variable(from, text, "Invalid reserved word");
  if (path.n_items > 2 || (path.n_items == 2 && path.items[1].kind != QD_PATH_INDEX))
    return fail_variable(from, text, "Invalid reserved variable");
  *prefetch = path.n_items == 2 ? (size_t)path.items[1].index : 0;
  return QDRANT_OK;
}

static qdrant_status parse_key(const reader *from, const char *text, qd_path *path) {
  qdrant_error ignored = {0};
  qdrant_status status = qd_path_parse(text, from->job->arena, path, &ignored);
  if (status == QDRANT_NO_MEMORY)
    return qd_job_fail_memory(from->job);
  return status == QDRANT_OK ? QDRANT_OK : fail_variable(from, text, "Invalid payload variable");
}

static const char *default_key(const reader *from, size_t at) {
  const ProtobufCBinaryData *key = &from->message->defaults[at]->key;
  return qd_arena_strndup(from->job->arena, key->len > 0 ? (const char *)key->data : "", key->len);
}

/* Finds the default that stands for what the expression names: a score or a key of the payload. */
static qdrant_status find_default(const reader *from, qd_expression *expression) {
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; i < from->message->n_defaults && status == QDRANT_OK; i++) {
    const char *key = default_key(from, i);
    if (key == NULL)
      return qd_job_fail_memory(from->job);
    int is_same = 0;
    size_t prefetch = 0;
    qd_path path;
    if (key[0] == '$') {
      status = read_score_name(from, key, &prefetch);
      is_same = status == QDRANT_OK && expression->kind == QD_EXPRESSION_SCORE && prefetch == expression->prefetch;
    } else {
      status = parse_key(from, key, &path);
      is_same =
          status == QDRANT_OK && expression->kind != QD_EXPRESSION_SCORE && qd_path_equals(&path, &expression->path);
    }
    if (is_same)
      expression->fallback = from->message->defaults[i]->value;
  }
  return status;
}

static qdrant_status read_key(
    const reader *from, qd_expression_kind kind, const char *text, qd_expression *expression) {
  expression->kind = kind;
  expression->key = text;
  qdrant_status status = parse_key(from, text, &expression->path);
  return status == QDRANT_OK ? find_default(from, expression) : status;
}

static qdrant_status read_variable(const reader *from, const char *text, qd_expression *expression) {
  if (text[0] != '$')
    return read_key(from, QD_EXPRESSION_NUMBER, text, expression);
  expression->kind = QD_EXPRESSION_SCORE;
  qdrant_status status = read_score_name(from, text, &expression->prefetch);
  return status == QDRANT_OK ? find_default(from, expression) : status;
}

static qdrant_status read_condition(const reader *from, Qdrant__Condition *message, qd_expression *expression) {
  if (message->condition_one_of_case == QDRANT__CONDITION__CONDITION_ONE_OF__NOT_SET)
    return fail_missing(from, "condition");
  Qdrant__Filter *filter = qd_job_message(from->job, &qdrant__filter__descriptor);
  Qdrant__Condition **list = qd_arena_alloc(from->job->arena, sizeof(Qdrant__Condition *));
  if (filter == NULL || list == NULL)
    return qd_job_fail_memory(from->job);
  list[0] = message;
  filter->n_must = 1;
  filter->must = list;
  expression->kind = QD_EXPRESSION_CONDITION;
  return qd_job_filter(from->job, filter, &expression->condition);
}

static qdrant_status read_geo_distance(
    const reader *from, const Qdrant__GeoDistance *message, qd_expression *expression) {
  if (message->origin == NULL)
    return fail_missing(from, "origin");
  expression->origin = message->origin;
  return read_key(from, QD_EXPRESSION_GEO_DISTANCE, message->to, expression);
}

static qdrant_status read_datetime(const reader *from, const char *text, qd_expression *expression) {
  qd_moment at;
  if (!qd_moment_parse(text, strlen(text), &at))
    return fail_parse(from, "date-time", text, "input contains invalid characters");
  expression->kind = QD_EXPRESSION_CONSTANT;
  expression->number = (double)at.seconds + (double)(at.nanos / 1000) / 1e6;
  return QDRANT_OK;
}

static qdrant_status read_list(const reader *from, qd_expression_kind kind, Qdrant__Expression *const *messages,
    size_t n, qd_expression *expression) {
  expression->kind = kind;
  if (n == 0 && (kind == QD_EXPRESSION_MAX || kind == QD_EXPRESSION_MIN))
    return qd_fail(from->job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Validation failed: `%s` needs at least one operand", kind == QD_EXPRESSION_MAX ? "max" : "min");
  return read_operands(from, messages, NULL, n, expression);
}

static qdrant_status read_div(const reader *from, const Qdrant__DivExpression *message, qd_expression *expression) {
  Qdrant__Expression *const operands[] = {message->left, message->right};
  static const char *const names[] = {"left", "right"};
  expression->kind = QD_EXPRESSION_DIV;
  expression->has_number = message->has_by_zero_default;
  expression->number = (double)message->by_zero_default;
  return read_operands(from, operands, names, 2, expression);
}

static qdrant_status read_pow(const reader *from, const Qdrant__PowExpression *message, qd_expression *expression) {
  Qdrant__Expression *const operands[] = {message->base, message->exponent};
  static const char *const names[] = {"base", "exponent"};
  expression->kind = QD_EXPRESSION_POW;
  return read_operands(from, operands, names, 2, expression);
}

/* Lambda is the steepness at which the decay is `midpoint` at the distance `scale` from the target. */
static qdrant_status set_lambda(const reader *from, double midpoint, double scale, qd_expression *expression) {
  int is_linear = expression->kind == QD_EXPRESSION_LIN_DECAY;
  if (is_linear && !(midpoint >= 0 && midpoint <= 1))
    return qd_fail(from->job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Validation failed: Linear decay midpoint should be in the range [0.0, 1.0], got %.9g.", midpoint);
  if (!is_linear && (midpoint <= 0 || midpoint >= 1))
    return qd_fail(from->job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Validation failed: Decay midpoint should be in the range (0.0, 1.0), got %.9g.", midpoint);
  if (scale <= 0)
    return qd_fail(from->job->err, QDRANT_INVALID_ARGUMENT,
        "Wrong input: Validation failed: Decay scale should be non-zero positive, got %.9g.", scale);
  if (is_linear)
    expression->number = (1.0 - midpoint) / scale;
  else
    expression->number = log(midpoint) / (expression->kind == QD_EXPRESSION_GAUSS_DECAY ? scale * scale : scale);
  return QDRANT_OK;
}

static qdrant_status read_decay(const reader *from, qd_expression_kind kind,
    const Qdrant__DecayParamsExpression *message, qd_expression *expression) {
  Qdrant__Expression *const operands[] = {message->x, message->target};
  static const char *const names[] = {"x", "target"};
  expression->kind = kind;
  qdrant_status status = read_operands(from, operands, names, message->target != NULL ? 2 : 1, expression);
  if (status != QDRANT_OK)
    return status;
  return set_lambda(from, message->has_midpoint ? (double)message->midpoint : 0.5,
      message->has_scale ? (double)message->scale : 1.0, expression);
}

/* The argument of each function stands in the same place of the union. */
static qdrant_status read_function(const reader *from, const Qdrant__Expression *message, qd_expression *expression) {
  Qdrant__Expression *const operand[] = {message->neg};
  static const char *const names[] = {"variant"};
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
    if (functions[i].variant == message->variant_case) {
      expression->kind = QD_EXPRESSION_FUNCTION;
      expression->function = &functions[i];
      return read_operands(from, operand, names, 1, expression);
    }
  return fail_missing(from, "variant");
}

static qdrant_status read_expression(const reader *from, const Qdrant__Expression *message, qd_expression *expression) {
  *expression = (qd_expression){.kind = QD_EXPRESSION_CONSTANT};
  switch (message->variant_case) {
  case QDRANT__EXPRESSION__VARIANT_CONSTANT: expression->number = (double)message->constant; return QDRANT_OK;
  case QDRANT__EXPRESSION__VARIANT_VARIABLE: return read_variable(from, message->variable, expression);
  case QDRANT__EXPRESSION__VARIANT_CONDITION: return read_condition(from, message->condition, expression);
  case QDRANT__EXPRESSION__VARIANT_GEO_DISTANCE: return read_geo_distance(from, message->geo_distance, expression);
  case QDRANT__EXPRESSION__VARIANT_DATETIME: return read_datetime(from, message->datetime, expression);
  case QDRANT__EXPRESSION__VARIANT_DATETIME_KEY:
    return read_key(from, QD_EXPRESSION_DATETIME, message->datetime_key, expression);
  case QDRANT__EXPRESSION__VARIANT_MULT:
    return read_list(from, QD_EXPRESSION_MULT, message->mult->mult, message->mult->n_mult, expression);
  case QDRANT__EXPRESSION__VARIANT_SUM:
    return read_list(from, QD_EXPRESSION_SUM, message->sum->sum, message->sum->n_sum, expression);
  case QDRANT__EXPRESSION__VARIANT_MAX:
    return read_list(from, QD_EXPRESSION_MAX, message->max->max, message->max->n_max, expression);
  case QDRANT__EXPRESSION__VARIANT_MIN:
    return read_list(from, QD_EXPRESSION_MIN, message->min->min, message->min->n_min, expression);
  case QDRANT__EXPRESSION__VARIANT_DIV: return read_div(from, message->div, expression);
  case QDRANT__EXPRESSION__VARIANT_POW: return read_pow(from, message->pow, expression);
  case QDRANT__EXPRESSION__VARIANT_EXP_DECAY:
    return read_decay(from, QD_EXPRESSION_EXP_DECAY, message->exp_decay, expression);
  case QDRANT__EXPRESSION__VARIANT_GAUSS_DECAY:
    return read_decay(from, QD_EXPRESSION_GAUSS_DECAY, message->gauss_decay, expression);
  case QDRANT__EXPRESSION__VARIANT_LIN_DECAY:
    return read_decay(from, QD_EXPRESSION_LIN_DECAY, message->lin_decay, expression);
  default: return read_function(from, message, expression);
  }
}

qdrant_status qd_formula_read(qd_job *job, const Qdrant__Formula *message, qd_formula **formula) {
  reader from = {job, message};
  *formula = qd_arena_alloc(job->arena, sizeof **formula);
  if (*formula == NULL)
    return qd_job_fail_memory(job);
  if (message->expression == NULL)
    return fail_missing(&from, "expression");
  return read_expression(&from, message->expression, &(*formula)->root);
}
