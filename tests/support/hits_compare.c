#include "tests/support/hits_compare.h"

#include "qdrant/pb/points.pb-c.h"

#include <math.h>

static int has_same_score(const Qdrant__ScoredPoint *a, const Qdrant__ScoredPoint *b, double tolerance) {
  double left = (double)a->score;
  double right = (double)b->score;
  return fabs(left - right) <= tolerance * fmax(1.0, fabs(left));
}

static int is_among(
    const Qdrant__ScoredPoint *point, Qdrant__ScoredPoint *const *others, size_t n, const message_rules *rules) {
  char path[512];
  for (size_t i = 0; i < n; i++)
    if (messages_are_equal(&point->base, &others[i]->base, rules, path, sizeof path))
      return 1;
  return 0;
}

/* Points from `first` on that have its score. */
static size_t tie_end(Qdrant__ScoredPoint *const *points, size_t first, size_t n, double tolerance) {
  size_t end = first + 1;
  while (end < n && has_same_score(points[first], points[end], tolerance))
    end++;
  return end;
}

static int points_are_tied(
    Qdrant__ScoredPoint *const *a, Qdrant__ScoredPoint *const *b, size_t n, const message_rules *rules) {
  for (size_t i = 0; i < n; i++)
    if (!has_same_score(a[i], b[i], rules->tolerance))
      return 0;
  for (size_t first = 0; first < n;) {
    size_t end = tie_end(a, first, n, rules->tolerance);
    for (size_t i = first; i < end && end < n; i++)
      if (!is_among(a[i], b + first, end - first, rules))
        return 0;
    first = end;
  }
  return 1;
}

/* The member `result` of a reply. */
static void *const *results_of(const ProtobufCMessage *reply, const ProtobufCMessageDescriptor **type, size_t *n) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(reply->descriptor, "result");
  *type = field->descriptor;
  *n = *(const size_t *)(const void *)((const uint8_t *)reply + field->quantifier_offset);
  return *(void *const *const *)(const void *)((const uint8_t *)reply + field->offset);
}

int hits_are_tied(const ProtobufCMessage *a, const ProtobufCMessage *b, const message_rules *rules) {
  const ProtobufCMessageDescriptor *type;
  size_t n_a;
  size_t n_b;
  void *const *left = results_of(a, &type, &n_a);
  void *const *right = results_of(b, &type, &n_b);
  if (n_a != n_b)
    return 0;
  if (type == &qdrant__scored_point__descriptor)
    return points_are_tied((Qdrant__ScoredPoint *const *)left, (Qdrant__ScoredPoint *const *)right, n_a, rules);
  for (size_t i = 0; i < n_a; i++)
    if (!hits_are_tied(left[i], right[i], rules))
      return 0;
  return 1;
}
