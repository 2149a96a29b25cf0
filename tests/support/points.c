#include "tests/support/points.h"

#include "qdrant/pb/collections.pb-c.h"
#include "qdrant/pb/points.pb-c.h"
#include "qdrant/pb/qdrant.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

enum { DIMENSION = 2, MAX_TRIES = 200 };

/* A read to its end. gRPC may give a call to a connection that has just been closed: then it is tried again. */
static raw_call *read_message(raw_client *client, const char *path, const ProtobufCMessage *message) {
  raw_call *call = raw_call_start_message(client, path, message);
  for (int i = 0; raw_call_wait(call) == GRPC_STATUS_UNAVAILABLE && i < MAX_TRIES; i++) {
    raw_call_free(call);
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    call = raw_call_start_message(client, path, message);
  }
  return call;
}

void points_create(raw_client *client) {
  Qdrant__VectorParams params = QDRANT__VECTOR_PARAMS__INIT;
  params.has_size = 1;
  params.size = DIMENSION;
  params.has_distance = 1;
  params.distance = QDRANT__DISTANCE__Dot;
  Qdrant__VectorsConfig vectors = QDRANT__VECTORS_CONFIG__INIT;
  vectors.config_case = QDRANT__VECTORS_CONFIG__CONFIG_PARAMS;
  vectors.params = &params;
  Qdrant__CreateCollection create = QDRANT__CREATE_COLLECTION__INIT;
  create.collection_name = (char *)"stars";
  create.vectors_config = &vectors;
  raw_call *call = raw_call_start_message(client, "/qdrant.Collections/Create", &create.base);
  int status = raw_call_wait(call);
  if (status != 0)
    print_error("Collections/Create: %s\n", raw_call_text(call));
  raw_call_free(call);
  assert_int_equal(status, 0);
}

/* A point and all that it points to. */
typedef struct point_parts {
  Qdrant__PointStruct point;
  Qdrant__PointId id;
  Qdrant__Vectors vectors;
  Qdrant__Vector vector;
  Qdrant__DenseVector dense;
  float data[DIMENSION];
} point_parts;

static void fill_point(point_parts *parts, uint64_t number) {
  qdrant__point_struct__init(&parts->point);
  qdrant__point_id__init(&parts->id);
  qdrant__vectors__init(&parts->vectors);
  qdrant__vector__init(&parts->vector);
  qdrant__dense_vector__init(&parts->dense);
  parts->id.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  parts->id.num = number;
  parts->data[0] = 1.0f;
  parts->data[1] = (float)number;
  parts->dense.n_data = DIMENSION;
  parts->dense.data = parts->data;
  parts->vector.vector_case = QDRANT__VECTOR__VECTOR_DENSE;
  parts->vector.dense = &parts->dense;
  parts->vectors.vectors_options_case = QDRANT__VECTORS__VECTORS_OPTIONS_VECTOR;
  parts->vectors.vector = &parts->vector;
  parts->point.id = &parts->id;
  parts->point.vectors = &parts->vectors;
}

raw_call *points_start_upsert(raw_client *client, uint64_t first, size_t n) {
  point_parts *parts = calloc(n + 1, sizeof *parts);
  Qdrant__PointStruct **points = calloc(n + 1, sizeof(Qdrant__PointStruct *));
  assert_non_null(parts);
  assert_non_null(points);
  for (size_t i = 0; i < n; i++) {
    fill_point(&parts[i], first + i);
    points[i] = &parts[i].point;
  }
  Qdrant__UpsertPoints upsert = QDRANT__UPSERT_POINTS__INIT;
  upsert.collection_name = (char *)"stars";
  upsert.has_wait = 1;
  upsert.wait = 1;
  upsert.points = points;
  upsert.n_points = n;
  raw_call *call = raw_call_start_message(client, "/qdrant.Points/Upsert", &upsert.base);
  free(points);
  free(parts);
  return call;
}

int points_upsert(raw_client *client, uint64_t first, size_t n) {
  raw_call *call = points_start_upsert(client, first, n);
  int status = raw_call_wait(call);
  raw_call_free(call);
  return status;
}

uint64_t points_count(raw_client *client) {
  Qdrant__CountPoints count = QDRANT__COUNT_POINTS__INIT;
  count.collection_name = (char *)"stars";
  count.has_exact = 1;
  count.exact = 1;
  raw_call *call = read_message(client, "/qdrant.Points/Count", &count.base);
  assert_int_equal(raw_call_wait(call), 0);
  size_t n_bytes = 0;
  const uint8_t *bytes = raw_call_reply(call, &n_bytes);
  Qdrant__CountResponse *reply =
      (Qdrant__CountResponse *)protobuf_c_message_unpack(&qdrant__count_response__descriptor, NULL, n_bytes, bytes);
  assert_non_null(reply);
  assert_non_null(reply->result);
  uint64_t n_points = reply->result->count;
  protobuf_c_message_free_unpacked(&reply->base, NULL);
  raw_call_free(call);
  return n_points;
}

int points_health(raw_client *client) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  raw_call *call = read_message(client, "/qdrant.Qdrant/HealthCheck", &request.base);
  int status = raw_call_wait(call);
  raw_call_free(call);
  return status;
}
