#include "tests/support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PEM_BYTES = 16384, DAY_S = 86400, N_PATHS = 4 };

static char folder[] = "/tmp/qdrant-tls-XXXXXX";

typedef enum key_owner { CA_KEY, OTHER_KEY, SERVER_KEY, CLIENT_KEY, N_KEYS } key_owner;

static const char *const key_names[N_KEYS] = {"ca.key", "other.key", "server.key", "client.key"};

typedef struct made_certificate {
  const char *name;
  const char *subject;
  const char *issuer;
  key_owner key;
  key_owner signer;
  int first_day; /* from now */
  int last_day;
  const char *names; /* NULL: an authority */
} made_certificate;

static const char good_names[] = "IP:127.0.0.1,DNS:qdrant.test";

static const made_certificate certificates[] = {
    {"ca.pem", "ca", "ca", CA_KEY, CA_KEY, -1, 2, NULL},
    {"other.pem", "other", "other", OTHER_KEY, OTHER_KEY, -1, 2, NULL},
    {"good.pem", "server", "ca", SERVER_KEY, CA_KEY, -1, 2, good_names},
    {"other_good.pem", "server", "other", SERVER_KEY, OTHER_KEY, -1, 2, good_names},
    {"wrong.pem", "server", "ca", SERVER_KEY, CA_KEY, -1, 2, "DNS:elsewhere.test"},
    {"expired.pem", "server", "ca", SERVER_KEY, CA_KEY, -2, -1, good_names},
    {"future.pem", "server", "ca", SERVER_KEY, CA_KEY, 1, 2, good_names},
    {"self.pem", "server", "server", SERVER_KEY, SERVER_KEY, -1, 2, good_names},
    {"client.pem", "client", "ca", CLIENT_KEY, CA_KEY, -1, 2, "DNS:client.test"},
    {"stranger.pem", "client", "other", CLIENT_KEY, OTHER_KEY, -1, 2, "DNS:client.test"},
    {"stale.pem", "client", "ca", CLIENT_KEY, CA_KEY, -2, -1, "DNS:client.test"},
};

const char *certificate_path(const char *name) {
  static _Thread_local char paths[N_PATHS][128];
  static _Thread_local unsigned n_asked;
  char *path = paths[n_asked++ % N_PATHS];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

/* A test without its certificates has nothing to say. */
static void demand(int is_fine) {
  if (!is_fine)
    abort();
}

static FILE *open_file(const char *name, const char *mode) {
  FILE *file = fopen(certificate_path(name), mode);
  demand(file != NULL);
  return file;
}

static void write_key(const char *name, EVP_PKEY *key) {
  FILE *file = open_file(name, "we");
  demand(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
  fclose(file);
}

static X509_NAME *make_name(const char *text) {
  X509_NAME *name = X509_NAME_new();
  demand(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)text, -1, -1, 0) == 1);
  return name;
}

static void set_names(X509 *certificate, const made_certificate *wanted) {
  X509_NAME *subject = make_name(wanted->subject);
  X509_NAME *issuer = make_name(wanted->issuer);
  demand(X509_set_subject_name(certificate, subject) == 1 && X509_set_issuer_name(certificate, issuer) == 1);
  X509_NAME_free(subject);
  X509_NAME_free(issuer);
}

static void add_extension(X509 *certificate, int kind, const char *value) {
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
  demand(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

static void write_certificate(const made_certificate *wanted, EVP_PKEY *const keys[N_KEYS]) {
  static long n_made;
  X509 *certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++n_made);
  X509_gmtime_adj(X509_getm_notBefore(certificate), (long)wanted->first_day * DAY_S);
  X509_gmtime_adj(X509_getm_notAfter(certificate), (long)wanted->last_day * DAY_S);
  X509_set_pubkey(certificate, keys[wanted->key]);
  set_names(certificate, wanted);
  add_extension(certificate, NID_basic_constraints, wanted->names == NULL ? "critical,CA:TRUE" : "CA:FALSE");
  if (wanted->names != NULL)
    add_extension(certificate, NID_subject_alt_name, wanted->names);
  demand(X509_sign(certificate, keys[wanted->signer], EVP_sha256()) > 0);
  FILE *file = open_file(wanted->name, "we");
  demand(PEM_write_X509(file, certificate) == 1);
  fclose(file);
  X509_free(certificate);
}

int certificates_make(void **state) {
  (void)state;
  EVP_PKEY *keys[N_KEYS];
  if (mkdtemp(folder) == NULL)
    return -1;
  for (int i = 0; i < N_KEYS; i++) {
    keys[i] = EVP_EC_gen("P-256");
    demand(keys[i] != NULL);
    write_key(key_names[i], keys[i]);
  }
  for (size_t i = 0; i < sizeof certificates / sizeof *certificates; i++)
    write_certificate(&certificates[i], keys);
  for (int i = 0; i < N_KEYS; i++)
    EVP_PKEY_free(keys[i]);
  return 0;
}

int certificates_remove(void **state) {
  (void)state;
  char command[64];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command) != 0;
}

void certificate_write(const char *name, const char *text) {
  unlink(certificate_path(name));
  if (text == NULL)
    return;
  FILE *file = open_file(name, "we");
  fputs(text, file);
  fclose(file);
}

void certificate_lock_key(const char *name, const char *locked_name) {
  FILE *from = open_file(name, "re");
  FILE *to = open_file(locked_name, "we");
  EVP_PKEY *key = PEM_read_PrivateKey(from, NULL, NULL, NULL);
  demand(PEM_write_PrivateKey(to, key, EVP_aes_256_cbc(), (const unsigned char *)"pass", 4, NULL, NULL) == 1);
  EVP_PKEY_free(key);
  fclose(from);
  fclose(to);
}

char *certificate_text(const char *name) {
  char *text = malloc(MAX_PEM_BYTES);
  FILE *file = open_file(name, "re");
  text[fread(text, 1, MAX_PEM_BYTES - 1, file)] = '\0';
  fclose(file);
  return text;
}

grpc_peer *start_tls_peer(const char *cert_name) {
  char *cert = certificate_text(cert_name);
  char *key = certificate_text("server.key");
  peer_options options = {.cert_pem = cert, .key_pem = key};
  grpc_peer *peer = grpc_peer_start(&options);
  free(cert);
  free(key);
  return peer;
}
