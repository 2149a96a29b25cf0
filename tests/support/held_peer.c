#include "tests/support/held_peer.h"

#include "tests/support/certificates.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PREFACE_BYTES = 24, HEAD_BYTES = 9, FRAME_HEADERS = 1, FRAME_SETTINGS = 4 };

struct held_peer {
  SSL_CTX *context;
  int fd;
  uint16_t port;
  pthread_t thread;
  sem_t asked;
  sem_t told;
  sem_t answered;
};

static void must(int is_true) {
  if (!is_true)
    abort();
}

static int choose_http2(
    SSL *ssl, const unsigned char **out, unsigned char *n_out, const unsigned char *in, unsigned n_in, void *user) {
  static const unsigned char http2[] = "\2h2";
  unsigned char *chosen = NULL;
  (void)ssl, (void)user;
  if (SSL_select_next_proto(&chosen, n_out, http2, sizeof http2 - 1, in, n_in) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

static void read_all(SSL *ssl, uint8_t *bytes, size_t n_bytes) {
  for (size_t n_read = 0; n_read < n_bytes;) {
    int n_more = SSL_read(ssl, bytes + n_read, (int)(n_bytes - n_read));
    must(n_more > 0);
    n_read += (size_t)n_more;
  }
}

/* Frames up to the headers of the request. */
static void read_request(SSL *ssl) {
  uint8_t preface[PREFACE_BYTES];
  uint8_t head[HEAD_BYTES] = {0};
  read_all(ssl, preface, sizeof preface);
  do {
    uint8_t content[1 << 14];
    read_all(ssl, head, sizeof head);
    size_t n_content = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
    must(n_content <= sizeof content);
    read_all(ssl, content, n_content);
  } while (head[3] != FRAME_HEADERS);
}

static void write_all(SSL *ssl, const uint8_t *bytes, size_t n_bytes) {
  must(SSL_write(ssl, bytes, (int)n_bytes) == (int)n_bytes);
}

static void talk(held_peer *peer, SSL *ssl) {
  static const uint8_t settings[] = {0, 0, 0, FRAME_SETTINGS, 0, 0, 0, 0, 0};
  static const uint8_t status_204[] = {0, 0, 1, FRAME_HEADERS, 5, 0, 0, 0, 1, 0x89}; /* which ends the stream */
  uint8_t rest[64];
  must(SSL_accept(ssl) == 1);
  write_all(ssl, settings, sizeof settings);
  read_request(ssl);
  sem_post(&peer->asked);
  sem_wait(&peer->told);
  write_all(ssl, status_204, sizeof status_204);
  sem_post(&peer->answered);
  while (SSL_read(ssl, rest, sizeof rest) > 0)
    continue;
}

static void *run(void *user) {
  held_peer *peer = user;
  int fd = accept(peer->fd, NULL, NULL);
  SSL *ssl = SSL_new(peer->context);
  must(fd >= 0 && ssl != NULL && SSL_set_fd(ssl, fd) == 1);
  talk(peer, ssl);
  SSL_free(ssl);
  close(fd);
  return NULL;
}

static void listen_at_any_port(held_peer *peer) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n_bytes = sizeof address;
  peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(bind(peer->fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(peer->fd, 1) == 0);
  must(getsockname(peer->fd, (struct sockaddr *)&address, &n_bytes) == 0);
  peer->port = ntohs(address.sin_port);
}

held_peer *held_peer_start(void) {
  held_peer *peer = calloc(1, sizeof *peer);
  must(peer != NULL && (peer->context = SSL_CTX_new(TLS_server_method())) != NULL);
  must(SSL_CTX_use_certificate_chain_file(peer->context, certificate_path("good.pem")) == 1);
  must(SSL_CTX_use_PrivateKey_file(peer->context, certificate_path("server.key"), SSL_FILETYPE_PEM) == 1);
  SSL_CTX_set_alpn_select_cb(peer->context, choose_http2, NULL);
  sem_init(&peer->asked, 0, 0);
  sem_init(&peer->told, 0, 0);
  sem_init(&peer->answered, 0, 0);
  listen_at_any_port(peer);
  must(pthread_create(&peer->thread, NULL, run, peer) == 0);
  return peer;
}

uint16_t held_peer_port(const held_peer *peer) {
  return peer->port;
}

void held_peer_await_request(held_peer *peer) {
  sem_wait(&peer->asked);
}

void held_peer_answer(held_peer *peer) {
  sem_post(&peer->told);
  sem_wait(&peer->answered);
}

void held_peer_stop(held_peer *peer) {
  pthread_join(peer->thread, NULL);
  close(peer->fd);
  SSL_CTX_free(peer->context);
  sem_destroy(&peer->asked);
  sem_destroy(&peer->told);
  sem_destroy(&peer->answered);
  free(peer);
}
