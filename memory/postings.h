#ifndef QD_POSTINGS_H
#define QD_POSTINGS_H

#include <stddef.h>
#include <stdint.h>

/* For every index of a sparse field the slots that may have it, so that a search need not look at the others. A slot is
 * added for each vector it gets and stays where it is when it loses it: the search finds that out itself. Written by
 * the collection's writer, read by anybody meanwhile. */
typedef struct qd_postings qd_postings;

qd_postings *qd_postings_new(void); /* NULL when out of memory */
void qd_postings_free(qd_postings *postings);

/* A slot has a vector with these indices. 0 when out of memory; a part of them may be added then. */
int qd_postings_add(qd_postings *postings, uint32_t slot, const uint32_t *indices, size_t n);
/* A slot that was added has lost its vector of so many indices. */
void qd_postings_forget(qd_postings *postings, size_t n);

/* The indices of a slot's vector; 0 when it has none. */
typedef int (*qd_postings_source)(const void *user, size_t slot, const uint32_t **indices, size_t *n);

/* Makes them anew from the slots below n_slots once most of what they hold is forgotten. 0 when out of memory; they are
 * as before. */
int qd_postings_tidy(qd_postings *postings, size_t n_slots, qd_postings_source source, const void *user);

/* Sets the bit of every slot below n_slots that was added with one of the indices. */
void qd_postings_mark(
    qd_postings *postings, const uint32_t *indices, size_t n_indices, size_t n_slots, uint64_t *is_marked);

#endif
