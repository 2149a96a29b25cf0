/* Users' JSON: a request in one object, the URL's values as keys beside those of the body. */
#include "codec/route.h"

#include "codec/envelope.h"
#include "codec/route_body.h"
#include "core/error.h"
#include "core/json.h"

#include <ctype.h>
#include <json-c/json.h>
#include <string.h>

/* Whether a value of this type is said by its text. */
static int has_type_of(qd_url_key key, struct json_object *value) {
  switch (key) {
  case QD_URL_WAIT: return json_object_is_type(value, json_type_boolean);
  case QD_URL_TIMEOUT: return json_object_is_type(value, json_type_int);
  case QD_URL_CONSISTENCY:
    return json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_string);
  default: return json_object_is_type(value, json_type_string);
  }
}

static qdrant_status copy_value(
    qd_url_key key, struct json_object *value, qd_arena *arena, const char **text, qdrant_error *err) {
  const char *name = qd_url_key_name(key);
  const char *json = json_object_get_string(value);
  if (!has_type_of(key, value))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: expected %s, got %.100s", name, qd_url_key_expected(key), json);
  if (json_object_is_type(value, json_type_string) && strlen(json) != (size_t)json_object_get_string_len(value))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: has a NUL", name);
  *text = qd_arena_strndup(arena, json, strlen(json));
  return *text != NULL ? QDRANT_OK : qd_fail(err, QDRANT_NO_MEMORY, "no memory for %s", name);
}

/* Moves the values of the URL out of object. Null is as if it were not there. */
static qdrant_status take_values(
    const qd_rpc *rpc, struct json_object *object, qd_arena *arena, qd_url_values *values, qdrant_error *err) {
  *values = (qd_url_values){{NULL}};
  qdrant_status status = QDRANT_OK;
  for (qd_url_key key = 0; key < QD_N_URL_KEYS && status == QDRANT_OK; key++) {
    if (!qd_url_key_is_of(key, rpc))
      continue;
    struct json_object *value = json_object_object_get(object, qd_url_key_name(key));
    if (value != NULL)
      status = copy_value(key, value, arena, &values->texts[key], err);
    json_object_object_del(object, qd_url_key_name(key));
  }
  return status;
}

qdrant_status qd_route_read_user(const qd_rpc *rpc, const char *json, size_t n_bytes, qd_arena *arena,
    ProtobufCMessage **request, qdrant_error *err) {
  struct json_object *object = NULL;
  qd_url_values values;
  qdrant_status status =
      n_bytes == 0 ? qd_json_parse("{}", 2, &object, err) : qd_json_parse(json, n_bytes, &object, err);
  if (status == QDRANT_OK && !json_object_is_type(object, json_type_object))
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: expected an object with the request's keys", rpc->name);
  if (status == QDRANT_OK)
    status = take_values(rpc, object, arena, &values, err);
  if (status == QDRANT_OK)
    status = qd_route_body_read(rpc, object, &values, QD_JSON_FROM_USER, arena, request, err);
  json_object_put(object);
  return status;
}

static void write_value(qd_text *text, qd_url_key key, const char *value) {
  int is_bare =
      key == QD_URL_WAIT || key == QD_URL_TIMEOUT || (key == QD_URL_CONSISTENCY && isdigit((unsigned char)*value));
  const char *name = qd_url_key_name(key);
  qd_text_add_json_string(text, name, strlen(name));
  qd_text_add(text, ":", 1);
  if (is_bare)
    qd_text_add(text, value, strlen(value));
  else
    qd_text_add_json_string(text, value, strlen(value));
  qd_text_add(text, ",", 1);
}

/* `{"key":value,` ... and then the body without its opening brace. */
qdrant_status qd_route_write_user(
    const qd_rpc *rpc, const ProtobufCMessage *request, qd_text *text, qdrant_error *err) {
  qd_url_values values;
  size_t begin = text->n_bytes;
  qdrant_status status = qd_url_values_take(rpc, request, text->arena, &values, err);
  if (status != QDRANT_OK)
    return status;
  qd_text_add(text, "{", 1);
  for (qd_url_key key = 0; key < QD_N_URL_KEYS; key++)
    if (values.texts[key] != NULL && values.texts[key][0] != '\0')
      write_value(text, key, values.texts[key]);
  qd_text body;
  qd_text_init(&body, text->arena, text->max_bytes);
  status = qd_route_body_write(rpc, request, &body, err);
  if (status != QDRANT_OK || body.has_failed) {
    text->has_failed |= body.has_failed;
    return status;
  }
  /* The comma behind the last value goes when the body is empty. */
  if (body.n_bytes == 2 && text->n_bytes > begin + 1)
    text->n_bytes--;
  qd_text_add(text, body.bytes + 1, body.n_bytes - 1);
  return QDRANT_OK;
}

qdrant_status qd_route_write_result(
    const qd_rpc *rpc, const ProtobufCMessage *reply, qd_text *text, qdrant_error *err) {
  return qd_envelope_write_result(rpc, reply, text, err);
}
