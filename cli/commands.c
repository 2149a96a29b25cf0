#include "cli/cli.h"
#include <stddef.h>

/* name, arguments, summary, own options, words, needs a client, function */
const qd_command qd_commands[] = {
    {"ping", "", "asks whether the server answers", "", 0, 0, 1, qd_run_ping},
    {"info", "", "says which server it is and how many collections it has", "", 0, 0, 1, qd_run_info},
    {"collections list", "", "lists the collections", "", 0, 0, 1, qd_run_collections_list},
    {"collections create", "NAME", "creates a collection", "dim distance vector-name multi sparse", 1, 1, 1,
        qd_run_collections_create},
    {"collections show", "NAME", "says what a collection holds and takes", "", 1, 1, 1, qd_run_collections_show},
    {"collections delete", "NAME", "drops a collection and its points", "", 1, 1, 1, qd_run_collections_delete},
    {"import", "FILE",
        "stores the points of a .npy, .fvecs or JSON Lines file (- is standard input).\n"
        "A JSON line is {\"id\": 1, \"vector\": [0.1, 0.2], \"payload\": {\"city\": \"Berlin\"}}; \"vector\" may also "
        "be\n"
        "{\"name\": [0.1, 0.2], \"sparse\": {\"indices\": [7], \"values\": [0.5]}, \"multi\": [[0.1], [0.2]]}.",
        "collection format batch first-id vector-name create distance allow-duplicates", 1, 1, 1, qd_run_import},
    {"search", "", "finds the points nearest to vectors or to stored points",
        "collection id vector vectors vector-name format limit filter with-payload", 0, 0, 1, qd_run_search},
    {"scroll", "", "lists points in the order of their ids", "collection limit offset filter with-payload with-vectors",
        0, 0, 1, qd_run_scroll},
    {"count", "", "counts points", "collection filter", 0, 0, 1, qd_run_count},
    {"delete", "", "deletes points by id", "collection id", 0, 0, 1, qd_run_delete},
    {"serve", "", "serves the embedded engine in the foreground, until SIGINT or SIGTERM", "host", 0, 0, 0,
        qd_run_serve},
    {"quickstart", "", "upserts 10,000 word vectors and searches 32 words", "data", 0, 0, 0, qd_run_quickstart},
    {"bench upsert", "", "measures upserts; prints one JSON line",
        "collection dim distance batch calls in-flight with-payload no-create", 0, 0, 1, qd_run_bench_upsert},
    {"bench search", "", "measures searches; prints one JSON line",
        "collection dim distance batch calls in-flight limit with-payload points no-create", 0, 0, 1,
        qd_run_bench_search},
    {0},
};
