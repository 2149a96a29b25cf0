/* The HTTP thread. */
#include "core/alloc.h"
#include "core/deadline.h"
#include "fallback_rest/http_easy.h"
#include "fallback_rest/http_error.h"
#include "fallback_rest/http_puzzle.h"
#include "fallback_rest/http_wait.h"

#include <unistd.h>

enum {
  STREAMS_PER_CONNECTION = 32 /* of HTTP/2, once the server has shown that it speaks it */
};

void qd_http_list_push(qd_http_list *list, qd_http_exchange *exchange) {
  exchange->own.next = NULL;
  exchange->own.previous = list->last;
  *(list->last != NULL ? &list->last->own.next : &list->first) = exchange;
  list->last = exchange;
}

void qd_http_list_remove(qd_http_list *list, qd_http_exchange *exchange) {
  qd_http_exchange *next = exchange->own.next;
  qd_http_exchange *previous = exchange->own.previous;
  *(previous != NULL ? &previous->own.next : &list->first) = next;
  *(next != NULL ? &next->own.previous : &list->last) = previous;
}

static CURLM *new_multi(const qd_http *http) {
  CURLM *multi = curl_multi_init();
  if (multi == NULL)
    return NULL;
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)http->options.n_connections);
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)http->options.n_connections);
  return multi;
}

/* Hands an active exchange's handle back and takes over what it knows. */
static void settle(qd_http *http, qd_http_exchange *exchange, CURLcode result) {
  CURL *easy = exchange->own.easy;
  qd_http_list_remove(&http->active, exchange);
  http->n_active--;
  int is_removed = curl_multi_remove_handle(http->multi, easy) == CURLM_OK;
  qd_http_puzzle_note(http, exchange, result);
  qd_http_easy_settle(easy, http, exchange, result);
  http->has_answered |= exchange->error.status == QDRANT_OK;
  if (exchange->is_http2)
    http->max_active = (size_t)http->options.n_connections * STREAMS_PER_CONNECTION;
  int is_useful = exchange->own.generation == http->idle_generation;
  if (is_removed && is_useful && http->n_idle < http->options.n_connections)
    http->idle[http->n_idle++] = easy;
  else
    curl_easy_cleanup(easy);
  http->busy_ns = qd_now_ns();
}

/* The exchange belongs to its maker again, who may free it. */
static void report(qd_http_exchange *exchange) {
  qd_http_header_list_free(exchange->own.header_list);
  exchange->own.header_list = NULL;
  exchange->done(exchange);
}

/* Why an exchange has to end now; OK: it does not. */
static qdrant_status find_end(const qd_http *http, const qd_http_exchange *exchange, int64_t now_ns) {
  if (http->is_ending || atomic_load(&exchange->own.is_cancelled))
    return QDRANT_CANCELLED;
  if (http->has_failed)
    return QDRANT_INTERNAL;
  return exchange->deadline_ns <= now_ns ? QDRANT_DEADLINE_EXCEEDED : QDRANT_OK;
}

/* Moves those that have to end from the list to ended. */
static void sort_out(qd_http *http, qd_http_list *list, int64_t now_ns, qd_http_list *ended) {
  qd_http_exchange *next = NULL;
  for (qd_http_exchange *exchange = list->first; exchange != NULL; exchange = next) {
    next = exchange->own.next;
    qdrant_status status = find_end(http, exchange, now_ns);
    if (status == QDRANT_OK) {
      if (exchange->deadline_ns < http->soonest_ns)
        http->soonest_ns = exchange->deadline_ns;
      continue;
    }
    if (list == &http->active) {
      exchange->own.fault = status;
      settle(http, exchange, CURLE_OK);
    } else if (list == &http->puzzles) {
      qd_http_list_remove(list, exchange); /* has ended before, and says why */
    } else {
      qd_http_list_remove(list, exchange);
      qd_http_fail(http, status, 0, exchange);
    }
    qd_http_list_push(ended, exchange);
  }
}

/* Ends all that are cancelled or late. */
static void sweep(qd_http *http) {
  qd_http_list ended = {0};
  int64_t now_ns = qd_now_ns();
  http->soonest_ns = INT64_MAX;
  sort_out(http, &http->waiting, now_ns, &ended);
  sort_out(http, &http->active, now_ns, &ended);
  sort_out(http, &http->puzzles, now_ns, &ended);
  while (ended.first != NULL) {
    qd_http_exchange *exchange = ended.first;
    qd_http_list_remove(&ended, exchange);
    report(exchange);
  }
}

static void drop_handles(qd_http *http) {
  while (http->n_idle > 0)
    curl_easy_cleanup(http->idle[--http->n_idle]);
}

