#include "memory/id_tree.h"

#include "core/deadline.h"

typedef struct node {
  qd_id id;
  uint32_t smaller; /* subtrees */
  uint32_t larger;
  uint32_t priority; /* of the id: kept, since every insertion asks many nodes for it */
} node;

static node *node_at(const qd_id_tree *tree, uint32_t slot) {
  return qd_column_at(&tree->nodes, slot);
}

void qd_id_tree_init(qd_id_tree *tree) {
  *tree = (qd_id_tree){.nodes.item_bytes = sizeof(node), .root = QD_NO_SLOT};
  tree->seed = (uint64_t)qd_now_ns() ^ (uint64_t)(uintptr_t)tree;
}

int qd_id_tree_reserve(qd_id_tree *tree, size_t n_slots) {
  return qd_column_reserve(&tree->nodes, n_slots);
}

void qd_id_tree_free(qd_id_tree *tree) {
  qd_column_free(&tree->nodes);
}

const qd_id *qd_id_tree_id(const qd_id_tree *tree, uint32_t slot) {
  return &node_at(tree, slot)->id;
}

void qd_id_tree_set_id(qd_id_tree *tree, uint32_t slot, const qd_id *id) {
  qd_id seeded = *id;
  seeded.high ^= tree->seed;
  node_at(tree, slot)->id = *id;
  node_at(tree, slot)->priority = (uint32_t)qd_id_hash(&seeded);
}

static uint32_t priority_of(const qd_id_tree *tree, uint32_t slot) {
  return node_at(tree, slot)->priority;
}

uint32_t qd_id_tree_find(const qd_id_tree *tree, const qd_id *id) {
  uint32_t slot = tree->root;
  while (slot != QD_NO_SLOT) {
    const node *at = node_at(tree, slot);
    int order = qd_id_compare(id, &at->id);
    if (order == 0)
      return slot;
    slot = order < 0 ? at->smaller : at->larger;
  }
  return QD_NO_SLOT;
}

/* Parts the subtree at `rest` into what is smaller and what is larger than slot, which becomes its root. */
static void split_below(qd_id_tree *tree, uint32_t slot, uint32_t rest) {
  node *top = node_at(tree, slot);
  uint32_t *smaller = &top->smaller;
  uint32_t *larger = &top->larger;
  while (rest != QD_NO_SLOT) {
    node *at = node_at(tree, rest);
    if (qd_id_compare(&at->id, &top->id) < 0) {
      *smaller = rest;
      smaller = &at->larger;
      rest = *smaller;
    } else {
      *larger = rest;
      larger = &at->smaller;
      rest = *larger;
    }
  }
  *smaller = QD_NO_SLOT;
  *larger = QD_NO_SLOT;
}

/* Where the way down to an id leads on from a node. */
static uint32_t *link_towards(const qd_id_tree *tree, uint32_t slot, const qd_id *id) {
  node *at = node_at(tree, slot);
  return qd_id_compare(id, &at->id) < 0 ? &at->smaller : &at->larger;
}

void qd_id_tree_insert(qd_id_tree *tree, uint32_t slot) {
  uint32_t priority = priority_of(tree, slot);
  const qd_id *id = qd_id_tree_id(tree, slot);
  uint32_t *link = &tree->root;
  while (*link != QD_NO_SLOT && priority_of(tree, *link) >= priority)
    link = link_towards(tree, *link, id);
  uint32_t rest = *link;
  *link = slot;
  split_below(tree, slot, rest);
}

/* What points to a slot in the tree. */
static uint32_t *link_to(qd_id_tree *tree, uint32_t slot) {
  const qd_id *id = qd_id_tree_id(tree, slot);
  uint32_t *link = &tree->root;
  while (*link != slot)
    link = link_towards(tree, *link, id);
  return link;
}

void qd_id_tree_remove(qd_id_tree *tree, uint32_t slot) {
  uint32_t *link = link_to(tree, slot);
  uint32_t smaller = node_at(tree, slot)->smaller;
  uint32_t larger = node_at(tree, slot)->larger;
  while (smaller != QD_NO_SLOT && larger != QD_NO_SLOT) {
    if (priority_of(tree, smaller) >= priority_of(tree, larger)) {
      *link = smaller;
      link = &node_at(tree, smaller)->larger;
      smaller = *link;
    } else {
      *link = larger;
      link = &node_at(tree, larger)->smaller;
      larger = *link;
    }
  }
  *link = smaller != QD_NO_SLOT ? smaller : larger;
}

void qd_id_tree_replace(qd_id_tree *tree, uint32_t old, uint32_t slot) {
  *link_to(tree, old) = slot;
  node_at(tree, slot)->smaller = node_at(tree, old)->smaller;
  node_at(tree, slot)->larger = node_at(tree, old)->larger;
}

static uint32_t smallest(const qd_id_tree *tree, uint32_t slot) {
  while (slot != QD_NO_SLOT && node_at(tree, slot)->smaller != QD_NO_SLOT)
    slot = node_at(tree, slot)->smaller;
  return slot;
}

/* The smallest id that is above `id`, or equal to it when that is wanted. */
static uint32_t first_above(const qd_id_tree *tree, const qd_id *id, int or_equal) {
  uint32_t found = QD_NO_SLOT;
  uint32_t slot = tree->root;
  while (slot != QD_NO_SLOT) {
    const node *at = node_at(tree, slot);
    int order = qd_id_compare(id, &at->id);
    if (order < 0 || (or_equal && order == 0)) {
      found = slot;
      slot = at->smaller;
    } else {
      slot = at->larger;
    }
  }
  return found;
}

uint32_t qd_id_tree_first(const qd_id_tree *tree, const qd_id *from) {
  return from == NULL ? smallest(tree, tree->root) : first_above(tree, from, 1);
}

uint32_t qd_id_tree_above(const qd_id_tree *tree, const qd_id *id) {
  return first_above(tree, id, 0);
}

uint32_t qd_id_tree_next(const qd_id_tree *tree, uint32_t slot) {
  const node *at = node_at(tree, slot);
  return at->larger != QD_NO_SLOT ? smallest(tree, at->larger) : first_above(tree, &at->id, 0);
}
