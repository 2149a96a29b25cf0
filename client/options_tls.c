#include "client/options_tls.h"

#include "client/option_number.h"
#include "client/option_text.h"
#include "core/deadline.h"
#include "core/error.h"

static const qd_number_rule reload_rule = {"tls_reload_ms", 60000, 1, QD_MAX_TIMEOUT_MS, -1};

/* The first option that makes sense with TLS only; NULL: none is set. */
static const char *find_tls_option(const qdrant_options *given) {
  const struct {
    const char *name;
    int is_set;
  } options[] = {
      {"tls_ca_path", given->tls_ca_path != NULL},
      {"tls_cert_path", given->tls_cert_path != NULL},
      {"tls_key_path", given->tls_key_path != NULL},
      {"tls_server_name", given->tls_server_name != NULL},
      {"tls_verify", given->tls_verify != QDRANT_VERIFY_FULL},
      {"tls_reload_ms", given->tls_reload_ms != 0},
  };
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    if (options[i].is_set)
      return options[i].name;
  return NULL;
}

static qdrant_status check_contradictions(const qdrant_options *given, const qd_options *options, qdrant_error *err) {
  const char *set = find_tls_option(given);
  for (size_t i = 0; set != NULL && i < options->n_nodes; i++)
    if (!options->nodes[i].url.is_tls)
      return qd_fail(err, QDRANT_CONFIG_INVALID, "%s is set, but url \"%s\" does not use TLS; write https://", set,
          options->nodes[i].endpoint);
  if ((given->tls_cert_path == NULL) != (given->tls_key_path == NULL))
    return qd_fail(err, QDRANT_CONFIG_INVALID, "%s is set without %s; a client certificate needs both",
        given->tls_cert_path != NULL ? "tls_cert_path" : "tls_key_path",
        given->tls_cert_path != NULL ? "tls_key_path" : "tls_cert_path");
  if ((unsigned)given->tls_verify > QDRANT_VERIFY_NONE)
    return qd_fail(
        err, QDRANT_CONFIG_INVALID, "tls_verify is %d, which is no qdrant_tls_verify", (int)given->tls_verify);
  if (given->tls_verify != QDRANT_VERIFY_FULL && given->tls_server_name != NULL)
    return qd_fail(err, QDRANT_CONFIG_INVALID, "tls_server_name is set, but tls_verify has no name checked");
  return QDRANT_OK;
}

qdrant_status qd_options_resolve_tls(const qdrant_options *given, qd_options *options, qdrant_error *err) {
  qd_tls_options *tls = &options->tls;
  qd_arena *arena = options->arena;
  qdrant_status status = check_contradictions(given, options, err);
  if (status != QDRANT_OK ||
      (status = qd_option_text("tls_ca_path", given->tls_ca_path, &tls->ca_path, arena, err)) != QDRANT_OK ||
      (status = qd_option_text("tls_cert_path", given->tls_cert_path, &tls->cert_path, arena, err)) != QDRANT_OK ||
      (status = qd_option_text("tls_key_path", given->tls_key_path, &tls->key_path, arena, err)) != QDRANT_OK ||
      (status = qd_option_text("tls_server_name", given->tls_server_name, &tls->server_name, arena, err)) != QDRANT_OK)
    return status;
  tls->verify = given->tls_verify;
  return qd_option_number(&reload_rule, given->tls_reload_ms, &tls->reload_ms, QDRANT_CONFIG_INVALID, err);
}