/* Handles with former certificates are of no use any more. */
static CURL *take_easy(qd_http *http) {
  qd_material *material = http->files != NULL ? qd_material_take(http->files) : NULL;
  uint64_t generation = material != NULL ? material->generation : 0;
  if (generation != http->idle_generation)
    drop_handles(http);
  http->idle_generation = generation;
  CURL *easy = http->n_idle > 0 ? http->idle[--http->n_idle] : qd_http_easy_new(http, material);
  qd_material_unref(material);
  return easy;
}

static int begin(qd_http *http, qd_http_exchange *exchange) {
  if (http->multi == NULL)
    http->multi = new_multi(http);
  CURL *easy = http->multi != NULL ? take_easy(http) : NULL;
  exchange->own.generation = http->idle_generation;
  if (easy == NULL)
    return 0;
  if (qd_http_easy_arm(easy, http, exchange) && curl_multi_add_handle(http->multi, easy) == CURLM_OK) {
    qd_http_list_push(&http->active, exchange);
    http->n_active++;
    return 1;
  }
  curl_easy_cleanup(easy);
  exchange->own.easy = NULL;
  return 0;
}

static void begin_waiting(qd_http *http) {
  while (http->waiting.first != NULL && http->n_active < http->max_active) {
    qd_http_exchange *exchange = http->waiting.first;
    qd_http_list_remove(&http->waiting, exchange);
    if (begin(http, exchange))
      continue;
    qd_http_fail(http, QDRANT_NO_MEMORY, 0, exchange);
    report(exchange);
  }
}

static void conclude(qd_http *http, qd_http_exchange *exchange) {
  if (!qd_http_puzzle_is_open(http, exchange)) {
    report(exchange);
    return;
  }
  qd_http_list_push(&http->puzzles, exchange);
  if (exchange->deadline_ns < http->soonest_ns)
    http->soonest_ns = exchange->deadline_ns;
}

/* Asks about each once more. */
static void solve_puzzles(qd_http *http) {
  qd_http_list asked = http->puzzles;
  http->puzzles = (qd_http_list){0};
  while (asked.first != NULL) {
    qd_http_exchange *exchange = asked.first;
    qd_http_list_remove(&asked, exchange);
    conclude(http, exchange);
  }
}

/* How many exchanges ended. */
static size_t take_ended(qd_http *http) {
  size_t n_ended = 0;
  int n_left = 0;
  const CURLMsg *message = NULL;
  while ((message = curl_multi_info_read(http->multi, &n_left)) != NULL) {
    if (message->msg != CURLMSG_DONE)
      continue;
    CURLcode result = message->data.result;
    qd_http_exchange *exchange = NULL;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    settle(http, exchange, result);
    conclude(http, exchange);
    n_ended++;
  }
  return n_ended;
}

/* Connections that nobody used for a while are closed with all that libcurl keeps; it has no other way to do it. */
static void drop_idle(qd_http *http) {
  if (http->n_active > 0 || http->multi == NULL || !qd_deadline_has_passed(qd_http_idle_end_ns(http)))
    return;
  curl_multi_cleanup(http->multi);
  http->multi = NULL;
}

/* Takes over what other threads posted. Whether a sweep is due. */
static int take_posted(qd_http *http) {
  uint64_t n_wakes = 0;
  pthread_mutex_lock(&http->lock);
  if (http->is_wake_pending && read(http->wake_fd, &n_wakes, sizeof n_wakes) > 0)
    http->is_wake_pending = 0;
  while (http->posted.first != NULL) {
    qd_http_exchange *exchange = http->posted.first;
    qd_http_list_remove(&http->posted, exchange);
    qd_http_list_push(&http->waiting, exchange);
    if (exchange->deadline_ns < http->soonest_ns)
      http->soonest_ns = exchange->deadline_ns;
  }
  int is_due = http->has_cancels || http->is_closing;
  http->has_cancels = 0;
  http->is_ending = http->is_closing;
  pthread_mutex_unlock(&http->lock);
  return is_due || qd_deadline_has_passed(http->soonest_ns);
}

/* Whether something ended, so that there may be more to do at once. */
static int move(qd_http *http) {
  begin_waiting(http);
  if (http->multi == NULL)
    return 0;
  http->has_failed = qd_http_perform(http) != CURLM_OK;
  size_t n_ended = take_ended(http);
  if (http->has_failed)
    sweep(http);
  http->has_failed = 0;
  return n_ended > 0;
}

void *qd_http_run(void *user) {
  qd_http *http = user;
  http->soonest_ns = INT64_MAX;
  do {
    if (take_posted(http))
      sweep(http);
    solve_puzzles(http);
    if (!move(http) && !http->is_ending) {
      drop_idle(http);
      qd_http_wait(http);
    }
  } while (!http->is_ending);
  drop_handles(http);
  curl_multi_cleanup(http->multi);
  pthread_mutex_lock(&http->lock);
  http->has_ended = 1;
  pthread_cond_broadcast(&http->ended);
  pthread_mutex_unlock(&http->lock);
  return NULL;
}
