#include "pool/channel_credentials.h"

#include <grpc/grpc_security.h>

/* Core's usual credentials: chain, dates and name are checked, and nothing can be left out. */
static grpc_channel_credentials *new_checked(const qd_material *material) {
  grpc_ssl_pem_key_cert_pair own = {.private_key = material->key_pem, .cert_chain = material->cert_pem};
  return grpc_ssl_credentials_create_ex(material->ca_pem, material->key_pem != NULL ? &own : NULL, NULL, NULL);
}

static grpc_tls_certificate_provider *new_provider(const qd_material *material) {
  grpc_tls_identity_pairs *own = NULL;
  if (material->key_pem != NULL) {
    own = grpc_tls_identity_pairs_create();
    grpc_tls_identity_pairs_add_pair(own, material->key_pem, material->cert_pem);
  }
  return grpc_tls_certificate_provider_static_data_create(material->ca_pem, own);
}

/* The only way to check less, which core calls experimental: so it serves nothing else. */
static grpc_channel_credentials *new_less_checked(qdrant_tls_verify verify, const qd_material *material) {
  grpc_tls_credentials_options *options = grpc_tls_credentials_options_create();
  grpc_tls_certificate_verifier *any_name = grpc_tls_certificate_verifier_no_op_create();
  if (material->ca_pem != NULL || material->key_pem != NULL) {
    grpc_tls_certificate_provider *provider = new_provider(material);
    grpc_tls_credentials_options_set_certificate_provider(options, provider);
    grpc_tls_certificate_provider_release(provider);
  }
  if (material->ca_pem != NULL)
    grpc_tls_credentials_options_watch_root_certs(options);
  if (material->key_pem != NULL)
    grpc_tls_credentials_options_watch_identity_key_cert_pairs(options);
  grpc_tls_credentials_options_set_verify_server_cert(options, verify == QDRANT_VERIFY_CHAIN_ONLY);
  grpc_tls_credentials_options_set_check_call_host(options, 0);
  grpc_tls_credentials_options_set_certificate_verifier(options, any_name);
  grpc_tls_certificate_verifier_release(any_name);
  return grpc_tls_credentials_create(options);
}

grpc_channel_credentials *qd_channel_credentials_new(qdrant_tls_verify verify, const qd_material *material) {
  if (material == NULL)
    return grpc_insecure_credentials_create();
  return verify == QDRANT_VERIFY_FULL ? new_checked(material) : new_less_checked(verify, material);
}
