#include "codec/route_point.h"

#include "codec/envelope.h"
#include "codec/url_target.h"
#include "core/error.h"

static const qd_route route = {.verb = "GET", .path = "/collections/{collection_name}/points/{id}"};

int qd_route_point_has_path(const char *target) {
  return qd_url_target_is_of(&route, target);
}

/* A request that asks for everything, in one piece of memory. */
typedef struct whole_point {
  Qdrant__GetPoints request;
  Qdrant__PointId id;
  Qdrant__PointId *ids[1];
  Qdrant__WithPayloadSelector with_payload;
  Qdrant__WithVectorsSelector with_vectors;
} whole_point;

static whole_point *new_request(qd_arena *arena) {
  whole_point *whole = qd_arena_alloc(arena, sizeof *whole);
  if (whole == NULL)
    return NULL;
  qdrant__get_points__init(&whole->request);
  qdrant__point_id__init(&whole->id);
  qdrant__with_payload_selector__init(&whole->with_payload);
  qdrant__with_vectors_selector__init(&whole->with_vectors);
  whole->ids[0] = &whole->id;
  whole->request.n_ids = 1;
  whole->request.ids = whole->ids;
  whole->with_payload.selector_options_case = QDRANT__WITH_PAYLOAD_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  whole->with_payload.enable = 1;
  whole->request.with_payload = &whole->with_payload;
  whole->with_vectors.selector_options_case = QDRANT__WITH_VECTORS_SELECTOR__SELECTOR_OPTIONS_ENABLE;
  whole->with_vectors.enable = 1;
  whole->request.with_vectors = &whole->with_vectors;
  return whole;
}

qdrant_status qd_route_point_read(
    const char *target, qd_arena *arena, qd_url_values *values, ProtobufCMessage **request, qdrant_error *err) {
  qdrant_status status = qd_url_target_read(&route, target, arena, values, err);
  if (status != QDRANT_OK)
    return status;
  whole_point *whole = new_request(arena);
  if (whole == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "no memory for a request");
  const char *id = values->texts[QD_URL_POINT_ID];
  if (qd_url_number_parse(id, &whole->id.num)) {
    whole->id.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  } else {
    whole->id.point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
    whole->id.uuid = (char *)(uintptr_t)id;
  }
  *request = &whole->request.base;
  return QDRANT_OK;
}

static qdrant_status fail_missing(const char *target, qd_arena *arena, qdrant_error *err) {
  qd_url_values values;
  qdrant_status status = qd_url_target_read(&route, target, arena, &values, err);
  if (status != QDRANT_OK)
    return status;
  return qd_fail(
      err, QDRANT_NOT_FOUND, "Not found: Point with id %.100s does not exists!", values.texts[QD_URL_POINT_ID]);
}

qdrant_status qd_route_point_write(
    const char *target, const Qdrant__GetResponse *reply, qd_text *text, qdrant_error *err) {
  if (reply->n_result == 0)
    return fail_missing(target, text->arena, err);
  return qd_envelope_write(qd_rpc_row(QDRANT_RPC_POINTS_GET), &reply->base, &reply->result[0]->base, text, err);
}
