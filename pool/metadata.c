#include "pool/metadata.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/wipe.h"

#include <stdatomic.h>
#include <string.h>

/* A secret's slice is wiped when the last one who has it lets go, which may be core. */
typedef struct secret {
  size_t n_bytes;
  char bytes[];
} secret;

/* Any thread of core's may be the last. Core orders that after the making; this says so to the thread sanitizer, which
 * cannot see into core. */
static atomic_uint n_secrets_made;

static void drop_secret(void *owner) {
  secret *dropped = owner;
  atomic_load_explicit(&n_secrets_made, memory_order_acquire);
  qd_wipe(dropped->bytes, dropped->n_bytes);
  qd_free(dropped);
}

/* 0 when out of memory. */
static int make_secret(const char *value, grpc_slice *content) {
  size_t n_bytes = strlen(value);
  secret *made = qd_alloc(sizeof *made + n_bytes);
  if (made == NULL)
    return 0;
  made->n_bytes = n_bytes;
  memcpy(made->bytes, value, n_bytes);
  atomic_fetch_add_explicit(&n_secrets_made, 1, memory_order_release);
  *content = grpc_slice_new_with_user_data(made->bytes, n_bytes, drop_secret, made);
  return 1;
}

static int make_content(const char *name, const char *value, grpc_slice *content) {
  if (strcmp(name, "api-key") == 0)
    return make_secret(value, content);
  *content = grpc_slice_from_copied_string(value);
  return 1;
}

/* Refuses what core would refuse: core also logs the value, which may be a secret. */
static qdrant_status make_item(const char *name, const char *value, grpc_metadata *item) {
  memset(item, 0, sizeof *item);
  grpc_slice content;
  if (!make_content(name, value, &content))
    return QDRANT_NO_MEMORY;
  grpc_slice key = grpc_slice_from_copied_string(name);
  if (!grpc_header_key_is_legal(key) || grpc_is_binary_header(key) || !grpc_header_nonbin_value_is_legal(content)) {
    grpc_slice_unref(key);
    grpc_slice_unref(content);
    return QDRANT_INVALID_ARGUMENT;
  }
  item->key = key;
  item->value = content;
  return QDRANT_OK;
}

static void drop_items(grpc_metadata *items, size_t n_items) {
  for (size_t i = 0; i < n_items; i++) {
    grpc_slice_unref(items[i].key);
    grpc_slice_unref(items[i].value);
  }
}

/* status: of a header that core would refuse. */
static qdrant_status add_item(
    grpc_metadata *item, const char *name, const char *value, qdrant_status status, qdrant_error *err) {
  qdrant_status made = make_item(name, value, item);
  if (made == QDRANT_NO_MEMORY)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for header \"%s\"", name);
  if (made != QDRANT_OK)
    return qd_fail(err, status,
        "header \"%s\" cannot be sent: names are lower case without \"-bin\", values printable ASCII", name);
  return QDRANT_OK;
}

static qdrant_status add_own(qd_metadata *metadata, const char *name, const char *value, qdrant_error *err) {
  qdrant_status status = add_item(&metadata->items[metadata->n_items], name, value, QDRANT_CONFIG_INVALID, err);
  metadata->n_items += status == QDRANT_OK;
  return status;
}

qdrant_status qd_metadata_open(qd_metadata *metadata, const qd_grpc_options *options, qdrant_error *err) {
  memset(metadata, 0, sizeof *metadata);
  metadata->items = qd_alloc_array(options->n_headers + 1, sizeof *metadata->items);
  if (metadata->items == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu headers", options->n_headers);
  qdrant_status status = QDRANT_OK;
  if (options->api_key != NULL)
    status = add_own(metadata, "api-key", options->api_key, err);
  for (size_t i = 0; i < options->n_headers && status == QDRANT_OK; i++)
    status = add_own(metadata, options->headers[i].name, options->headers[i].value, err);
  if (status != QDRANT_OK)
    qd_metadata_close(metadata);
  return status;
}

void qd_metadata_close(qd_metadata *metadata) {
  if (!qd_grpc_is_forked_child())
    drop_items(metadata->items, metadata->n_items);
  qd_free(metadata->items);
  metadata->items = NULL;
  metadata->n_items = 0;
}

static int has_name(const qdrant_header *headers, size_t n_headers, grpc_slice key) {
  for (size_t i = 0; i < n_headers; i++)
    if (grpc_slice_str_cmp(key, headers[i].name) == 0)
      return 1;
  return 0;
}

static int reserve_items(qd_call_metadata *out, size_t n_items) {
  if (n_items <= out->capacity)
    return 1;
  grpc_metadata *grown = qd_alloc_array(n_items, sizeof *grown);
  if (grown == NULL)
    return 0;
  qd_free(out->items);
  out->items = grown;
  out->capacity = n_items;
  return 1;
}

qdrant_status qd_call_metadata_fill(
    qd_call_metadata *out, const qd_metadata *base, const qdrant_header *headers, size_t n_headers, qdrant_error *err) {
  out->n_items = 0;
  out->n_own = 0;
  if (!reserve_items(out, base->n_items + n_headers))
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu headers", n_headers);
  for (size_t i = 0; i < base->n_items; i++)
    if (!has_name(headers, n_headers, base->items[i].key))
      out->items[out->n_items++] = base->items[i];
  for (size_t i = 0; i < n_headers; i++) {
    qdrant_status status =
        add_item(&out->items[out->n_items], headers[i].name, headers[i].value, QDRANT_INVALID_ARGUMENT, err);
    if (status != QDRANT_OK) {
      qd_call_metadata_drop(out);
      return status;
    }
    out->n_items++;
    out->n_own++;
  }
  return QDRANT_OK;
}

void qd_call_metadata_drop(qd_call_metadata *metadata) {
  drop_items(metadata->items + (metadata->n_items - metadata->n_own), metadata->n_own);
  metadata->n_items = 0;
  metadata->n_own = 0;
}
