#include "client/metrics_page.h"

#include "core/error.h"

#include <string.h>

static void add(qd_metrics_page *page, const char *words) {
  qd_text_add(&page->text, words, strlen(words));
}

void qd_metrics_page_head(qd_metrics_page *page, const char *name, const char *type, const char *help) {
  const char *const parts[] = {"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    add(page, parts[i]);
}

void qd_metrics_page_begin(qd_metrics_page *page, const char *name, const char *suffix) {
  add(page, name);
  add(page, suffix);
  add(page, "{");
  add(page, page->labels);
}

void qd_metrics_page_label(qd_metrics_page *page, const char *name, const char *value) {
  if (page->text.n_bytes > 0 && !page->text.has_failed && page->text.bytes[page->text.n_bytes - 1] != '{')
    add(page, ",");
  add(page, name);
  add(page, "=\"");
  for (; *value != '\0'; value++) {
    if (*value == '\n')
      add(page, "\\n");
    else if (*value == '"' || *value == '\\')
      qd_text_add(&page->text, (const char[]){'\\', *value}, 2);
    else
      qd_text_add(&page->text, value, 1);
  }
  add(page, "\"");
}

void qd_metrics_page_end(qd_metrics_page *page, const char *value) {
  add(page, "} ");
  add(page, value);
  add(page, "\n");
}

void qd_metrics_page_end_count(qd_metrics_page *page, uint64_t value) {
  add(page, "} ");
  qd_text_add_unsigned(&page->text, value);
  add(page, "\n");
}

static int is_name_byte(char c, int is_first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!is_first && c >= '0' && c <= '9');
}

/* The end of one name="value" at the beginning of a text; NULL: there is none. */
static const char *skip_label(const char *at) {
  const char *begin = at;
  while (is_name_byte(*at, at == begin))
    at++;
  if (at == begin || at[0] != '=' || at[1] != '"')
    return NULL;
  for (at += 2; *at != '\0' && *at != '\n' && *at != '"'; at++)
    if (*at == '\\' && *++at == '\0')
      return NULL;
  return *at == '"' ? at + 1 : NULL;
}

qdrant_status qd_metrics_labels_check(const char *labels, qdrant_error *err) {
  const char *at = skip_label(labels);
  while (at != NULL && *at == ',')
    at = skip_label(at + 1);
  if (at != NULL && *at == '\0')
    return QDRANT_OK;
  return qd_fail(
      err, QDRANT_INVALID_ARGUMENT, "labels \"%.100s\": expected name=\"value\", several separated by commas", labels);
}
