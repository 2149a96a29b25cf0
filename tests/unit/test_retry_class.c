#include "client/retry_class.h"
#include "qdrant/calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static Qdrant__PointsIdsList ids = QDRANT__POINTS_IDS_LIST__INIT;
static Qdrant__Filter filter = QDRANT__FILTER__INIT;
static Qdrant__PointsSelector by_ids = QDRANT__POINTS_SELECTOR__INIT;
static Qdrant__PointsSelector by_filter = QDRANT__POINTS_SELECTOR__INIT;

static int make_selectors(void **state) {
  (void)state;
  by_ids.points_selector_one_of_case = QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_POINTS;
  by_ids.points = &ids;
  by_filter.points_selector_one_of_case = QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_FILTER;
  by_filter.filter = &filter;
  return 0;
}

static void expect(qdrant_rpc rpc, const ProtobufCMessage *request, qd_retry_class expected) {
  assert_int_equal(qd_request_retry_class(qd_rpc_row(rpc), request), expected);
}

static void expect_both(qdrant_rpc rpc, const ProtobufCMessage *request, Qdrant__PointsSelector **selector) {
  *selector = &by_ids;
  expect(rpc, request, QD_RETRY_IDEMPOTENT);
  *selector = &by_filter;
  expect(rpc, request, QD_RETRY_SELECTOR);
}

static void test_retry_class_selectors_ids_or_filter(void **state) {
  (void)state;
  Qdrant__DeletePoints delete_points = QDRANT__DELETE_POINTS__INIT;
  Qdrant__DeletePointVectors delete_vectors = QDRANT__DELETE_POINT_VECTORS__INIT;
  Qdrant__SetPayloadPoints set_payload = QDRANT__SET_PAYLOAD_POINTS__INIT;
  Qdrant__DeletePayloadPoints delete_payload = QDRANT__DELETE_PAYLOAD_POINTS__INIT;
  Qdrant__ClearPayloadPoints clear_payload = QDRANT__CLEAR_PAYLOAD_POINTS__INIT;
  expect_both(QDRANT_RPC_POINTS_DELETE, &delete_points.base, &delete_points.points);
  expect_both(QDRANT_RPC_POINTS_DELETE_VECTORS, &delete_vectors.base, &delete_vectors.points_selector);
  expect_both(QDRANT_RPC_POINTS_SET_PAYLOAD, &set_payload.base, &set_payload.points_selector);
  expect_both(QDRANT_RPC_POINTS_OVERWRITE_PAYLOAD, &set_payload.base, &set_payload.points_selector);
  expect_both(QDRANT_RPC_POINTS_DELETE_PAYLOAD, &delete_payload.base, &delete_payload.points_selector);
  expect_both(QDRANT_RPC_POINTS_CLEAR_PAYLOAD, &clear_payload.base, &clear_payload.points);
}

static void test_retry_class_conditional_upsert_idempotent(void **state) {
  (void)state;
  Qdrant__UpsertPoints upsert = QDRANT__UPSERT_POINTS__INIT;
  upsert.update_filter = &filter; /* the second run finds nothing left to do */
  expect(QDRANT_RPC_POINTS_UPSERT, &upsert.base, QD_RETRY_IDEMPOTENT);
}

static void test_retry_class_update_batch_as_its_worst_part(void **state) {
  (void)state;
  Qdrant__UpdateBatchPoints batch = QDRANT__UPDATE_BATCH_POINTS__INIT;
  Qdrant__PointsUpdateOperation first = QDRANT__POINTS_UPDATE_OPERATION__INIT;
  Qdrant__PointsUpdateOperation second = QDRANT__POINTS_UPDATE_OPERATION__INIT;
  Qdrant__PointsUpdateOperation__PointStructList points = QDRANT__POINTS_UPDATE_OPERATION__POINT_STRUCT_LIST__INIT;
  Qdrant__PointsUpdateOperation__DeletePoints removed = QDRANT__POINTS_UPDATE_OPERATION__DELETE_POINTS__INIT;
  Qdrant__PointsUpdateOperation *operations[] = {&first, &second};
  batch.operations = operations;
  batch.n_operations = 2;
  first.operation_case = QDRANT__POINTS_UPDATE_OPERATION__OPERATION_UPSERT;
  first.upsert = &points;
  expect(QDRANT_RPC_POINTS_UPDATE_BATCH, &batch.base, QD_RETRY_IDEMPOTENT); /* the second says nothing */
  second.operation_case = QDRANT__POINTS_UPDATE_OPERATION__OPERATION_DELETE_POINTS;
  second.delete_points = &removed;
  expect_both(QDRANT_RPC_POINTS_UPDATE_BATCH, &batch.base, &removed.points);
  second.operation_case = QDRANT__POINTS_UPDATE_OPERATION__OPERATION_CLEAR_PAYLOAD_DEPRECATED;
  expect_both(QDRANT_RPC_POINTS_UPDATE_BATCH, &batch.base, &second.clear_payload_deprecated);
}

static void test_retry_class_other_calls_as_their_rpc(void **state) {
  (void)state;
  Qdrant__CountPoints count = QDRANT__COUNT_POINTS__INIT;
  Qdrant__CreateCollection create = QDRANT__CREATE_COLLECTION__INIT;
  count.filter = &filter;
  expect(QDRANT_RPC_POINTS_COUNT, &count.base, QD_RETRY_READ);
  expect(QDRANT_RPC_COLLECTIONS_CREATE, &create.base, QD_RETRY_DDL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_retry_class_selectors_ids_or_filter),
      cmocka_unit_test(test_retry_class_conditional_upsert_idempotent),
      cmocka_unit_test(test_retry_class_update_batch_as_its_worst_part),
      cmocka_unit_test(test_retry_class_other_calls_as_their_rpc),
  };
  return cmocka_run_group_tests(tests, make_selectors, NULL);
}
