#ifndef QD_JSON_NUMBER_H
#define QD_JSON_NUMBER_H

#include "core/json_tree.h"

/* The number that begins at *at and that qd_json_check has seen; *at moves behind it. INVALID_ARGUMENT when it is
 * beyond a double; NO_MEMORY. err is not filled. */
qdrant_status qd_json_number_read(const char **at, const char *end, qd_json_node *node);

#endif
