#ifndef QD_ALIAS_LIST_H
#define QD_ALIAS_LIST_H

#include <stddef.h>

/* Other names of collections, ascending. Not thread-safe: the registry's lock guards it. */
typedef struct qd_alias {
  char *name;       /* owned, as the other */
  char *collection; /* the collection's own name */
} qd_alias;

typedef struct qd_alias_list {
  qd_alias *items;
  size_t n;
  size_t capacity;
} qd_alias_list;

void qd_alias_list_free(qd_alias_list *aliases);

/* The collection an alias stands for, or NULL. */
const char *qd_alias_list_find(const qd_alias_list *aliases, const char *name);

/* An alias that is there is turned to the new collection. 0 when out of memory; the list is as before. */
int qd_alias_list_put(qd_alias_list *aliases, const char *name, const char *collection);
void qd_alias_list_remove(qd_alias_list *aliases, const char *name);
/* Takes away all aliases of a collection. */
void qd_alias_list_drop(qd_alias_list *aliases, const char *collection);

#endif
