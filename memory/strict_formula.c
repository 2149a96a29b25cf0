#include "memory/strict.h"

#include <string.h>

static qdrant_status check_below(const qd_strict *strict, const ProtobufCMessage *message);

/* What an expression itself looks at. The score and what its parts are made of need no index. */
static qdrant_status check_expression(const qd_strict *strict, const Qdrant__Expression *expression) {
  static const char score[] = "$score";
  switch (expression->variant_case) {
  case QDRANT__EXPRESSION__VARIANT_VARIABLE:
    return strncmp(expression->variable, score, sizeof score - 1) == 0
               ? QDRANT_OK
               : qd_strict_check_value(strict, expression->variable, QD_STRICT_NUMBER);
  case QDRANT__EXPRESSION__VARIANT_CONDITION: return qd_strict_check_condition(strict, expression->condition);
  case QDRANT__EXPRESSION__VARIANT_GEO_DISTANCE:
    return qd_strict_check_value(strict, expression->geo_distance->to, QD_STRICT_PLACE);
  case QDRANT__EXPRESSION__VARIANT_DATETIME_KEY:
    return qd_strict_check_value(strict, expression->datetime_key, QD_STRICT_MOMENT);
  default: return check_below(strict, &expression->base);
  }
}

static qdrant_status check_message(const qd_strict *strict, const ProtobufCMessage *message) {
  if (message == NULL)
    return QDRANT_OK;
  return message->descriptor == &qdrant__expression__descriptor
             ? check_expression(strict, (const Qdrant__Expression *)message)
             : check_below(strict, message);
}

/* The expressions in a message, whatever operator it stands for. */
static qdrant_status check_below(const qd_strict *strict, const ProtobufCMessage *message) {
  qdrant_status status = QDRANT_OK;
  const uint8_t *bytes = (const uint8_t *)message;
  for (unsigned i = 0; i < message->descriptor->n_fields && status == QDRANT_OK; i++) {
    const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
    const void *value = bytes + field->offset;
    const void *quantifier = bytes + field->quantifier_offset;
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
      continue;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
      ProtobufCMessage *const *items = *(ProtobufCMessage *const *const *)value;
      for (size_t j = 0; j < *(const size_t *)quantifier && status == QDRANT_OK; j++)
        status = check_message(strict, items[j]);
    } else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 || *(const uint32_t *)quantifier == field->id) {
      status = check_message(strict, *(const ProtobufCMessage *const *)value);
    }
  }
  return status;
}

qdrant_status qd_strict_check_formula(const qd_strict *strict, const Qdrant__Query *query) {
  if (query == NULL || query->variant_case != QDRANT__QUERY__VARIANT_FORMULA)
    return QDRANT_OK;
  return check_message(strict, query->formula->expression != NULL ? &query->formula->expression->base : NULL);
}
