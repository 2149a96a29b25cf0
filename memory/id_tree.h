#ifndef QD_ID_TREE_H
#define QD_ID_TREE_H

#include "memory/id.h"

#include <stddef.h>

/* Slots of points ordered by id: finds a point by its id and walks points in the order of a scroll. A treap (a search
 * tree that random priorities keep shallow); its nodes are the slots themselves, so that nothing is allocated once they
 * are reserved. */
typedef struct qd_id_tree {
  const qd_id *ids; /* of every slot; the store's */
  uint32_t *left;
  uint32_t *right;
  uint32_t root;
  uint64_t seed; /* unlike in every tree: ids chosen to make one deep do not */
} qd_id_tree;

#define QD_NO_SLOT UINT32_MAX

void qd_id_tree_init(qd_id_tree *tree);
/* Room for n_slots slots. 0 when out of memory; the tree is as before. */
int qd_id_tree_reserve(qd_id_tree *tree, size_t n_slots);
void qd_id_tree_free(qd_id_tree *tree);

/* The slot of an id, or QD_NO_SLOT. */
uint32_t qd_id_tree_find(const qd_id_tree *tree, const qd_id *id);

/* ids[slot] is set and in no other slot of the tree. */
void qd_id_tree_insert(qd_id_tree *tree, uint32_t slot);
void qd_id_tree_remove(qd_id_tree *tree, uint32_t slot);

/* The slot with the smallest id (not below `from` when that is given), or QD_NO_SLOT. */
uint32_t qd_id_tree_first(const qd_id_tree *tree, const qd_id *from);
/* The slot with the next larger id, or QD_NO_SLOT. */
uint32_t qd_id_tree_next(const qd_id_tree *tree, uint32_t slot);

#endif
