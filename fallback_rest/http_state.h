#ifndef QD_HTTP_STATE_H
#define QD_HTTP_STATE_H

#include "fallback_rest/http.h"
#include "tls/diagnosis.h"

#include <curl/curl.h>
#include <pthread.h>

typedef struct qd_http_list {
  qd_http_exchange *first;
  qd_http_exchange *last;
} qd_http_list;

struct qd_http {
  /* Set at open. Texts lie in arena. */
  qd_arena *arena;
  qd_http_options options; /* without what was only needed to make the rest */
  const char *base_url;    /* scheme, host, port and prefix */
  const char *endpoint;
  const char *connect_to;   /* libcurl's rule to reach the host under the name of its certificate; NULL: not needed */
  qd_material_files *files; /* NULL: no TLS */
  struct curl_slist *headers;
  struct curl_slist *connect_list;
  qd_diagnosis *diagnosis; /* NULL: there is none (http_puzzle.h) */
  int wake_fd;
  long process; /* that opened it */

  /* lock guards the next group. ended is signalled when the thread is at its end. */
  pthread_mutex_t lock;
  pthread_cond_t ended;
  int has_thread;
  int is_closing;
  int has_ended;
  int has_cancels;
  int is_wake_pending;
  qd_http_list posted;
  pthread_t thread;

  atomic_uint n_open; /* connections, and the most at once */
  atomic_uint n_most_open;

  /* The thread's own. */
  CURLM *multi;
  qd_http_list waiting; /* for a connection */
  qd_http_list active;
  qd_http_list puzzles; /* ended, and held until it is known why */
  int has_answered;     /* a server, ever */
  size_t n_active;
  size_t max_active;
  CURL **idle; /* easy handles, up to n_connections */
  size_t n_idle;
  uint64_t idle_generation; /* of the certificates that these handles were given */
  int64_t soonest_ns;       /* no deadline is earlier */
  int64_t busy_ns;          /* when an exchange last ended */
  int is_ending;
  int has_failed;     /* libcurl itself did */
  int may_lack_timer; /* libcurl may (http_wait.h) */

  qd_http *next_leaked; /* keeps what a close left behind in reach */
};

/* The thread: runs until the client closes. */
void *qd_http_run(void *http);

/* Has the thread look at what there is to do. Any thread, without the lock. */
void qd_http_wake(void *http);

void qd_http_list_push(qd_http_list *list, qd_http_exchange *exchange);
void qd_http_list_remove(qd_http_list *list, qd_http_exchange *exchange);

/* Frees all but what the thread owns. */
void qd_http_free(qd_http *http);

#endif
