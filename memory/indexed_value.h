#ifndef QD_INDEXED_VALUE_H
#define QD_INDEXED_VALUE_H

#include "memory/field_index.h"

/* Whether an index would hold a point with this payload: it has a value of the index's type at the key, or a list with
 * one. payload may be NULL. */
int qd_field_index_holds(const qd_field_index *index, const Qdrant__Struct *payload);

#endif
