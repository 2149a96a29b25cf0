#ifndef QD_CLIENT_CANCEL_H
#define QD_CLIENT_CANCEL_H

#include "qdrant/call.h"

struct qd_operation;

/* Makes the token able to end the operation, until it leaves. A token already fired ends it at once. */
void qd_cancel_join(qdrant_cancel *cancel, struct qd_operation *operation);

/* Twice is fine. Afterwards no cancellation by the token begins; one that has begun may still be under way. */
void qd_cancel_leave(struct qd_operation *operation);

/* Makes firing `leader` fire `token` too, until it leaves; a leader already fired fires it at once. A token follows one
 * other at most. */
void qd_cancel_follow(qdrant_cancel *token, qdrant_cancel *leader);
void qd_cancel_unfollow(qdrant_cancel *token);

/* Whether the token has been fired; 0 for NULL. */
int qd_cancel_is_fired(qdrant_cancel *cancel);

#endif
