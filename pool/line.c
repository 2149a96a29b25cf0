#include "pool/line.h"

#include "core/alloc.h"
#include "core/error.h"
#include "core/rpc.h"
#include "pool/channel_credentials.h"

#include <arpa/inet.h>
#include <grpc/compression.h>
#include <grpc/grpc_security.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Reconnection: the first attempt after 100 ms, then up to 1 s apart. gRPC's own 1 s to 120 s would leave a client idle
 * long after the server is back. An error text of the server's travels as metadata and may be long. */
enum { FIRST_BACKOFF_MS = 100, MAX_BACKOFF_MS = 1000, MAX_METADATA_BYTES = 256 * 1024, MAX_ARGS = 24 };

typedef struct arg_list {
  grpc_arg items[MAX_ARGS];
  size_t n_items;
} arg_list;

static void add_int(arg_list *args, const char *key, int64_t value) {
  int clamped = value > INT_MAX ? INT_MAX : (int)value;
  args->items[args->n_items++] = (grpc_arg){.type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = clamped};
}

static void add_text(arg_list *args, const char *key, const char *value) {
  args->items[args->n_items++] = (grpc_arg){.type = GRPC_ARG_STRING, .key = (char *)key, .value.string = (char *)value};
}

static void add_keepalive_args(arg_list *args, const qd_grpc_options *options) {
  if (options->keepalive_ms < 0)
    return;
  add_int(args, GRPC_ARG_KEEPALIVE_TIME_MS, options->keepalive_ms);
  add_int(args, GRPC_ARG_KEEPALIVE_TIMEOUT_MS, options->keepalive_timeout_ms);
  add_int(args, GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  /* 0 is no limit: with the default of 2 a peer that hangs within a long call is never found out. */
  add_int(args, GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

static void fill_args(arg_list *args, const qd_grpc_options *options) {
  args->n_items = 0;
  /* Core's own retries would make "the send batch failed" say nothing about what the server got. */
  add_int(args, GRPC_ARG_ENABLE_RETRIES, 0);
  add_int(args, GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  add_int(args, GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, FIRST_BACKOFF_MS);
  add_int(args, GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
      options->connect_timeout_ms); /* which is the time an attempt to connect has */
  add_int(args, GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, MAX_BACKOFF_MS);
  add_int(args, GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH,
      options->max_reply_bytes > INT_MAX ? INT_MAX : (int64_t)options->max_reply_bytes);
  add_int(args, GRPC_ARG_MAX_METADATA_SIZE, MAX_METADATA_BYTES);
  add_int(args, GRPC_ARG_ENABLE_HTTP_PROXY, options->use_env_proxy);
  add_int(args, GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS, INT_MAX);
  add_int(args, GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  /* The server compresses whatever it is allowed to, small replies too: floats do not shrink and the time is lost. */
  add_int(args, GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
  add_keepalive_args(args, options);
  if (options->user_agent != NULL)
    add_text(args, GRPC_ARG_PRIMARY_USER_AGENT_STRING, options->user_agent);
  if (options->is_tls && options->tls.server_name != NULL)
    add_text(args, GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, options->tls.server_name);
}

static int is_ipv6(const char *host) {
  return strchr(host, ':') != NULL;
}

char *qd_endpoint_text(const char *host, uint16_t port) {
  size_t n_bytes = strlen(host) + sizeof "[]:65535";
  char *text = qd_alloc(n_bytes);
  if (text != NULL)
    snprintf(text, n_bytes, is_ipv6(host) ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
  return text;
}

/* Addresses go to gRPC as such, so that no resolver is asked for them. */
static char *write_target(qd_arena *arena, const char *host, uint16_t port) {
  struct in_addr address;
  const char *scheme = "dns:///";
  if (is_ipv6(host))
    scheme = "ipv6:";
  else if (inet_pton(AF_INET, host, &address) == 1)
    scheme = "ipv4:";
  char *endpoint = qd_endpoint_text(host, port);
  char *target = endpoint != NULL ? qd_arena_alloc(arena, strlen(scheme) + strlen(endpoint) + 1) : NULL;
  if (target != NULL)
    strcpy(stpcpy(target, scheme), endpoint);
  qd_free(endpoint);
  return target;
}

static int copy_text(qd_arena *arena, const char **text) {
  if (*text != NULL)
    *text = qd_arena_strndup(arena, *text, strlen(*text));
  return !qd_arena_has_failed(arena);
}

/* Of the texts only those that a line needs stay; the key is not among them. */
static int copy_options(qd_line_plan *plan, const qd_grpc_options *options) {
  plan->options = *options;
  plan->options.host = NULL;
  plan->options.api_key = NULL;
  plan->options.headers = NULL;
  plan->options.n_headers = 0;
  plan->options.tls.ca_path = plan->options.tls.cert_path = plan->options.tls.key_path = NULL;
  plan->target = write_target(plan->arena, options->host, options->port);
  return plan->target != NULL && copy_text(plan->arena, &plan->options.user_agent) &&
         copy_text(plan->arena, &plan->options.tls.server_name);
}

qdrant_status qd_line_plan_open(qd_line_plan *plan, const qd_grpc_options *options, qdrant_error *err) {
  plan->arena = qd_arena_new(512);
  if (plan->arena == NULL || !copy_options(plan, options))
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the address of \"%s\"", options->host);
  return options->is_tls ? qd_material_open(&options->tls, &plan->files, err) : QDRANT_OK;
}

void qd_line_plan_close(qd_line_plan *plan) {
  qd_material_close(plan->files);
  qd_arena_free(plan->arena);
  *plan = (qd_line_plan){0};
}

qd_material *qd_line_plan_material(const qd_line_plan *plan) {
  return plan->files != NULL ? qd_material_take(plan->files) : NULL;
}

qd_line *qd_line_new(const qd_line_plan *plan, const qd_material *material) {
  qd_line *line = qd_alloc(sizeof *line);
  if (line == NULL)
    return NULL;
  arg_list args;
  fill_args(&args, &plan->options);
  grpc_channel_args core_args = {.num_args = args.n_items, .args = args.items};
  grpc_channel_credentials *credentials = qd_channel_credentials_new(plan->options.tls.verify, material);
  atomic_init(&line->refs, 1);
  line->generation = material != NULL ? material->generation : 0;
  line->core = grpc_channel_create(plan->target, credentials, &core_args);
  grpc_channel_credentials_release(credentials);
  for (int rpc = 0; rpc < QDRANT_N_RPCS; rpc++)
    line->methods[rpc] = grpc_channel_register_call(line->core, qd_rpc_row((qdrant_rpc)rpc)->path, NULL, NULL);
  return line;
}

qd_line *qd_line_ref(qd_line *line) {
  atomic_fetch_add_explicit(&line->refs, 1, memory_order_relaxed);
  return line;
}

void qd_line_unref(qd_line *line) {
  if (line == NULL || atomic_fetch_sub_explicit(&line->refs, 1, memory_order_acq_rel) != 1)
    return;
  grpc_channel_destroy(line->core);
  qd_free(line);
}
