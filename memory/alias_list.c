#include "memory/alias_list.h"

#include "core/alloc.h"

#include <string.h>

static void free_alias(qd_alias *alias) {
  qd_free(alias->name);
  qd_free(alias->collection);
}

void qd_alias_list_free(qd_alias_list *aliases) {
  for (size_t i = 0; i < aliases->n; i++)
    free_alias(&aliases->items[i]);
  qd_free(aliases->items);
}

/* The first place whose name is not before this one. There are few aliases, so that they are looked at in turn. */
static size_t find_place(const qd_alias_list *aliases, const char *name, int *is_there) {
  size_t place = 0;
  while (place < aliases->n && strcmp(aliases->items[place].name, name) < 0)
    place++;
  *is_there = place < aliases->n && strcmp(aliases->items[place].name, name) == 0;
  return place;
}

const char *qd_alias_list_find(const qd_alias_list *aliases, const char *name) {
  int is_there;
  size_t place = find_place(aliases, name, &is_there);
  return is_there ? aliases->items[place].collection : NULL;
}

static int reserve_one(qd_alias_list *aliases) {
  if (aliases->n < aliases->capacity)
    return 1;
  size_t capacity = aliases->capacity == 0 ? 8 : 2 * aliases->capacity;
  qd_alias *items = qd_realloc(aliases->items, capacity * sizeof *items);
  if (items == NULL)
    return 0;
  aliases->items = items;
  aliases->capacity = capacity;
  return 1;
}

int qd_alias_list_put(qd_alias_list *aliases, const char *name, const char *collection) {
  int is_there;
  size_t place = find_place(aliases, name, &is_there);
  qd_alias made = {qd_strdup(name), qd_strdup(collection)};
  if (made.name == NULL || made.collection == NULL || !reserve_one(aliases)) {
    free_alias(&made);
    return 0;
  }
  if (is_there) {
    free_alias(&aliases->items[place]);
  } else {
    memmove(aliases->items + place + 1, aliases->items + place, (aliases->n - place) * sizeof made);
    aliases->n++;
  }
  aliases->items[place] = made;
  return 1;
}

static void remove_at(qd_alias_list *aliases, size_t place) {
  free_alias(&aliases->items[place]);
  aliases->n--;
  memmove(aliases->items + place, aliases->items + place + 1, (aliases->n - place) * sizeof *aliases->items);
}

void qd_alias_list_remove(qd_alias_list *aliases, const char *name) {
  int is_there;
  size_t place = find_place(aliases, name, &is_there);
  if (is_there)
    remove_at(aliases, place);
}

void qd_alias_list_drop(qd_alias_list *aliases, const char *collection) {
  for (size_t i = aliases->n; i-- > 0;)
    if (strcmp(aliases->items[i].collection, collection) == 0)
      remove_at(aliases, i);
}
