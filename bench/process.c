#include "bench/process.h"

#include "bench/measure.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  SERVER_TIMEOUT_MS = 15000,
  CONTENDER_TIMEOUT_MS = 300000,
  LINE_BYTES = 512,
  WARM_UP_SHARE = 10,
  WARM_UP_ROUNDS = 4
};

/* What the contender's process sends to its parent, in one write. */
typedef struct contender_report {
  bool has_succeeded;
  bench_result result;
  bench_error error;
} contender_report;

bool bench_fail(bench_error *err, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(err->text, sizeof err->text, format, arguments);
  va_end(arguments);
  return false;
}

bool bench_can_pin(void) {
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) != 0)
    return false;
  return CPU_ISSET(BENCH_CLIENT_CORE, &usable) && CPU_ISSET(BENCH_SERVER_CORE, &usable);
}

/* In the child, before it starts threads; it dies with the benchmark. */
static void settle_child(int core) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET((size_t)core, &only);
  if (bench_can_pin())
    sched_setaffinity(0, sizeof only, &only);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static bool await_readable(int fd, int timeout_ms) {
  struct pollfd ready = {.fd = fd, .events = POLLIN};
  return poll(&ready, 1, timeout_ms) == 1;
}

/* Ends and reaps; a process that ended by itself is only reaped. */
static void kill_child(pid_t pid) {
  kill(pid, SIGKILL);
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    ;
}

static _Noreturn void exec_server(const char *program, bench_peer peer, uint32_t limit, int output) {
  char limit_text[16];
  snprintf(limit_text, sizeof limit_text, "%" PRIu32, limit);
  settle_child(BENCH_SERVER_CORE);
  dup2(output, STDOUT_FILENO);
  close(output);
  if (peer == BENCH_PEER_TCP)
    execl(program, program, "--tcp", (char *)NULL);
  else
    execl(program, program, "--limit", limit_text, (char *)NULL);
  _exit(127);
}

static bool read_port(bench_server *server) {
  char line[LINE_BYTES];
  unsigned grpc_port;
  unsigned tcp_port;
  if (!await_readable(fileno(server->output), SERVER_TIMEOUT_MS) || !fgets(line, sizeof line, server->output))
    return false;
  if (sscanf(line, "{\"ready\":true,\"grpc_port\":%u,\"tcp_port\":%u}", &grpc_port, &tcp_port) != 2)
    return false;
  server->port = (uint16_t)(grpc_port ? grpc_port : tcp_port);
  return true;
}

bool bench_server_start(bench_server *server, const char *program, bench_peer peer, uint32_t limit, bench_error *err) {
  int ends[2];
  *server = (bench_server){0};
  if (pipe(ends) != 0)
    return bench_fail(err, "pipe: %s", strerror(errno));
  fflush(NULL);
  server->pid = fork();
  if (server->pid == 0) {
    close(ends[0]);
    exec_server(program, peer, limit, ends[1]);
  }
  close(ends[1]);
  server->output = server->pid > 0 ? fdopen(ends[0], "r") : NULL;
  if (server->output && read_port(server))
    return true;
  if (server->pid > 0)
    kill_child(server->pid);
  if (server->output)
    fclose(server->output);
  else
    close(ends[0]);
  return bench_fail(err, "%s did not start", program);
}

static bool read_counts(bench_server *server, bench_counts *counts) {
  char line[LINE_BYTES];
  if (!await_readable(fileno(server->output), SERVER_TIMEOUT_MS) || !fgets(line, sizeof line, server->output))
    return false;
  return sscanf(line, "{\"calls\":%" SCNu64 ",\"items\":%" SCNu64 ",\"request_bytes\":%" SCNu64, &counts->calls,
             &counts->items, &counts->request_bytes) == 3;
}

bool bench_server_stop(bench_server *server, bench_counts *counts, bench_error *err) {
  kill(server->pid, SIGTERM);
  bool has_counts = read_counts(server, counts);
  kill_child(server->pid);
  fclose(server->output);
  return has_counts || bench_fail(err, "the null server did not give its counts");
}

static bool run_measured(
    const bench_contender *contender, void *state, uint64_t *latency_ns, bench_result *result, bench_error *err) {
  if (!contender->run(state, result->n_warm_up_calls, latency_ns, err))
    return false;
  bench_usage before = bench_usage_now();
  if (!contender->run(state, result->n_calls, latency_ns, err))
    return false;
  bench_usage after = bench_usage_now();
  result->cpu_ns = after.cpu_ns - before.cpu_ns;
  result->wall_ns = after.wall_ns - before.wall_ns;
  result->max_rss_kib = after.max_rss_kib;
  result->p50_ns = bench_percentile(latency_ns, result->n_calls, 0.50);
  result->p99_ns = bench_percentile(latency_ns, result->n_calls, 0.99);
  return true;
}

/* Every connection and every buffer pool has been used before the clock starts. */
static uint64_t warm_up_calls(const bench_case *which) {
  uint64_t share = which->n_calls / WARM_UP_SHARE;
  uint64_t least = (uint64_t)WARM_UP_ROUNDS * which->in_flight;
  return share > least ? share : least;
}

static bool run_contender(
    const bench_contender *contender, const bench_case *which, uint16_t port, bench_result *result, bench_error *err) {
  void *state = NULL;
  result->n_calls = which->n_calls;
  result->n_warm_up_calls = warm_up_calls(which);
  uint64_t n_most = result->n_calls > result->n_warm_up_calls ? result->n_calls : result->n_warm_up_calls;
  uint64_t *latency_ns = calloc(n_most, sizeof *latency_ns);
  if (!latency_ns)
    return bench_fail(err, "out of memory");
  bool has_succeeded =
      contender->open(which, port, &state, err) && run_measured(contender, state, latency_ns, result, err);
  if (state)
    contender->close(state);
  free(latency_ns);
  return has_succeeded;
}

static _Noreturn void be_contender(
    const bench_contender *contender, const bench_case *which, uint16_t port, int output) {
  contender_report report = {0};
  settle_child(BENCH_CLIENT_CORE);
  report.has_succeeded = run_contender(contender, which, port, &report.result, &report.error);
  ssize_t n_written = write(output, &report, sizeof report);
  _exit(n_written == (ssize_t)sizeof report ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool read_report(int fd, bench_result *result, bench_error *err) {
  contender_report report;
  if (!await_readable(fd, CONTENDER_TIMEOUT_MS))
    return bench_fail(err, "no answer within %d s", CONTENDER_TIMEOUT_MS / 1000);
  if (read(fd, &report, sizeof report) != (ssize_t)sizeof report)
    return bench_fail(err, "its process died");
  *result = report.result;
  *err = report.error;
  return report.has_succeeded;
}

bool bench_contender_run(
    const bench_contender *contender, const bench_case *which, uint16_t port, bench_result *result, bench_error *err) {
  int ends[2];
  if (pipe(ends) != 0)
    return bench_fail(err, "pipe: %s", strerror(errno));
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    be_contender(contender, which, port, ends[1]);
  }
  close(ends[1]);
  bool has_succeeded = pid > 0 ? read_report(ends[0], result, err) : bench_fail(err, "fork: %s", strerror(errno));
  close(ends[0]);
  if (pid > 0)
    kill_child(pid);
  return has_succeeded;
}
