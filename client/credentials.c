#include "client/credentials.h"

#include "client/headers.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/log.h"
#include "core/thread.h"
#include "core/wipe.h"

#include <pthread.h>
#include <string.h>

enum { MAX_KEY_BYTES = 4096 }; /* with the final NUL; a header may be no longer */

struct qd_credentials {
  qdrant_api_key_provider provider;
  void *user;
  pthread_mutex_t lock; /* guards the rest; not held while the provider runs */
  pthread_cond_t asked; /* the provider has answered */
  int is_asking;
  qd_key *present;  /* NULL: none, or refused */
  int64_t until_ns; /* it may be used */
};

void qd_key_unref(qd_key *key) {
  if (key == NULL || atomic_fetch_sub_explicit(&key->refs, 1, memory_order_acq_rel) != 1)
    return;
  qd_wipe_text(key->text);
  qd_free(key);
}

static qd_key *new_key(const char *text, size_t n_bytes) {
  qd_key *key = qd_alloc(sizeof *key + n_bytes + 1);
  if (key != NULL) {
    atomic_init(&key->refs, 1);
    memcpy(key->text, text, n_bytes);
    key->text[n_bytes] = '\0';
  }
  return key;
}

qd_credentials *qd_credentials_new(qdrant_api_key_provider provider, void *user) {
  qd_credentials *made = qd_zalloc(sizeof *made);
  if (made != NULL) {
    made->provider = provider;
    made->user = user;
    pthread_mutex_init(&made->lock, NULL);
    qd_cond_init(&made->asked);
  }
  return made;
}

void qd_credentials_free(qd_credentials *credentials) {
  if (credentials == NULL)
    return;
  qd_key_unref(credentials->present);
  pthread_cond_destroy(&credentials->asked);
  pthread_mutex_destroy(&credentials->lock);
  qd_free(credentials);
}

static qdrant_status make_key(const char *text, qd_key **key, qdrant_error *err) {
  size_t n_bytes = 0;
  const char *trimmed = qd_trim(text, &n_bytes);
  if (n_bytes == 0)
    return qd_fail(err, QDRANT_UNAUTHENTICATED, "api_key_provider gave an empty key");
  qd_key *made = new_key(trimmed, n_bytes);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the api key");
  long unprintable = qd_find_unprintable(made->text);
  if (unprintable >= 0) {
    qd_key_unref(made);
    return qd_fail(err, QDRANT_UNAUTHENTICATED,
        "api_key_provider: byte %ld of the key is not printable ASCII (the key is not shown)", unprintable);
  }
  *key = made;
  return QDRANT_OK;
}

static qdrant_status ask(qd_credentials *credentials, qd_key **key, int64_t *valid_ms, qdrant_error *err) {
  char text[MAX_KEY_BYTES] = "";
  qdrant_error told;
  qd_error_clear(&told);
  *valid_ms = 0;
  qdrant_status status = credentials->provider(credentials->user, text, sizeof text, valid_ms, &told);
  text[sizeof text - 1] = '\0';
  if (status == QDRANT_OK)
    status = make_key(text, key, err);
  else
    status = qd_fail(err, QDRANT_UNAUTHENTICATED, "api_key_provider: %s",
        told.message[0] != '\0' ? told.message : qdrant_status_text(status));
  qd_wipe(text, sizeof text);
  return status;
}

static int64_t valid_until_ns(int64_t valid_ms) {
  return valid_ms > 0 && valid_ms < QD_MAX_TIMEOUT_MS ? qd_deadline_in_ms(valid_ms) : INT64_MAX;
}

/* Under the lock, which is let go of meanwhile. */
static qdrant_status ask_unlocked(qd_credentials *credentials, qdrant_error *err) {
  qd_key *key = NULL;
  int64_t valid_ms = 0;
  credentials->is_asking = 1;
  pthread_mutex_unlock(&credentials->lock);
  qdrant_status status = ask(credentials, &key, &valid_ms, err);
  pthread_mutex_lock(&credentials->lock);
  credentials->is_asking = 0;
  pthread_cond_broadcast(&credentials->asked);
  if (status == QDRANT_OK) {
    qd_key_unref(credentials->present);
    credentials->present = key;
    credentials->until_ns = valid_until_ns(valid_ms);
  }
  return status;
}

/* Under the lock. */
static int has_key(const qd_credentials *credentials, int may_ask) {
  return credentials->present != NULL && (!may_ask || qd_now_ns() < credentials->until_ns);
}

/* Under the lock. OK: there may be a key now. */
static qdrant_status get_key(qd_credentials *credentials, int may_ask, int64_t deadline_ns, qdrant_error *err) {
  if (!may_ask)
    return qd_fail(err, QDRANT_UNAUTHENTICATED, "there is no api key yet, and inside a callback none can be asked for");
  if (!credentials->is_asking)
    return ask_unlocked(credentials, err);
  if (!qd_cond_wait(&credentials->asked, &credentials->lock, deadline_ns))
    return qd_fail(err, QDRANT_DEADLINE_EXCEEDED, "the deadline passed before api_key_provider gave a key");
  return QDRANT_OK;
}

qdrant_status qd_credentials_take(
    qd_credentials *credentials, int may_ask, int64_t deadline_ns, qd_key **key, qdrant_error *err) {
  qdrant_status status = QDRANT_OK;
  pthread_mutex_lock(&credentials->lock);
  while (status == QDRANT_OK && !has_key(credentials, may_ask))
    status = get_key(credentials, may_ask, deadline_ns, err);
  if (status == QDRANT_OK) {
    *key = credentials->present;
    atomic_fetch_add_explicit(&(*key)->refs, 1, memory_order_relaxed);
  }
  pthread_mutex_unlock(&credentials->lock);
  return status;
}

void qd_credentials_refuse(qd_credentials *credentials, const qd_key *key) {
  qd_key *refused = NULL;
  pthread_mutex_lock(&credentials->lock);
  if (credentials->present == key) {
    refused = credentials->present;
    credentials->present = NULL;
  }
  pthread_mutex_unlock(&credentials->lock);
  if (refused != NULL)
    qd_log(QDRANT_LOG_INFO, "credentials", "the server refused the api key; the provider is asked for another one");
  qd_key_unref(refused);
}
