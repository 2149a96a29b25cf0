#include "tests/faults/fault_bed.h"

#include "qdrant/build.h"
#include "qdrant/calls.h"
#include "tests/support/certificates.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const fault_transport_names[] = {"grpc", "rest", "failover"};

fault_transport fault_transport_of(const char *name) {
  fault_transport transport = OVER_GRPC;
  while (transport < OVER_FAILOVER && strcmp(fault_transport_names[transport], name) != 0)
    transport++;
  return transport;
}

static const fault *fault_on(const fault_kind *kind, fault_transport transport) {
  return transport == OVER_REST ? &kind->of_http1 : &kind->of_http2;
}

int fault_kind_is_for(const fault_kind *kind, fault_transport transport) {
  return kind->stage != STAGE_PLAYED || fault_on(kind, transport)->moment != FAULT_NEVER;
}

/* A test that cannot have its servers has nothing to say. */
static void demand(int is_so, const char *what) {
  if (is_so)
    return;
  fprintf(stderr, "the bed of faults: %s\n", what);
  abort();
}

static void create_collection(qdrant_mock *mock, int is_tls) {
  qdrant_options options = QDRANT_OPTIONS_INIT;
  qdrant_client *client = NULL;
  qdrant_reply *reply = NULL;
  qdrant_arena *arena = qdrant_arena_new();
  options.url = is_tls ? "https://127.0.0.1" : "http://127.0.0.1";
  options.grpc_port = qdrant_mock_grpc_port(mock);
  options.tls_ca_path = is_tls ? certificate_path("ca.pem") : NULL;
  demand(qdrant_client_open(&options, &client, NULL) == QDRANT_OK, "no client");
  Qdrant__CreateCollection *request = qdrant_create_dense(arena, "c", BED_DIM, QDRANT__DISTANCE__Dot);
  demand(qdrant_collections_create(client, request, NULL, &reply, NULL) == QDRANT_OK, "no collection");
  qdrant_reply_free(reply);
  qdrant_arena_free(arena);
  qdrant_client_close(client);
}

/* What the server of https:// shows from now on. */
static void show_certificate(const fault_bed *bed, const char *name, int asks_certificate) {
  char *cert = certificate_text(name);
  char *key = certificate_text("server.key");
  char *authority = asks_certificate ? certificate_text("ca.pem") : NULL;
  demand(qdrant_mock_show_certificate(bed->tls_mock, cert, key, authority, NULL) == QDRANT_OK, "no certificate");
  free(cert);
  free(key);
  free(authority);
}

static void start_tls_mock(fault_bed *bed) {
  qdrant_mock_options options = QDRANT_MOCK_OPTIONS_INIT;
  demand(certificates_make(NULL) == 0, "no certificates");
  char *cert = certificate_text("good.pem");
  char *key = certificate_text("server.key");
  options.tls_cert_pem = cert;
  options.tls_key_pem = key;
  demand(qdrant_mock_start(&options, &bed->tls_mock, NULL) == QDRANT_OK, "no server of https://");
  free(cert);
  free(key);
  create_collection(bed->tls_mock, 1);
}

static void fill_batch(fault_bed *bed) {
  memset(bed->texts, 'x', sizeof bed->texts);
  for (int i = 0; i < BED_MANY_POINTS; i++) {
    bed->ids[i] = (uint64_t)i;
    bed->values[i * BED_DIM] = 0.5F;
    bed->offsets[i + 1] = (i + 1) * BED_TEXT_BYTES;
  }
  bed->vectors = (qdrant_vector_column){.dim = BED_DIM, .values = bed->values};
  bed->payload = (qdrant_payload_column){.key = "text", .values = bed->texts, .offsets = bed->offsets};
  bed->batch = (qdrant_point_batch){.size = sizeof bed->batch,
      .ids = bed->ids,
      .vectors = &bed->vectors,
      .n_vectors = 1,
      .payload = &bed->payload,
      .n_payload = 1};
}

fault_bed *fault_bed_new(void) {
  fault_bed *bed = calloc(1, sizeof *bed);
  demand(qdrant_mock_start(NULL, &bed->mock, NULL) == QDRANT_OK, "no server");
  fill_batch(bed);
  create_collection(bed->mock, 0);
  start_tls_mock(bed);
  return bed;
}

void fault_bed_free(fault_bed *bed) {
  qdrant_mock_stop(bed->mock);
  qdrant_mock_stop(bed->tls_mock);
  certificates_remove(NULL);
  free(bed);
}

static int is_tls(const fault_bed *bed) {
  return bed->kind->stage == STAGE_TLS;
}

static uint64_t count_points(const fault_bed *bed) {
  qdrant_mock_stats stats = QDRANT_MOCK_STATS_INIT;
  qdrant_mock_get_stats(is_tls(bed) ? bed->tls_mock : bed->mock, &stats);
  return stats.n_points;
}

static fault_server *front_of(const fault_bed *bed) {
  return bed->transport == OVER_REST ? bed->rest : bed->grpc;
}

static const fault *fault_of(const fault_bed *bed) {
  return fault_on(bed->kind, bed->transport);
}

