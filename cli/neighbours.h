#ifndef QD_CLI_NEIGHBOURS_H
#define QD_CLI_NEIGHBOURS_H

#include "cli/words.h"
#include "qdrant/client.h"

#include <json-c/json.h>
#include <stdio.h>

/* The quick start's search: one call with 32 queries, words that words.txt has. *answers is the caller's:
 * [{"word": .., "nearest": [{"word": .., "score": ..}]}], the word itself left out. */
qdrant_status qd_neighbours_find(qdrant_client *client, const char *collection, const qd_words *words,
    json_object **answers, double *seconds, qdrant_error *err);

/* Prints the answers, a line a word. */
void qd_neighbours_print(json_object *answers, double seconds, FILE *out);

#endif
