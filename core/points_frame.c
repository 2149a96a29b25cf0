#include "core/collection_name.h"
#include "core/error.h"
#include "core/message_check.h"
#include "core/points_encode.h"
#include "core/wire.h"
#include "qdrant/pb/points.pb-c.h"

#include <string.h>

enum { UPSERT_COLLECTION = 1, UPSERT_WAIT = 2 };

static qdrant_status check_options(const qdrant_upsert_options *options, qdrant_error *err) {
  if ((int)options->ordering < QDRANT_ORDERING_DEFAULT || (int)options->ordering > QDRANT_ORDERING_STRONG)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.ordering is %d, which is none", (int)options->ordering);
  if ((int)options->update_mode < QDRANT_UPDATE_MODE_DEFAULT ||
      (int)options->update_mode > QDRANT_UPDATE_MODE_UPDATE_ONLY)
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "options.update_mode is %d, which is none", (int)options->update_mode);
  return QDRANT_OK;
}

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "no memory to prepare an upsert");
}

static qdrant_status make_head(const char *collection, const qdrant_upsert_options *options, qd_arena *arena,
    qd_points_frame *frame, qdrant_error *err) {
  size_t n_name = strlen(collection);
  frame->n_head = qd_field_bytes(UPSERT_COLLECTION, n_name) + 2;
  uint8_t *head = qd_arena_alloc(arena, frame->n_head);
  if (head == NULL)
    return fail_memory(err);
  frame->head = head;
  head = qd_put_bytes(head, UPSERT_COLLECTION, collection, n_name);
  qd_put_varint_field(head, UPSERT_WAIT, options->wait != QDRANT_OFF);
  return QDRANT_OK;
}

static int has_tail(const qdrant_upsert_options *options) {
  return options->ordering != QDRANT_ORDERING_DEFAULT || options->shard_key_selector != NULL ||
         options->update_filter != NULL || options->update_mode != QDRANT_UPDATE_MODE_DEFAULT;
}

/* What comes after the points is rare and small: protobuf-c packs it, as a message that has nothing else. */
static qdrant_status make_tail(
    const qdrant_upsert_options *options, qd_arena *arena, qd_points_frame *frame, qdrant_error *err) {
  Qdrant__UpsertPoints rest = QDRANT__UPSERT_POINTS__INIT;
  Qdrant__WriteOrdering ordering = QDRANT__WRITE_ORDERING__INIT;
  if (options->ordering != QDRANT_ORDERING_DEFAULT) {
    ordering.has_type = 1;
    ordering.type = (Qdrant__WriteOrderingType)(options->ordering - QDRANT_ORDERING_WEAK);
    rest.ordering = &ordering;
  }
  rest.shard_key_selector = (Qdrant__ShardKeySelector *)options->shard_key_selector;
  rest.update_filter = (Qdrant__Filter *)options->update_filter;
  if (options->update_mode != QDRANT_UPDATE_MODE_DEFAULT) {
    rest.has_update_mode = 1;
    rest.update_mode = (Qdrant__UpdateMode)(options->update_mode - QDRANT_UPDATE_MODE_UPSERT);
  }
  qdrant_status status = qd_message_check(&rest.base, err);
  if (status != QDRANT_OK)
    return status;
  frame->n_tail = protobuf_c_message_get_packed_size(&rest.base);
  uint8_t *tail = qd_arena_alloc(arena, frame->n_tail);
  if (tail == NULL)
    return fail_memory(err);
  protobuf_c_message_pack(&rest.base, tail);
  frame->tail = tail;
  return QDRANT_OK;
}

qdrant_status qd_points_frame_make(const char *collection, const qdrant_upsert_options *options, qd_arena *arena,
    qd_points_frame *frame, qdrant_error *err) {
  *frame = (qd_points_frame){0};
  qdrant_status status = qd_collection_check(collection, err);
  if (status == QDRANT_OK)
    status = check_options(options, err);
  if (status == QDRANT_OK)
    status = make_head(collection, options, arena, frame, err);
  if (status == QDRANT_OK && has_tail(options))
    status = make_tail(options, arena, frame, err);
  return status;
}
