#include "cli/cli.h"

#include <stddef.h>

static const char json_line[] =
    "\nA JSON line is {\"id\": 1, \"vector\": [0.1, 0.2], \"payload\": {\"city\": \"Berlin\"}}. Ids are numbers and\n"
    "UUIDs; \"vector\" may also be {\"name\": [0.1, 0.2], \"sparse\": {\"indices\": [7], \"values\": [0.5]},\n"
    "\"multi\": [[0.1], [0.2]]}. Rows of .npy (float32, float64, float16) and .fvecs get ids in sequence.\n"
    "\nThe first SIGINT (Ctrl-C) or SIGTERM ends an import with an account of every point, the second at once. With\n"
    "--resume or --checkpoint a small file, FILE.qdrant-checkpoint if not named, says at any time how far it is;\n"
    "without them none is kept. After an interruption, a crash or kill -9 the same command with --resume stores the\n"
    "rest; what was on its way is sent once more. The checkpoint is bound to the file's size, time and hash, to how "
    "it\n"
    "is read and to the collection, and refused for others. It stays when all is done, marked as complete.\n";

static const char bench_words[] =
    "\nWithout --collection it makes \"qdrantctl-bench\" anew, and leaves it. Set-up and warm-up are not measured.\n"
    "--batch 1 sends the call for a single item. The line has items, seconds, cpu_seconds (of this process),\n"
    "request_bytes, p50_us and p99_us (of a call), max_rss_mib, errors, and the settings.\n";

static const char call_words[] =
    "\nRPC is a name such as Points/Query. JSON is the body of its REST twin ({} without), with the parts of the URL "
    "as\n"
    "keys beside it: collection_name, field_name, vector_name, snapshot_name, wait, ordering, timeout, consistency.\n"
    "The result is printed as JSON on one line. Nothing is checked before it is sent: the server says what is wrong.\n"
    "\n  qdrantctl call Points/Query '{\"collection_name\": \"docs\", \"query\": [0.1, 0.2], \"limit\": 3}'\n"
    "\nA script has a call a line, {\"rpc\": \"Points/Count\", \"request\": {...}}, and each is answered by a line,\n"
    "{\"result\": ...} or {\"error\": {\"status\": ..., \"message\": ..., \"delivery\": ...}}; an error does not end "
    "it.\n";

/* name, arguments, summary, details, own options, words from and to, needs a client, function */
const qd_command qd_commands[] = {
    {"ping", "", "asks whether the server answers, which needs no key", "", "", 0, 0, 1, qd_run_ping},
    {"info", "", "says which server it is and how many collections it has", "", "", 0, 0, 1, qd_run_info},
    {"collections list", "", "lists the collections", "", "", 0, 0, 1, qd_run_collections_list},
    {"collections create", "NAME", "creates a collection", "", "dim distance vector-name multi sparse", 1, 1, 1,
        qd_run_collections_create},
    {"collections show", "NAME", "says what a collection holds and takes", "", "", 1, 1, 1, qd_run_collections_show},
    {"collections delete", "NAME", "drops a collection and its points", "", "", 1, 1, 1, qd_run_collections_delete},
    {"import", "FILE", "stores the points of a .npy, .fvecs or JSON Lines file (- is standard input)", json_line,
        "collection format batch first-id vector-name create distance allow-duplicates resume checkpoint max-in-flight "
        "max-rate continue-on-error verify no-bisect metrics",
        1, 1, 1, qd_run_import},
    {"search", "", "finds the points nearest to vectors or to stored points", "",
        "collection id vector vectors vector-name format limit filter with-payload", 0, 0, 1, qd_run_search},
    {"scroll", "", "lists points in the order of their ids", "",
        "collection limit offset filter with-payload with-vectors", 0, 0, 1, qd_run_scroll},
    {"count", "", "counts points", "", "collection filter", 0, 0, 1, qd_run_count},
    {"delete", "", "deletes points by id", "", "collection id", 0, 0, 1, qd_run_delete},
    {"call", "[RPC [JSON|@FILE|-]]", "makes any call of Qdrant's API, in JSON", call_words, "script metrics", 0, 2, 1,
        qd_run_call},
    {"serve", "", "serves the embedded engine in the foreground, until SIGINT or SIGTERM",
        "\nThe port is 6334 or --grpc-port, of which 0 means a free one. --api-key is the key that callers must "
        "have.\nWith --tls-cert and --tls-key both ports speak TLS; with --tls-ca callers must show a certificate of "
        "it.\n",
        "host load applied", 0, 0, 0, qd_run_serve},
    {"quickstart", "", "upserts 10,000 word vectors and searches 32 words",
        "\nWithout --url and QDRANT_URL it serves the embedded engine itself, and talks gRPC to it.\n", "data", 0, 0, 0,
        qd_run_quickstart},
    {"bench upsert", "", "measures upserts; prints one JSON line", bench_words,
        "collection dim distance batch calls in-flight with-payload no-create metrics", 0, 0, 1, qd_run_bench_upsert},
    {"bench search", "", "measures searches; prints one JSON line", bench_words,
        "collection dim distance batch calls in-flight limit with-payload points no-create metrics", 0, 0, 1,
        qd_run_bench_search},
    {0},
};
