#ifndef QD_EXPRESSION_H
#define QD_EXPRESSION_H

#include "memory/source.h"

/* A formula as it is evaluated. */

typedef enum qd_expression_kind {
  QD_EXPRESSION_CONSTANT,
  QD_EXPRESSION_SCORE,        /* what a prefetch scored the point */
  QD_EXPRESSION_NUMBER,       /* a number of the payload */
  QD_EXPRESSION_DATETIME,     /* a moment of the payload, in seconds since 1970 */
  QD_EXPRESSION_GEO_DISTANCE, /* metres from origin to a place in the payload */
  QD_EXPRESSION_CONDITION,    /* 1 when the point matches, else 0 */
  QD_EXPRESSION_MULT,
  QD_EXPRESSION_SUM,
  QD_EXPRESSION_MAX,
  QD_EXPRESSION_MIN,
  QD_EXPRESSION_DIV,
  QD_EXPRESSION_POW,
  QD_EXPRESSION_FUNCTION, /* of one number */
  QD_EXPRESSION_EXP_DECAY,
  QD_EXPRESSION_GAUSS_DECAY,
  QD_EXPRESSION_LIN_DECAY
} qd_expression_kind;

/* A function of one number, and how an error shows it around its argument. */
typedef struct qd_expression_function {
  Qdrant__Expression__VariantCase variant;
  double (*apply)(double x);
  const char *before;
  const char *after;
} qd_expression_function;

typedef struct qd_expression {
  qd_expression_kind kind;
  double number;                 /* CONSTANT: the value; DIV: the value when dividing by 0; decays: lambda */
  int has_number;                /* DIV */
  size_t prefetch;               /* SCORE */
  const char *key;               /* NUMBER, DATETIME, GEO_DISTANCE: as it was written */
  qd_path path;                  /* the same, parsed */
  const Qdrant__Value *fallback; /* for points without the key, or without the score; may be NULL */
  const Qdrant__GeoPoint *origin;
  const qd_filter *condition;
  const qd_expression_function *function;
  struct qd_expression *operands; /* decays: x, then the target if there is one */
  size_t n_operands;
} qd_expression;

struct qd_formula {
  qd_expression root;
};

/* What expressions are evaluated for. */
typedef struct qd_expression_point {
  qd_job *job;
  const qd_view *view;
  uint32_t slot;
  const float *const *scores; /* of each prefetch: NULL when it did not find the point */
  size_t n_scores;
} qd_expression_point;

/* INVALID_ARGUMENT when the payload has not the value that is needed, or the result is no finite number. */
qdrant_status qd_expression_evaluate(const qd_expression *expression, const qd_expression_point *point, double *value);

/* A payload's values for an expression that names a key. They are the fallback's when the point has none. */
qdrant_status qd_expression_value(const qd_expression *expression, const qd_expression_point *point, double *value);

/* INVALID_ARGUMENT: an expression, written with its arguments, gave something that is not finite. */
QDRANT_PRINTF(3, 4)
qdrant_status qd_expression_fail(qd_job *job, double result, const char *format, ...);

#endif
