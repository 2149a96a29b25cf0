#ifndef QD_ID_TREE_H
#define QD_ID_TREE_H

#include "memory/column.h"
#include "memory/id.h"

/* Slots of points ordered by id: finds a point by its id and walks points in the order of a scroll. A treap (a search
 * tree that random priorities keep shallow); its nodes are the slots themselves, so that nothing is allocated once they
 * are reserved. Changing the tree needs a lock against everybody, looking into it one against changes; the id of a slot
 * that is in no other thread's hands is free to read. */
typedef struct qd_id_tree {
  qd_column nodes;
  uint32_t root;
  uint64_t seed; /* unlike in every tree: ids chosen to make one deep do not */
} qd_id_tree;

void qd_id_tree_init(qd_id_tree *tree);
/* Room for n_slots slots. 0 when out of memory; the tree is as before. */
int qd_id_tree_reserve(qd_id_tree *tree, size_t n_slots);
void qd_id_tree_free(qd_id_tree *tree);

/* The id of a slot, whether it is in the tree or not. Set only for one that is not. */
const qd_id *qd_id_tree_id(const qd_id_tree *tree, uint32_t slot);
void qd_id_tree_set_id(qd_id_tree *tree, uint32_t slot, const qd_id *id);

/* The slot of an id, or QD_NO_SLOT. */
uint32_t qd_id_tree_find(const qd_id_tree *tree, const qd_id *id);

/* The slot's id is set and in no other slot of the tree. */
void qd_id_tree_insert(qd_id_tree *tree, uint32_t slot);
void qd_id_tree_remove(qd_id_tree *tree, uint32_t slot);
/* Puts a slot of the same id into the place of one in the tree. */
void qd_id_tree_replace(qd_id_tree *tree, uint32_t old, uint32_t slot);

/* The slot with the smallest id (not below `from` when that is given), or QD_NO_SLOT. */
uint32_t qd_id_tree_first(const qd_id_tree *tree, const qd_id *from);
/* The slot with the next larger id, or QD_NO_SLOT. _next is quicker, but for slots in the tree only. */
uint32_t qd_id_tree_next(const qd_id_tree *tree, uint32_t slot);
uint32_t qd_id_tree_above(const qd_id_tree *tree, const qd_id *id);

#endif
