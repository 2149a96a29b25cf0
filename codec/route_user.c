/* Users' JSON: a request in one object, the URL's values as keys beside those of the body. */
#include "codec/route.h"

#include "codec/envelope.h"
#include "codec/json_path.h"
#include "codec/json_read.h"
#include "codec/route_body.h"
#include "core/error.h"

#include <ctype.h>
#include <string.h>

/* The text of a value, where it is of a type that the key may have: else INVALID_ARGUMENT. */
static qdrant_status copy_value(qd_url_key key, const qd_json_node *value, qd_json_reader *in, const char **text) {
  int is_number = qd_json_is_unsigned(value);
  int takes_number = key == QD_URL_TIMEOUT || key == QD_URL_CONSISTENCY;
  int takes_text = key != QD_URL_WAIT && key != QD_URL_TIMEOUT;
  if (is_number && takes_number)
    return qd_url_number_print(value->unsigned_integer, in->arena, text, in->err);
  if (value->kind == QD_JSON_TEXT && takes_text && strlen(value->text) == value->n)
    *text = value->text;
  else if (value->kind == QD_JSON_TRUE && key == QD_URL_WAIT)
    *text = "true";
  else if (value->kind == QD_JSON_FALSE && key == QD_URL_WAIT)
    *text = "false";
  else
    return qd_json_expected(in, value, qd_url_key_expected(key));
  return QDRANT_OK;
}

/* Whether it says what the RPC does anyway. */
static int is_needless(const qd_rpc *rpc, qd_url_key key, const qd_json_node *value) {
  return key == QD_URL_WAIT && qd_route_row(rpc->id)->always_waits && value->kind == QD_JSON_TRUE;
}

/* Parts object in the values of the URL, where null is as if it were not there, and the body. */
static qdrant_status part(
    const qd_rpc *rpc, const qd_json_node *object, qd_json_reader *in, qd_url_values *values, qd_json_node *body) {
  qd_json_node *items = qd_json_alloc(in, 2 * (size_t)object->n * sizeof *items);
  *body = (qd_json_node){.kind = QD_JSON_OBJECT, .items = items};
  *values = (qd_url_values){{NULL}};
  qdrant_status status = items == NULL ? QDRANT_NO_MEMORY : QDRANT_OK;
  for (size_t i = 0; i < object->n && status == QDRANT_OK; i++) {
    const qd_json_node *name = qd_json_key(object, i);
    const qd_json_node *value = qd_json_member(object, i);
    qd_url_key key = qd_url_key_find(name->text, name->n);
    if (is_needless(rpc, key, value))
      continue;
    if (key == QD_N_URL_KEYS || !qd_url_key_is_of(key, rpc)) {
      items[2 * body->n] = *name;
      items[2 * body->n + 1] = *value;
      body->n++;
    } else if (value->kind != QD_JSON_NULL) {
      status = copy_value(key, value, in, &values->texts[key]);
      status = qd_path_key(status, in->err, name->text);
    }
  }
  return qd_path_end(status, in->err);
}

qdrant_status qd_route_read_user(const qd_rpc *rpc, const char *json, size_t n_bytes, qd_arena *arena,
    ProtobufCMessage **request, qdrant_error *err) {
  qd_json_reader in = {.origin = QD_JSON_FROM_USER, .arena = arena, .err = err};
  const qd_json_node *object = NULL;
  qd_json_node *body = qd_json_alloc(&in, sizeof *body);
  qd_url_values values;
  if (body == NULL)
    return QDRANT_NO_MEMORY;
  qdrant_status status = n_bytes == 0 ? qd_json_tree_parse("{}", 2, arena, &object, err)
                                      : qd_json_tree_parse(json, n_bytes, arena, &object, err);
  if (status == QDRANT_OK && object->kind != QD_JSON_OBJECT)
    status = qd_fail(err, QDRANT_INVALID_ARGUMENT, "%s: expected an object with the request's keys", rpc->name);
  if (status == QDRANT_OK)
    status = part(rpc, object, &in, &values, body);
  if (status == QDRANT_OK)
    status = qd_message_read_json(body, rpc->request, QD_JSON_FROM_USER, arena, request, err);
  return status == QDRANT_OK ? qd_route_body_join(rpc, &values, arena, *request, err) : status;
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
    if (values.texts[key] != NULL)
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
