/* Messages of any type, lists, ids and UUID text. */
#include "client/build.h"
#include "core/arena.h"
#include "core/uuid.h"

#include <string.h>

void *qdrant_message_new(qdrant_arena *arena, const ProtobufCMessageDescriptor *type) {
  if (arena == NULL || type == NULL)
    return NULL;
  ProtobufCMessage *message = qd_arena_alloc(arena, type->sizeof_message);
  if (message != NULL)
    protobuf_c_message_init(type, message);
  return message;
}

int qdrant_list_append(qdrant_arena *arena, void *list, size_t *n, void *item) {
  if (arena == NULL || list == NULL || n == NULL || item == NULL)
    return 0;
  void **items = NULL;
  memcpy(&items, list, sizeof items); /* list is the address of an array of pointers of some other type */
  items = qd_arena_append(arena, items, *n, item);
  if (items == NULL)
    return 0;
  memcpy(list, &items, sizeof items);
  (*n)++;
  return 1;
}

Qdrant__PointId *qdrant_point_id_num(qdrant_arena *arena, uint64_t num) {
  Qdrant__PointId *id = QDRANT_NEW(arena, point_id);
  if (id == NULL)
    return NULL;
  id->point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
  id->num = num;
  return id;
}

Qdrant__PointId *qdrant_point_id_uuid(qdrant_arena *arena, const char *text) {
  Qdrant__PointId *id = QDRANT_NEW(arena, point_id);
  char *copy = qdrant_arena_strdup(arena, text);
  if (id == NULL || copy == NULL)
    return NULL;
  id->point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
  id->uuid = copy;
  return id;
}

Qdrant__PointId *qdrant_point_id_message(qdrant_arena *arena, const qdrant_point_id *id) {
  char text[37];
  if (id == NULL)
    return NULL;
  if (!id->is_uuid)
    return qdrant_point_id_num(arena, id->num);
  qd_uuid_format(id->uuid.bytes, text);
  return qdrant_point_id_uuid(arena, text);
}

Qdrant__PointId **qd_build_ids(qdrant_arena *arena, const qdrant_point_id *ids, size_t n) {
  if (arena == NULL || (ids == NULL && n > 0) || n > SIZE_MAX / sizeof(Qdrant__PointId *))
    return NULL;
  Qdrant__PointId **messages = qd_arena_alloc(arena, n * sizeof(Qdrant__PointId *));
  for (size_t i = 0; messages != NULL && i < n; i++) {
    messages[i] = qdrant_point_id_message(arena, &ids[i]);
    if (messages[i] == NULL)
      return NULL;
  }
  return messages;
}

int qdrant_uuid_parse(const char *text, qdrant_uuid *uuid) {
  return text != NULL && uuid != NULL && qd_uuid_parse(text, uuid->bytes);
}

void qdrant_uuid_format(const qdrant_uuid *uuid, char text[37]) {
  if (uuid != NULL && text != NULL)
    qd_uuid_format(uuid->bytes, text);
}
