#include "client/cancel.h"

#include "client/operation.h"
#include "core/alloc.h"

#define REASON "the call was cancelled"

struct qdrant_cancel {
  atomic_uint refs;
  pthread_mutex_t lock; /* guards the next three and the links of what is in the lists; no other is held with it */
  int is_fired;
  qd_operation *operations;
  qdrant_cancel *followers; /* each with a reference */
  qdrant_cancel *leader;    /* referenced; set and cleared by whoever follows, links under the leader's lock */
  int is_following;
  qdrant_cancel *next_follower;
  qdrant_cancel *previous_follower;
};

qdrant_cancel *qdrant_cancel_new(void) {
  qdrant_cancel *cancel = qd_zalloc(sizeof *cancel);
  if (cancel == NULL)
    return NULL;
  atomic_init(&cancel->refs, 1);
  pthread_mutex_init(&cancel->lock, NULL);
  return cancel;
}

qdrant_cancel *qdrant_cancel_ref(qdrant_cancel *cancel) {
  if (cancel != NULL)
    atomic_fetch_add(&cancel->refs, 1);
  return cancel;
}

void qdrant_cancel_free(qdrant_cancel *cancel) {
  if (cancel == NULL || atomic_fetch_sub(&cancel->refs, 1) > 1)
    return;
  pthread_mutex_destroy(&cancel->lock);
  qd_free(cancel);
}

static void link_operation(qdrant_cancel *cancel, qd_operation *operation) {
  operation->is_in_cancel = 1;
  operation->next_of_cancel = cancel->operations;
  operation->previous_of_cancel = NULL;
  if (cancel->operations != NULL)
    cancel->operations->previous_of_cancel = operation;
  cancel->operations = operation;
}

static void unlink_operation(qdrant_cancel *cancel, qd_operation *operation) {
  if (!operation->is_in_cancel)
    return;
  operation->is_in_cancel = 0;
  if (operation->next_of_cancel != NULL)
    operation->next_of_cancel->previous_of_cancel = operation->previous_of_cancel;
  if (operation->previous_of_cancel != NULL)
    operation->previous_of_cancel->next_of_cancel = operation->next_of_cancel;
  else
    cancel->operations = operation->next_of_cancel;
}

void qd_cancel_join(qdrant_cancel *cancel, qd_operation *operation) {
  operation->cancel = qdrant_cancel_ref(cancel);
  pthread_mutex_lock(&cancel->lock);
  int is_fired = cancel->is_fired;
  if (!is_fired)
    link_operation(cancel, operation);
  pthread_mutex_unlock(&cancel->lock);
  if (is_fired)
    qd_operation_cancel(operation, REASON);
}

void qd_cancel_leave(qd_operation *operation) {
  qdrant_cancel *cancel = operation->cancel;
  if (cancel == NULL)
    return;
  pthread_mutex_lock(&cancel->lock);
  unlink_operation(cancel, operation);
  pthread_mutex_unlock(&cancel->lock);
}

/* Takes one operation off the list with a reference, since cancelling may run its end, which locks the token. */
static qd_operation *take_operation(qdrant_cancel *cancel) {
  pthread_mutex_lock(&cancel->lock);
  cancel->is_fired = 1;
  qd_operation *operation = cancel->operations;
  if (operation != NULL) {
    unlink_operation(cancel, operation);
    qd_operation_ref(operation);
  }
  pthread_mutex_unlock(&cancel->lock);
  return operation;
}

static void unlink_follower(qdrant_cancel *leader, qdrant_cancel *token) {
  token->is_following = 0;
  if (token->next_follower != NULL)
    token->next_follower->previous_follower = token->previous_follower;
  if (token->previous_follower != NULL)
    token->previous_follower->next_follower = token->next_follower;
  else
    leader->followers = token->next_follower;
}

/* With the reference that the list had. */
static qdrant_cancel *take_follower(qdrant_cancel *leader) {
  pthread_mutex_lock(&leader->lock);
  qdrant_cancel *token = leader->followers;
  if (token != NULL)
    unlink_follower(leader, token);
  pthread_mutex_unlock(&leader->lock);
  return token;
}

void qdrant_cancel_fire(qdrant_cancel *cancel) {
  qd_operation *operation = NULL;
  qdrant_cancel *follower = NULL;
  if (cancel == NULL)
    return;
  while ((operation = take_operation(cancel)) != NULL) {
    qd_operation_cancel(operation, REASON);
    qd_operation_unref(operation);
  }
  while ((follower = take_follower(cancel)) != NULL) {
    qdrant_cancel_fire(follower);
    qdrant_cancel_free(follower);
  }
}

static void link_follower(qdrant_cancel *leader, qdrant_cancel *token) {
  token->is_following = 1;
  token->next_follower = leader->followers;
  token->previous_follower = NULL;
  if (leader->followers != NULL)
    leader->followers->previous_follower = token;
  leader->followers = qdrant_cancel_ref(token);
}

void qd_cancel_follow(qdrant_cancel *token, qdrant_cancel *leader) {
  token->leader = qdrant_cancel_ref(leader);
  pthread_mutex_lock(&leader->lock);
  int is_fired = leader->is_fired;
  if (!is_fired)
    link_follower(leader, token);
  pthread_mutex_unlock(&leader->lock);
  if (is_fired)
    qdrant_cancel_fire(token);
}

void qd_cancel_unfollow(qdrant_cancel *token) {
  qdrant_cancel *leader = token->leader;
  if (leader == NULL)
    return;
  pthread_mutex_lock(&leader->lock);
  int was_following = token->is_following;
  if (was_following)
    unlink_follower(leader, token);
  pthread_mutex_unlock(&leader->lock);
  token->leader = NULL;
  if (was_following)
    qdrant_cancel_free(token);
  qdrant_cancel_free(leader);
}

int qd_cancel_is_fired(qdrant_cancel *cancel) {
  if (cancel == NULL)
    return 0;
  pthread_mutex_lock(&cancel->lock);
  int is_fired = cancel->is_fired;
  pthread_mutex_unlock(&cancel->lock);
  return is_fired;
}
