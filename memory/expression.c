#include "memory/expression.h"

#include "core/error.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_BYTES = 352 };

/* As the server prints a double: the shortest digits that read back, never with an exponent. */
static void number_text(double value, char text[NUMBER_BYTES]) {
  if (!isfinite(value)) {
    snprintf(text, NUMBER_BYTES, "%s", isnan(value) ? "NaN" : value < 0 ? "-inf" : "inf");
    return;
  }
  for (int precision = 0; precision < 330; precision++) {
    snprintf(text, NUMBER_BYTES, "%.*f", precision, value);
    if (strtod(text, NULL) == value)
      return;
  }
}

qdrant_status qd_expression_fail(qd_job *job, double result, const char *format, ...) {
  char expression[128];
  char text[NUMBER_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(expression, sizeof expression, format, arguments);
  va_end(arguments);
  number_text(result, text);
  return qd_fail(job->err, QDRANT_INVALID_ARGUMENT, "Wrong input: The expression %s = %s produced a non-finite number",
      expression, text);
}

static double score_of(const qd_expression *expression, const qd_expression_point *point) {
  const Qdrant__Value *fallback = expression->fallback;
  if (expression->prefetch < point->n_scores && point->scores[expression->prefetch] != NULL)
    return (double)*point->scores[expression->prefetch];
  if (fallback != NULL && fallback->kind_case == QDRANT__VALUE__KIND_DOUBLE_VALUE)
    return fallback->double_value;
  return fallback != NULL && fallback->kind_case == QDRANT__VALUE__KIND_INTEGER_VALUE ? (double)fallback->integer_value
                                                                                      : 0;
}

static qdrant_status evaluate_list(const qd_expression *expression, const qd_expression_point *point, double *value) {
  static const double starts[] = {[QD_EXPRESSION_MULT] = 1,
      [QD_EXPRESSION_SUM] = 0,
      [QD_EXPRESSION_MAX] = -INFINITY,
      [QD_EXPRESSION_MIN] = INFINITY};
  *value = starts[expression->kind];
  for (size_t i = 0; i < expression->n_operands; i++) {
    double operand;
    qdrant_status status = qd_expression_evaluate(&expression->operands[i], point, &operand);
    if (status != QDRANT_OK)
      return status;
    switch (expression->kind) {
    case QD_EXPRESSION_MULT: *value *= operand; break;
    case QD_EXPRESSION_SUM: *value += operand; break;
    case QD_EXPRESSION_MAX: *value = fmax(*value, operand); break;
    default: *value = fmin(*value, operand); break;
    }
    /* Nothing is looked at behind a factor of 0, so that it may lack its value. */
    if (expression->kind == QD_EXPRESSION_MULT && operand == 0) {
      *value = 0;
      return QDRANT_OK;
    }
  }
  return QDRANT_OK;
}

/* Nothing divided is 0, whatever by. */
static qdrant_status evaluate_div(const qd_expression *expression, const qd_expression_point *point, double *value) {
  double left;
  double right;
  *value = 0;
  qdrant_status status = qd_expression_evaluate(&expression->operands[0], point, &left);
  if (status != QDRANT_OK || left == 0)
    return status;
  status = qd_expression_evaluate(&expression->operands[1], point, &right);
  if (status != QDRANT_OK)
    return status;
  *value = right == 0 && expression->has_number ? expression->number : left / right;
  if (isfinite(*value))
    return QDRANT_OK;
  char left_text[NUMBER_BYTES];
  char right_text[NUMBER_BYTES];
  number_text(left, left_text);
  number_text(right, right_text);
  return qd_expression_fail(point->job, *value, "%s/%s", left_text, right_text);
}

static qdrant_status evaluate_pow(const qd_expression *expression, const qd_expression_point *point, double *value) {
  double base;
  double exponent;
  qdrant_status status = qd_expression_evaluate(&expression->operands[0], point, &base);
  if (status == QDRANT_OK)
    status = qd_expression_evaluate(&expression->operands[1], point, &exponent);
  if (status != QDRANT_OK)
    return status;
  *value = pow(base, exponent);
  if (isfinite(*value))
    return QDRANT_OK;
  char base_text[NUMBER_BYTES];
  char exponent_text[NUMBER_BYTES];
  number_text(base, base_text);
  number_text(exponent, exponent_text);
  return qd_expression_fail(point->job, *value, "%s^%s", base_text, exponent_text);
}

static qdrant_status evaluate_function(
    const qd_expression *expression, const qd_expression_point *point, double *value) {
  double argument;
  qdrant_status status = qd_expression_evaluate(&expression->operands[0], point, &argument);
  if (status != QDRANT_OK)
    return status;
  *value = expression->function->apply(argument);
  if (isfinite(*value))
    return QDRANT_OK;
  char text[NUMBER_BYTES];
  number_text(argument, text);
  return qd_expression_fail(
      point->job, *value, "%s%s%s", expression->function->before, text, expression->function->after);
}

static qdrant_status evaluate_decay(const qd_expression *expression, const qd_expression_point *point, double *value) {
  double x;
  double target = 0;
  qdrant_status status = qd_expression_evaluate(&expression->operands[0], point, &x);
  if (status == QDRANT_OK && expression->n_operands > 1)
    status = qd_expression_evaluate(&expression->operands[1], point, &target);
  if (status != QDRANT_OK)
    return status;
  double distance = fabs(x - target);
  if (expression->kind == QD_EXPRESSION_LIN_DECAY)
    *value = fmax(1.0 - expression->number * distance, 0);
  else
    *value = exp(expression->number * (expression->kind == QD_EXPRESSION_GAUSS_DECAY ? distance * distance : distance));
  return QDRANT_OK;
}

qdrant_status qd_expression_evaluate(const qd_expression *expression, const qd_expression_point *point, double *value) {
  switch (expression->kind) {
  case QD_EXPRESSION_CONSTANT: *value = expression->number; return QDRANT_OK;
  case QD_EXPRESSION_SCORE: *value = score_of(expression, point); return QDRANT_OK;
  case QD_EXPRESSION_CONDITION:
    *value = qd_view_matches(point->view, point->slot, expression->condition);
    return QDRANT_OK;
  case QD_EXPRESSION_NUMBER:
  case QD_EXPRESSION_DATETIME:
  case QD_EXPRESSION_GEO_DISTANCE: return qd_expression_value(expression, point, value);
  case QD_EXPRESSION_DIV: return evaluate_div(expression, point, value);
  case QD_EXPRESSION_POW: return evaluate_pow(expression, point, value);
  case QD_EXPRESSION_FUNCTION: return evaluate_function(expression, point, value);
  case QD_EXPRESSION_EXP_DECAY:
  case QD_EXPRESSION_GAUSS_DECAY:
  case QD_EXPRESSION_LIN_DECAY: return evaluate_decay(expression, point, value);
  default: return evaluate_list(expression, point, value);
  }
}
