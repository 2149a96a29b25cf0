#include "client/option_number.h"

#include "core/error.h"

#include <inttypes.h>

qdrant_status qd_option_number(
    const qd_number_rule *rule, int64_t given, int64_t *value, qdrant_status status, qdrant_error *err) {
  int is_off = given == -1 && rule->off != QD_NO_OFF;
  if (!is_off && given != 0 && (given < rule->min || given > rule->max))
    return qd_fail(err, status, "%s is %" PRId64 "; expected %" PRId64 " to %" PRId64 ", 0 for the default%s",
        rule->name, given, rule->min, rule->max, rule->off == QD_NO_OFF ? "" : ", or -1 for none");
  *value = is_off ? rule->off : given == 0 ? rule->fallback : given;
  return QDRANT_OK;
}
