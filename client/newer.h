#ifndef QD_NEWER_H
#define QD_NEWER_H

#include "core/since.h"

enum { QD_NEWER_WORDS = 3 };

/* Which rows of since.def a request makes use of. */
typedef struct qd_newer_set {
  uint64_t bits[QD_NEWER_WORDS];
} qd_newer_set;

/* Adds what a message and all below it use. Parts that cannot hold such a field (payloads, say) are not looked at. */
void qd_newer_find(const ProtobufCMessage *message, qd_newer_set *found);

/* Adds one field of a request that is not a message yet. */
void qd_newer_add(const ProtobufCMessageDescriptor *type, const char *field, qd_newer_set *found);

/* Adds all that is in other. */
void qd_newer_join(qd_newer_set *set, const qd_newer_set *other);

int qd_newer_is_empty(const qd_newer_set *set);

/* The first row of the set that a server of this version does not know and whose rule is one of rules (bits
 * 1 << qd_since_rule); NULL: none. */
const qd_since *qd_newer_first(const qd_newer_set *set, uint32_t version, unsigned rules);

/* Takes the hints that a server of this version does not know out of a message that lies in an arena. */
void qd_newer_strip(ProtobufCMessage *message, uint32_t version);

#endif
