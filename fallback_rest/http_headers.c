#include "core/alloc.h"
#include "core/wipe.h"
#include "fallback_rest/http_easy.h"

#include <stdio.h>
#include <string.h>

static int has_name(const qdrant_header *headers, size_t n_headers, const char *name) {
  for (size_t i = 0; i < n_headers; i++)
    if (strcmp(headers[i].name, name) == 0)
      return 1;
  return 0;
}

static int add_line(struct curl_slist **list, const char *line) {
  struct curl_slist *grown = curl_slist_append(*list, line);
  if (grown != NULL)
    *list = grown;
  return grown != NULL;
}

/* libcurl takes "name;" for a header without a value, and "name:" for one not to be sent. */
static int add_header(struct curl_slist **list, const char *name, const char *value) {
  size_t n_bytes = strlen(name) + strlen(value) + 3;
  char *line = qd_alloc(n_bytes);
  if (line == NULL)
    return 0;
  snprintf(line, n_bytes, "%s%s%s", name, *value != '\0' ? ": " : ";", value);
  int is_added = add_line(list, line);
  qd_wipe_free(line);
  return is_added;
}

/* "Expect: 100-continue", which libcurl adds to large bodies, would cost a round trip or a second. */
static int add_own(struct curl_slist **list, const char *api_key, qd_http_content content) {
  return (content == QD_HTTP_NO_JSON || add_line(list, "content-type: application/json")) &&
         add_line(list, "expect:") && (api_key == NULL || add_header(list, "api-key", api_key)) &&
         (content != QD_HTTP_GZIP_JSON || add_line(list, "content-encoding: gzip"));
}

struct curl_slist *qd_http_header_list(const qdrant_header *base, size_t n_base, const char *api_key,
    const qdrant_header *own, size_t n_own, qd_http_content content) {
  struct curl_slist *list = NULL;
  int is_complete = add_own(&list, api_key, content);
  for (size_t i = 0; i < n_base && is_complete; i++)
    if (!has_name(own, n_own, base[i].name))
      is_complete = add_header(&list, base[i].name, base[i].value);
  for (size_t i = 0; i < n_own && is_complete; i++)
    is_complete = add_header(&list, own[i].name, own[i].value);
  if (is_complete)
    return list;
  qd_http_header_list_free(list);
  return NULL;
}

void qd_http_header_list_free(struct curl_slist *list) {
  for (struct curl_slist *line = list; line != NULL; line = line->next)
    qd_wipe_text(line->data);
  curl_slist_free_all(list);
}
