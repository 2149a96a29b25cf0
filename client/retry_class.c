#include "client/retry_class.h"

#include "qdrant/pb/points.pb-c.h"

#include <string.h>

static int is_filter(const Qdrant__PointsSelector *selector) {
  return selector != NULL &&
         selector->points_selector_one_of_case == QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_FILTER;
}

/* Whether the message is a selector, or has one, that is a filter. */
static int chooses_by_filter(const ProtobufCMessage *message) {
  const ProtobufCMessageDescriptor *type = message->descriptor;
  if (type == &qdrant__points_selector__descriptor)
    return is_filter((const Qdrant__PointsSelector *)message);
  for (unsigned i = 0; i < type->n_fields; i++) {
    const Qdrant__PointsSelector *selector = NULL;
    if (type->fields[i].descriptor != &qdrant__points_selector__descriptor)
      continue;
    memcpy(&selector, (const char *)message + type->fields[i].offset, sizeof selector);
    if (is_filter(selector))
      return 1;
  }
  return 0;
}

static int has_filter_operation(const Qdrant__UpdateBatchPoints *batch) {
  for (size_t i = 0; i < batch->n_operations; i++) {
    const Qdrant__PointsUpdateOperation *each = batch->operations[i];
    if (each == NULL || each->operation_case == QDRANT__POINTS_UPDATE_OPERATION__OPERATION__NOT_SET)
      continue;
    const ProtobufCMessage *operation = (const ProtobufCMessage *)each->upsert; /* a union of messages */
    if (operation != NULL && chooses_by_filter(operation))
      return 1;
  }
  return 0;
}

qd_retry_class qd_request_retry_class(const qd_rpc *rpc, const ProtobufCMessage *request) {
  if (rpc->retry_class != QD_RETRY_SELECTOR)
    return rpc->retry_class;
  int is_by_filter = rpc->id == QDRANT_RPC_POINTS_UPDATE_BATCH
                         ? has_filter_operation((const Qdrant__UpdateBatchPoints *)request)
                         : chooses_by_filter(request);
  return is_by_filter ? QD_RETRY_SELECTOR : QD_RETRY_IDEMPOTENT;
}