/* The program beside this one, which hands everything on to the port and says where it listens. */
static void start_child(fault_bed *bed) {
  int pipes[2];
  char port[16];
  char target[16];
  char path[4096];
  ssize_t n_path = readlink("/proc/self/exe", path, sizeof path - 32);
  demand(n_path > 0 && pipe(pipes) == 0, "no pipe");
  path[n_path] = '\0';
  strcpy(strrchr(path, '/'), "/fault_process");
  snprintf(target, sizeof target, "%u", fault_server_port(front_of(bed)));
  bed->child = fork();
  if (bed->child == 0) {
    dup2(pipes[1], STDOUT_FILENO);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    execl(path, path, bed->transport == OVER_REST ? "http1" : "http2", target, (char *)NULL);
    _exit(127);
  }
  close(pipes[1]);
  ssize_t n_read = read(pipes[0], port, sizeof port - 1);
  close(pipes[0]);
  demand(bed->child > 0 && n_read > 0, "no process of its own");
  port[n_read] = '\0';
  bed->child_port = (uint16_t)strtoul(port, NULL, 10);
}

static void end_child(fault_bed *bed) {
  if (bed->child == 0)
    return;
  kill(bed->child, SIGKILL);
  while (waitpid(bed->child, NULL, 0) < 0 && errno == EINTR) {
  }
  bed->child = 0;
}

void fault_bed_open(fault_bed *bed, const fault_kind *kind, fault_transport transport) {
  bed->kind = kind;
  bed->transport = transport;
  bed->n_before = count_points(bed);
  bed->grpc = fault_server_start(FAULT_HTTP2, qdrant_mock_grpc_port(bed->mock));
  bed->rest = fault_server_start(FAULT_HTTP1, qdrant_mock_rest_port(bed->mock));
  if (kind->stage == STAGE_STOPPED)
    start_child(bed);
}

void fault_bed_close(fault_bed *bed) {
  end_child(bed);
  fault_server_stop(bed->grpc);
  fault_server_stop(bed->rest);
}

int fault_bed_is_of_connections(const fault_bed *bed) {
  return bed->kind->stage == STAGE_BACKLOG || is_tls(bed) ||
         (bed->kind->stage == STAGE_PLAYED && fault_of(bed)->moment == FAULT_AT_ACCEPT);
}

void fault_bed_begin(fault_bed *bed, int once) {
  fault_server *front = front_of(bed);
  switch (bed->kind->stage) {
  case STAGE_PLAYED: fault_server_play(front, fault_of(bed), once ? 1 : -1); break;
  case STAGE_DIES: fault_server_die(front); break;
  case STAGE_RESTARTS:
    fault_server_die(front);
    fault_server_come_back(front);
    break;
  case STAGE_BACKLOG:
    fault_server_die(front);
    bed->backlog = full_listener_open_at("127.0.0.1", fault_server_port(front));
    break;
  case STAGE_STOPPED:
    kill(bed->child, SIGSTOP);
    waitpid(bed->child, NULL, WUNTRACED); /* until all its threads have stopped */
    break;
  case STAGE_TLS: show_certificate(bed, bed->kind->certificate, bed->kind->asks_certificate); break;
  }
}

void fault_bed_heal(fault_bed *bed) {
  fault_server *front = front_of(bed);
  switch (bed->kind->stage) {
  case STAGE_PLAYED: fault_server_heal(front); break;
  case STAGE_DIES: fault_server_come_back(front); break;
  case STAGE_RESTARTS: break;
  case STAGE_BACKLOG:
    full_listener_close(&bed->backlog);
    fault_server_come_back(front);
    break;
  case STAGE_STOPPED: kill(bed->child, SIGCONT); break;
  case STAGE_TLS: show_certificate(bed, "good.pem", 0); break;
  }
}

size_t fault_bed_n_met(const fault_bed *bed) {
  return bed->kind->stage == STAGE_PLAYED ? fault_server_n_played(front_of(bed)) : 1;
}

void fault_bed_dial(const fault_bed *bed, qdrant_options *options) {
  options->url = is_tls(bed) ? "https://127.0.0.1" : "http://127.0.0.1";
  options->tls_ca_path = is_tls(bed) ? certificate_path("ca.pem") : NULL;
  options->grpc_port = is_tls(bed) ? qdrant_mock_grpc_port(bed->tls_mock) : fault_server_port(bed->grpc);
  options->rest_port = is_tls(bed) ? qdrant_mock_rest_port(bed->tls_mock) : fault_server_port(bed->rest);
  if (bed->child != 0)
    *(bed->transport == OVER_REST ? &options->rest_port : &options->grpc_port) = bed->child_port;
  options->prefer_grpc = bed->transport == OVER_REST ? QDRANT_OFF : QDRANT_ON;
  options->rest_fallback = bed->transport == OVER_FAILOVER ? QDRANT_ON : QDRANT_OFF;
}

uint64_t fault_bed_n_applied(const fault_bed *bed, size_t n_points) {
  return (count_points(bed) - bed->n_before) / n_points;
}
