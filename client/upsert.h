#ifndef QD_CLIENT_UPSERT_H
#define QD_CLIENT_UPSERT_H

#include "client/newer.h"
#include "qdrant/upsert.h"

/* Adds the fields that older servers do not know and the options make use of. */
void qd_upsert_find_newer(const qdrant_upsert_options *options, qd_newer_set *newer);

#endif
