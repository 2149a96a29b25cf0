#include "tests/torture/cases.h"

#include <json-c/json.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void give_up(const char *path, const char *why) {
  fprintf(stderr, "%s: %s\n", path, why);
  exit(1);
}

static const char *text_of(struct json_object *line, const char *key) {
  struct json_object *member = NULL;
  return json_object_object_get_ex(line, key, &member) ? json_object_get_string(member) : "";
}

/* Snapshots are named by the time and pile up; and a random sample is one. */
static int says_the_same(const torture_case *made) {
  const char *rpc = qdrant_rpc_name(made->rpc);
  return strncmp(rpc, "Snapshots/", 10) != 0 && strstr(made->request, "\"sample\": \"random\"") == NULL;
}

static torture_case case_of(const char *path, const char *text) {
  torture_case made = {0};
  struct json_object *line = json_tokener_parse(text);
  struct json_object *request = NULL;
  if (line == NULL || !json_object_object_get_ex(line, "request", &request) ||
      !qdrant_rpc_find(text_of(line, "rpc"), &made.rpc))
    give_up(path, text);
  made.name = strdup(text_of(line, "case"));
  made.request = strdup(json_object_to_json_string_ext(request, JSON_C_TO_STRING_SPACED));
  made.has_order = strcmp(text_of(line, "order"), "any") != 0;
  made.says_the_same = says_the_same(&made);
  json_object_put(line);
  return made;
}

torture_scenario scenario_read(const char *path) {
  torture_scenario scenario = {0};
  FILE *file = fopen(path, "r");
  char *line = NULL, *copy = strdup(path);
  size_t n_line = 0;
  if (file == NULL || copy == NULL)
    give_up(path, "cannot be read");
  scenario.name = strdup(basename(copy));
  while (getline(&line, &n_line, file) > 1) {
    scenario.cases = realloc(scenario.cases, (scenario.n_cases + 1) * sizeof *scenario.cases);
    if (scenario.cases == NULL)
      give_up(path, "out of memory");
    scenario.cases[scenario.n_cases++] = case_of(path, line);
  }
  free(line);
  free(copy);
  fclose(file);
  if (scenario.n_cases == 0)
    give_up(path, "no cases");
  return scenario;
}

void scenario_free(torture_scenario *scenario) {
  for (size_t i = 0; i < scenario->n_cases; i++) {
    free(scenario->cases[i].name);
    free(scenario->cases[i].request);
  }
  free(scenario->cases);
  free(scenario->name);
  *scenario = (torture_scenario){0};
}
