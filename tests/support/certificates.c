#include "tests/support/certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MAX_PEM_BYTES = 16384 };

static char folder[] = "/tmp/qdrant-tls-XXXXXX";
static int has_certificates;

static const char make_certificates[] =
    "cd '%s' && exec >log 2>&1 && set -e\n"
    "for ca in ca other; do\n"
    "  openssl req -x509 -newkey rsa:2048 -nodes -keyout $ca.key -out $ca.pem -days 2 -subj /CN=$ca\n"
    "done\n"
    "openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server\n"
    "echo 'subjectAltName=IP:127.0.0.1,DNS:qdrant.test' >good.ext\n"
    "echo 'subjectAltName=DNS:elsewhere.test' >wrong.ext\n"
    "for kind in good wrong; do\n"
    "  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $kind.ext -out "
    "$kind.pem\n"
    "done\n"
    "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 0 -extfile good.ext -out "
    "expired.pem\n";

int certificates_make(void **state) {
  (void)state;
  char script[2048];
  if (system("command -v openssl >/dev/null") != 0) {
    print_message("skipped: the openssl program is missing (Debian package openssl)\n");
    return 0;
  }
  if (mkdtemp(folder) == NULL)
    return -1;
  snprintf(script, sizeof script, make_certificates, folder);
  has_certificates = system(script) == 0;
  return has_certificates ? 0 : -1;
}

int certificates_remove(void **state) {
  (void)state;
  char command[64];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return has_certificates && system(command) != 0;
}

int have_certificates(void) {
  return has_certificates;
}

const char *certificate_path(const char *name) {
  static _Thread_local char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void read_pem(const char *name, char *out) {
  FILE *file = fopen(certificate_path(name), "re");
  if (file == NULL)
    abort();
  out[fread(out, 1, MAX_PEM_BYTES - 1, file)] = '\0';
  fclose(file);
}

grpc_peer *start_tls_peer(const char *cert_name) {
  char cert[MAX_PEM_BYTES];
  char key[MAX_PEM_BYTES];
  read_pem(cert_name, cert);
  read_pem("server.key", key);
  peer_options options = {.cert_pem = cert, .key_pem = key};
  return grpc_peer_start(&options);
}
