#ifndef QD_REST_PAGES_H
#define QD_REST_PAGES_H

/* What a real server answers to GET beside its RPCs, and anybody may ask without a key. */
typedef struct qd_rest_page {
  const char *path;
  const char *content_type;
  const char *text;
  int needs_key;
} qd_rest_page;

/* target: as it came, with its query. NULL: no such page. */
const qd_rest_page *qd_rest_page_find(const char *verb, const char *target);

#endif
