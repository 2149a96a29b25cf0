#include "fallback_rest/http_wait.h"

#include "core/deadline.h"

#include <poll.h>

enum {
  DROP_IDLE_MS = 4000, /* all connections, before the server's 5 s: they would linger half closed */
  MAX_POLL_MS = 60000,
  CONNECT_POLL_MS = 100, /* libcurl 7.88 that gives an address up sets no timer for the next one */
  LOST_POLL_MS = 1,
  FAILED_POLL_MS = 10
};

int64_t qd_http_idle_end_ns(const qd_http *http) {
  return http->busy_ns + DROP_IDLE_MS * QD_NS_PER_MS;
}

static int is_connecting(const qd_http *http) {
  const qd_http_exchange *exchange = http->active.first;
  while (exchange != NULL && exchange->own.has_begun)
    exchange = exchange->own.next;
  return exchange != NULL;
}

/* No timer runs out earlier. What libcurl says is rounded, up where it is less than a millisecond. */
static int64_t find_timer_ns(const qd_http *http) {
  long left_ms = -1;
  int64_t now_ns = qd_now_ns();
  if (curl_multi_timeout(http->multi, &left_ms) != CURLM_OK || left_ms < 0)
    return INT64_MAX;
  return now_ns + (left_ms - 1) * QD_NS_PER_MS;
}

CURLMcode qd_http_perform(qd_http *http) {
  int n_running = 0;
  int was_connecting = is_connecting(http);
  int64_t timer_ns = find_timer_ns(http);
  CURLMcode code = curl_multi_perform(http->multi, &n_running);
  int has_begun = was_connecting && !is_connecting(http);
  http->may_lack_timer = has_begun || qd_deadline_has_passed(timer_ns);
  return code;
}

static int find_most_ms(const qd_http *http) {
  if (http->n_active > 0 && http->may_lack_timer)
    return LOST_POLL_MS;
  return is_connecting(http) ? CONNECT_POLL_MS : MAX_POLL_MS;
}

static int find_timeout_ms(const qd_http *http) {
  int most_ms = find_most_ms(http);
  int64_t until_ns = http->soonest_ns;
  if (http->n_active == 0 && http->multi != NULL && qd_http_idle_end_ns(http) < until_ns)
    until_ns = qd_http_idle_end_ns(http);
  int64_t left_ms = (qd_deadline_left_ns(until_ns) + QD_NS_PER_MS - 1) / QD_NS_PER_MS;
  return left_ms < most_ms ? (int)left_ms : most_ms;
}

/* When libcurl cannot poll, for lack of memory, a short sleep keeps the thread from spinning. */
void qd_http_wait(const qd_http *http) {
  struct curl_waitfd wake = {.fd = http->wake_fd, .events = CURL_WAIT_POLLIN};
  struct pollfd only_wake = {.fd = http->wake_fd, .events = POLLIN};
  if (http->multi == NULL)
    poll(&only_wake, 1, find_timeout_ms(http));
  else if (curl_multi_poll(http->multi, &wake, 1, find_timeout_ms(http), NULL) != CURLM_OK)
    poll(&only_wake, 1, FAILED_POLL_MS);
}
