#include "memory/id_tree.h"

#include "core/alloc.h"
#include "core/deadline.h"

void qd_id_tree_init(qd_id_tree *tree) {
  *tree = (qd_id_tree){.root = QD_NO_SLOT};
  tree->seed = (uint64_t)qd_now_ns() ^ (uint64_t)(uintptr_t)tree;
}

static int grow(uint32_t **slots, size_t n_slots) {
  uint32_t *grown = qd_realloc(*slots, n_slots * sizeof *grown);
  if (grown == NULL)
    return 0;
  *slots = grown;
  return 1;
}

int qd_id_tree_reserve(qd_id_tree *tree, size_t n_slots) {
  return grow(&tree->left, n_slots) && grow(&tree->right, n_slots);
}

void qd_id_tree_free(qd_id_tree *tree) {
  qd_free(tree->left);
  qd_free(tree->right);
}

static uint64_t priority_of(const qd_id_tree *tree, uint32_t slot) {
  qd_id seeded = tree->ids[slot];
  seeded.high ^= tree->seed;
  return qd_id_hash(&seeded);
}

static int compare_slots(const qd_id_tree *tree, uint32_t a, uint32_t b) {
  return qd_id_compare(&tree->ids[a], &tree->ids[b]);
}

uint32_t qd_id_tree_find(const qd_id_tree *tree, const qd_id *id) {
  uint32_t slot = tree->root;
  while (slot != QD_NO_SLOT) {
    int order = qd_id_compare(id, &tree->ids[slot]);
    if (order == 0)
      return slot;
    slot = order < 0 ? tree->left[slot] : tree->right[slot];
  }
  return QD_NO_SLOT;
}

/* Parts the subtree at `rest` into what is smaller and what is larger than slot, which becomes its root. */
static void split_below(qd_id_tree *tree, uint32_t slot, uint32_t rest) {
  uint32_t *smaller = &tree->left[slot];
  uint32_t *larger = &tree->right[slot];
  while (rest != QD_NO_SLOT) {
    if (compare_slots(tree, rest, slot) < 0) {
      *smaller = rest;
      smaller = &tree->right[rest];
      rest = *smaller;
    } else {
      *larger = rest;
      larger = &tree->left[rest];
      rest = *larger;
    }
  }
  *smaller = QD_NO_SLOT;
  *larger = QD_NO_SLOT;
}

void qd_id_tree_insert(qd_id_tree *tree, uint32_t slot) {
  uint64_t priority = priority_of(tree, slot);
  uint32_t *link = &tree->root;
  while (*link != QD_NO_SLOT && priority_of(tree, *link) >= priority)
    link = compare_slots(tree, slot, *link) < 0 ? &tree->left[*link] : &tree->right[*link];
  uint32_t rest = *link;
  *link = slot;
  split_below(tree, slot, rest);
}

void qd_id_tree_remove(qd_id_tree *tree, uint32_t slot) {
  uint32_t *link = &tree->root;
  while (*link != slot)
    link = compare_slots(tree, slot, *link) < 0 ? &tree->left[*link] : &tree->right[*link];
  uint32_t smaller = tree->left[slot];
  uint32_t larger = tree->right[slot];
  while (smaller != QD_NO_SLOT && larger != QD_NO_SLOT) {
    if (priority_of(tree, smaller) >= priority_of(tree, larger)) {
      *link = smaller;
      link = &tree->right[smaller];
      smaller = *link;
    } else {
      *link = larger;
      link = &tree->left[larger];
      larger = *link;
    }
  }
  *link = smaller != QD_NO_SLOT ? smaller : larger;
}

static uint32_t leftmost(const qd_id_tree *tree, uint32_t slot) {
  while (slot != QD_NO_SLOT && tree->left[slot] != QD_NO_SLOT)
    slot = tree->left[slot];
  return slot;
}

/* The smallest id that is above `id`, or equal to it when that is wanted. */
static uint32_t first_above(const qd_id_tree *tree, const qd_id *id, int or_equal) {
  uint32_t found = QD_NO_SLOT;
  uint32_t slot = tree->root;
  while (slot != QD_NO_SLOT) {
    int order = qd_id_compare(id, &tree->ids[slot]);
    if (order < 0 || (or_equal && order == 0)) {
      found = slot;
      slot = tree->left[slot];
    } else {
      slot = tree->right[slot];
    }
  }
  return found;
}

uint32_t qd_id_tree_first(const qd_id_tree *tree, const qd_id *from) {
  return from == NULL ? leftmost(tree, tree->root) : first_above(tree, from, 1);
}

uint32_t qd_id_tree_next(const qd_id_tree *tree, uint32_t slot) {
  if (tree->right[slot] != QD_NO_SLOT)
    return leftmost(tree, tree->right[slot]);
  return first_above(tree, &tree->ids[slot], 0);
}
