#include "tls/probe.h"

#include "core/deadline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct probe {
  const qd_probe_question *question;
  int stop_fd;
  int fd;
  int64_t deadline_ns;
  SSL_CTX *context;
  SSL *tls;
  qd_finding *finding;
} probe;

/* 0 when there is no more time. */
static int wait_for(const probe *made, short events) {
  struct pollfd fds[] = {{.fd = made->stop_fd, .events = POLLIN}, {.fd = made->fd, .events = events}};
  int left_ms = (int)(qd_deadline_left_ns(made->deadline_ns) / QD_NS_PER_MS);
  int n_ready = left_ms > 0 ? poll(fds, 2, left_ms) : 0;
  return n_ready > 0 && (fds[0].revents & POLLIN) == 0;
}

static int read_address(const qd_probe_question *question, struct sockaddr_storage *out, socklen_t *n_out) {
  struct sockaddr_in *v4 = (struct sockaddr_in *)out;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
  memset(out, 0, sizeof *out);
  if (inet_pton(AF_INET, question->address, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(question->port);
    *n_out = sizeof *v4;
    return 1;
  }
  if (inet_pton(AF_INET6, question->address, &v6->sin6_addr) != 1)
    return 0;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(question->port);
  *n_out = sizeof *v6;
  return 1;
}

static int connect_socket(probe *made) {
  struct sockaddr_storage address;
  socklen_t n_address = 0;
  int failure = 0;
  socklen_t n_failure = sizeof failure;
  if (!read_address(made->question, &address, &n_address))
    return 0;
  made->fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made->fd < 0)
    return 0;
  if (connect(made->fd, (struct sockaddr *)&address, n_address) == 0)
    return 1;
  return errno == EINPROGRESS && wait_for(made, POLLOUT) &&
         getsockopt(made->fd, SOL_SOCKET, SO_ERROR, &failure, &n_failure) == 0 && failure == 0;
}

static int trust(SSL_CTX *context, const char *ca_pem) {
  if (ca_pem == NULL)
    return SSL_CTX_set_default_verify_paths(context) == 1;
  BIO *text = BIO_new_mem_buf(ca_pem, -1);
  X509 *root = NULL;
  while (text != NULL && (root = PEM_read_bio_X509_AUX(text, NULL, NULL, NULL)) != NULL) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root);
    X509_free(root);
  }
  BIO_free(text);
  return text != NULL;
}

static int show_certificate(SSL_CTX *context, const qd_material *material) {
  BIO *cert_text = BIO_new_mem_buf(material->cert_pem, -1);
  BIO *key_text = BIO_new_mem_buf(material->key_pem, -1);
  X509 *certificate = cert_text != NULL ? PEM_read_bio_X509_AUX(cert_text, NULL, NULL, NULL) : NULL;
  EVP_PKEY *key = key_text != NULL ? PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL) : NULL;
  int is_shown = certificate != NULL && key != NULL && SSL_CTX_use_certificate(context, certificate) == 1 &&
                 SSL_CTX_use_PrivateKey(context, key) == 1;
  X509 *further = NULL;
  while (is_shown && (further = PEM_read_bio_X509(cert_text, NULL, NULL, NULL)) != NULL)
    is_shown = SSL_CTX_add0_chain_cert(context, further) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  BIO_free(cert_text);
  BIO_free(key_text);
  return is_shown;
}

static int make_context(probe *made) {
  const qd_probe_question *question = made->question;
  const qd_material *material = question->material;
  made->context = SSL_CTX_new(TLS_client_method());
  if (made->context == NULL)
    return 0;
  if (!question->is_tls || question->verify == QDRANT_VERIFY_NONE)
    SSL_CTX_set_verify(made->context, SSL_VERIFY_NONE, NULL);
  else
    SSL_CTX_set_verify(made->context, SSL_VERIFY_PEER, NULL);
  return material == NULL || (trust(made->context, material->ca_pem) &&
                                 (material->key_pem == NULL || show_certificate(made->context, material)));
}

static int set_name(SSL *tls, const char *name, int is_checked) {
  struct in6_addr address;
  int is_numeric = inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
  if (!is_numeric && SSL_set_tlsext_host_name(tls, name) != 1)
    return 0;
  if (!is_checked)
    return 1;
  return is_numeric ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), name) == 1 : SSL_set1_host(tls, name) == 1;
}

static int make_tls(probe *made) {
  static const unsigned char http2[] = {2, 'h', '2'};
  static const unsigned char http1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  const qd_probe_question *question = made->question;
  int is_http2 = question->is_http2;
  int is_name_checked = question->is_tls && question->verify == QDRANT_VERIFY_FULL;
  made->tls = SSL_new(made->context);
  return made->tls != NULL && SSL_set_fd(made->tls, made->fd) == 1 &&
         SSL_set_alpn_protos(made->tls, is_http2 ? http2 : http1, is_http2 ? sizeof http2 : sizeof http1) == 0 &&
         set_name(made->tls, question->name, is_name_checked);
}

/* Repeats a step while it waits for the peer. 1 when it was done. */
static int carry_out(probe *made, int (*step)(SSL *tls)) {
  for (;;) {
    ERR_clear_error();
    int result = step(made->tls);
    if (result > 0)
      return 1;
    int what = SSL_get_error(made->tls, result);
    short events = what == SSL_ERROR_WANT_READ ? POLLIN : what == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
    if (events == 0 || !wait_for(made, events))
      return 0;
  }
}

/* Alerts about a client's certificate come when the client has long finished its handshake, before the server's first
 * word. */
static int read_first_word(SSL *tls) {
  char byte;
  return SSL_peek(tls, &byte, 1);
}

/* What OpenSSL holds against the connection, if anything. */
static void take_failure(const probe *made) {
  long verdict = SSL_get_verify_result(made->tls);
  unsigned long failure = ERR_peek_error();
  const char *text = NULL;
  if (verdict != X509_V_OK && made->question->verify != QDRANT_VERIFY_NONE)
    text = X509_verify_cert_error_string(verdict);
  else if (ERR_GET_LIB(failure) == ERR_LIB_SSL)
    text = ERR_reason_error_string(failure);
  if (text != NULL)
    qd_finding_set(made->finding, qd_finding_reason(text, strlen(text)), text);
}

/* A connection in clear failed: does the other end speak TLS? An alert is an answer in TLS too. */
static void ask_for_tls(const probe *made, int has_shaken) {
  int reason = ERR_GET_REASON(ERR_peek_error());
  int is_alert = ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET;
  if (has_shaken || is_alert)
    qd_finding_set(made->finding, QDRANT_REASON_TLS_PROTOCOL, "the server speaks TLS on this port; write https://");
}

static void look(probe *made) {
  int has_shaken = carry_out(made, SSL_connect);
  if (!made->question->is_tls)
    ask_for_tls(made, has_shaken);
  else if (has_shaken && carry_out(made, read_first_word))
    made->finding->is_fine = 1;
  else
    take_failure(made);
}

void qd_probe(const qd_probe_question *question, int stop_fd, qd_finding *finding) {
  probe made = {.question = question,
      .stop_fd = stop_fd,
      .fd = -1,
      .deadline_ns = qd_deadline_in_ms(question->timeout_ms),
      .finding = finding};
  *finding = (qd_finding){.reason = QDRANT_REASON_NONE};
  if (connect_socket(&made) && make_context(&made) && make_tls(&made))
    look(&made);
  ERR_clear_error();
  SSL_free(made.tls);
  SSL_CTX_free(made.context);
  if (made.fd >= 0)
    close(made.fd);
}
