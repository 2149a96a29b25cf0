#ifndef QD_MATCH_H
#define QD_MATCH_H

#include "memory/path.h"
#include "qdrant/pb/qdrant_common.pb-c.h"

/* Whether a condition's tests say yes to the values at its key. Several tests in one condition are alternatives; a list
 * matches when one of its elements does. The condition was checked before (qd_field_check). root may be NULL. */
int qd_field_matches(const Qdrant__FieldCondition *field, const qd_path *path, const Qdrant__Struct *root);

/* Refuses what cannot be tested, in the server's words; UNIMPLEMENTED names a test the engine does not have. */
qdrant_status qd_field_check(const Qdrant__FieldCondition *field, qdrant_error *err);

/* is_empty and is_null as conditions of their own. */
int qd_path_is_empty(const qd_path *path, const Qdrant__Struct *root);
int qd_path_is_null(const qd_path *path, const Qdrant__Struct *root);

#endif
