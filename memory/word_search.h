#ifndef QD_WORD_SEARCH_H
#define QD_WORD_SEARCH_H

#include "memory/source.h"

/* Scores points by the words of a text that are in a payload key (BM25): how often each is there, how rare it is, and
 * how long the point's texts are. The key has a text index that is declared to be scored by, which says how texts are
 * cut into words too. slots is NULL for a leaf, else the n points that may be hits; every point of the collection with
 * words counts for how rare they are, or those of params.idf. Fills the source's hits. INVALID_ARGUMENT, NO_MEMORY,
 * DEADLINE_EXCEEDED. */
qdrant_status qd_word_search(qd_job *job, const qd_reader *reader, const uint32_t *slots, size_t n, qd_source *source);

#endif
