/* The first program of a service with an event loop: 64 calls at once, their ends read through one descriptor under
 * epoll. */
#include <qdrant/calls.h>
#include <qdrant/mock.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { n_calls = 64 };

static qdrant_status start_calls(qdrant_client *client, qdrant_cq *queue, qdrant_error *err) {
  Qdrant__HealthCheckRequest request = QDRANT__HEALTH_CHECK_REQUEST__INIT;
  qdrant_status status = QDRANT_OK;
  for (size_t i = 0; status == QDRANT_OK && i < n_calls; i++) {
    qdrant_then then = {.queue = queue};
    status = qdrant_health_check_start(client, &request, NULL, &then, err);
  }
  return status;
}

static int read_ends(qdrant_cq *queue) {
  int ended = 0, failed = 0;
  int poll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(poll, EPOLL_CTL_ADD, qdrant_cq_fd(queue), &event);
  while (ended < n_calls && epoll_wait(poll, &event, 1, 30000) > 0) {
    qdrant_completion completions[16];
    size_t n = qdrant_cq_pop(queue, completions, 16);
    for (size_t i = 0; i < n; i++) {
      ended++;
      failed += completions[i].error.status != QDRANT_OK;
      qdrant_reply_free(completions[i].reply);
    }
  }
  close(poll);
  printf("ended %d, failed %d\n", ended, failed);
  return ended == n_calls && failed == 0;
}

int main(void) {
  qdrant_error err;
  qdrant_mock *server = NULL;
  qdrant_client *client = NULL;
  qdrant_cq *queue = NULL;
  int is_good = 0;
  if (qdrant_mock_start(NULL, &server, &err) != QDRANT_OK)
    goto out;
  qdrant_options options = QDRANT_OPTIONS_INIT;
  options.url = qdrant_mock_url(server);
  if (qdrant_client_open(&options, &client, &err) != QDRANT_OK || qdrant_cq_new(client, &queue, &err) != QDRANT_OK)
    goto out;
  if (start_calls(client, queue, &err) != QDRANT_OK)
    goto out;
  is_good = read_ends(queue);
out:
  if (!is_good)
    fprintf(stderr, "error: %s\n", err.message);
  qdrant_cq_free(queue);
  qdrant_client_close(client);
  qdrant_mock_stop(server);
  return is_good ? 0 : 1;
}
