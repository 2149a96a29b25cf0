#include "server/rest_pages.h"

#include <stddef.h>
#include <string.h>

#define TEXT "text/plain; charset=utf-8"

static const qd_rest_page PAGES[] = {
    {"/healthz", TEXT, "healthz check passed", 0},
    {"/livez", TEXT, "healthz check passed", 0},
    {"/readyz", TEXT, "all shards are ready", 0},
    {"/cluster", "application/json", "{\"result\":{\"status\":\"disabled\"},\"status\":\"ok\",\"time\":0.0}", 1},
};

const qd_rest_page *qd_rest_page_find(const char *verb, const char *target) {
  size_t n_path = strcspn(target, "?");
  if (strcmp(verb, "GET") != 0)
    return NULL;
  for (size_t i = 0; i < sizeof PAGES / sizeof *PAGES; i++)
    if (strlen(PAGES[i].path) == n_path && memcmp(PAGES[i].path, target, n_path) == 0)
      return &PAGES[i];
  return NULL;
}
