#include "cli/ids.h"

#include "cli/fail.h"
#include "qdrant/build.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { longest_id = 64 };

static qdrant_status parse_number(const char *word, qdrant_point_id *id, qdrant_error *err) {
  char *end;
  errno = 0;
  id->num = strtoull(word, &end, 10);
  if (errno || *end)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "id %s: numbers up to 18446744073709551615 are ids", word);
  return QDRANT_OK;
}

qdrant_status qd_id_parse(const char *text, size_t n, qdrant_point_id *id, qdrant_error *err) {
  char word[longest_id];
  memset(id, 0, sizeof *id);
  snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word), text);
  if (n > 0 && n < sizeof word && strspn(word, "0123456789") == n && n <= 20)
    return parse_number(word, id, err);
  id->is_uuid = 1;
  if (n > 0 && n < sizeof word && strlen(word) == n && qdrant_uuid_parse(word, &id->uuid))
    return QDRANT_OK;
  return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "id \"%s\": whole numbers from 0 and UUIDs are ids", word);
}

qdrant_status qd_ids_parse(const char *text, qdrant_point_id **ids, size_t *n, qdrant_error *err) {
  size_t max = 1;
  for (const char *at = text; *at; at++)
    max += *at == ',';
  *ids = calloc(max, sizeof **ids);
  if (!*ids)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for %zu ids", max);
  qdrant_status status = QDRANT_OK;
  for (*n = 0; status == QDRANT_OK && *n < max; ++*n) {
    size_t length = strcspn(text, ",");
    status = qd_id_parse(text, length, &(*ids)[*n], err);
    text += length + 1;
  }
  return status;
}

const char *qd_id_format(const qdrant_point_id *id, char text[QD_ID_TEXT]) {
  if (id->is_uuid)
    qdrant_uuid_format(&id->uuid, text);
  else
    snprintf(text, QD_ID_TEXT, "%llu", (unsigned long long)id->num);
  return text;
}

static const char *skip_space(const char *at) {
  while (isspace((unsigned char)*at))
    at++;
  return at;
}

/* Floats are apart by white space, a comma, or both; two commas in a row hold an empty float, which is none. */
qdrant_status qd_floats_parse(const char *text, float **values, size_t *n, qdrant_error *err) {
  *n = 0;
  *values = malloc((strlen(text) / 2 + 1) * sizeof **values);
  if (!*values)
    return qd_cli_fail(err, QDRANT_NO_MEMORY, "out of memory for a vector");
  int is_due = 0;
  for (text = skip_space(text); *text || is_due; text = skip_space(text)) {
    char *end;
    float value = strtof(text, &end);
    if (end == text || (*end && *end != ',' && !isspace((unsigned char)*end)) || !isfinite(value))
      return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "float %zu of the vector, \"%.*s\", is no finite number", *n + 1,
          (int)strcspn(text, ", "), text);
    (*values)[(*n)++] = value;
    text = skip_space(end);
    is_due = *text == ',';
    text += is_due;
  }
  return *n > 0 ? QDRANT_OK : qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "the vector has no floats");
}
