#include "cli/options.h"

#include "cli/fail.h"
#include "cli/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const qd_distances[] = {"cosine", "euclid", "dot", "manhattan", NULL};
static const char *const outputs[] = {"table", "json", NULL};
static const char *const log_levels[] = {"off", "error", "warn", "info", "debug", NULL}; /* as qdrant_log_level */
static const char *const verifies[] = {"full", "chain-only", "none", NULL};              /* as qdrant_tls_verify */
static const char *const repeats[] = {"not-sent", "safe", "always", NULL};    /* in the order of qdrant_repeat */
static const char *const formats[] = {"auto", "jsonl", "npy", "fvecs", NULL}; /* as qdrant_source_format */

#define VALUE(field) .offset = offsetof(qd_args, field)

const qd_option qd_options[] = {
    {"url", "URL",
        "http://HOST[:PORT], https://HOST[:PORT] or :memory: (environment QDRANT_URL; http://localhost:6334)",
        VALUE(url), QD_OPTION_TEXT, .is_common = 1},
    {"endpoint", "URL", "one node of a cluster; given several times, in place of --url", VALUE(endpoints),
        QD_OPTION_TEXTS, .is_common = 1},
    {"hedge", NULL, "sends a read that is late once more, to another node or on another connection", VALUE(is_hedged),
        QD_OPTION_FLAG, .is_common = 1},
    {"grpc-port", "PORT", "gRPC port instead of the URL's", VALUE(grpc_port), QD_OPTION_COUNT, 1, 0, 65535},
    {"rest-port", "PORT", "REST port instead of 6333", VALUE(rest_port), QD_OPTION_COUNT, 1, 0, 65535},
    {"api-key", "KEY",
        "sent with every call (environment QDRANT_API_KEY; others see a command line, so rather the next)",
        VALUE(api_key), QD_OPTION_TEXT, .is_common = 1},
    {"api-key-file", "FILE", "file whose first line is the key; read again when it changes", VALUE(api_key_file),
        QD_OPTION_TEXT, .is_common = 1},
    {"tls-ca", "FILE", "authorities that the other side's certificate must come from (the system's roots)",
        VALUE(tls_ca), QD_OPTION_TEXT, .is_common = 1},
    {"tls-cert", "FILE", "certificate to show, with --tls-key", VALUE(tls_cert), QD_OPTION_TEXT, .is_common = 1},
    {"tls-key", "FILE", "its private key", VALUE(tls_key), QD_OPTION_TEXT, .is_common = 1},
    {"tls-server-name", "NAME", "that the server's certificate must carry (the URL's host)", VALUE(tls_server_name),
        QD_OPTION_TEXT, .is_common = 1},
    {"tls-verify", "CHECKS", "of the server's certificate: full, chain-only (any name) or none (full)",
        VALUE(tls_verify), QD_OPTION_CHOICE, .is_common = 1, .choices = verifies},
    {"rest", NULL, "REST instead of gRPC", VALUE(is_rest), QD_OPTION_FLAG, .is_common = 1},
    {"pool", "N", "connections (4)", VALUE(pool), QD_OPTION_COUNT, 1, 1, 1000},
    {"timeout", "SECONDS", "for one call, retries included; fractions are allowed (30; a batch of an import: 300)",
        VALUE(timeout_ms), QD_OPTION_SECONDS, .is_common = 1, .max = 86400},
    {"attempt-timeout", "SECONDS", "for one attempt of a call (no limit but the call's)", VALUE(attempt_timeout_ms),
        QD_OPTION_SECONDS, .is_common = 1, .max = 86400},
    {"retries", "N", "attempts after the first (2)", VALUE(retries), QD_OPTION_COUNT, 1, 0, 100},
    {"repeat", "CALLS", "which calls are made again: not-sent, safe (also reads and writes by ids) or always (safe)",
        VALUE(repeat), QD_OPTION_CHOICE, .is_common = 1, .choices = repeats},
    {"output", "FORMAT", "table or json (table)", VALUE(output), QD_OPTION_CHOICE, .is_common = 1, .choices = outputs},
    {"log-level", "LEVEL", "off, error, warn, info or debug: what the library says on standard error (warn)",
        VALUE(log_level), QD_OPTION_CHOICE, .is_common = 1, .choices = log_levels},
    {"help", NULL, "prints this", VALUE(wants_help), QD_OPTION_FLAG, .is_common = 1},
    {"version", NULL, "prints the version", VALUE(wants_version), QD_OPTION_FLAG, .is_common = 1},

    {"collection", "NAME", "the collection", VALUE(collection), QD_OPTION_TEXT},
    {"create", NULL, "creates the collection when there is none", VALUE(is_created), QD_OPTION_FLAG},
    {"no-create", NULL, "uses a collection that exists and adds no points for searches", VALUE(is_not_created),
        QD_OPTION_FLAG},
    {"dim", "N", "floats in one vector", VALUE(dim), QD_OPTION_COUNT, 0, 1, 65536},
    {"distance", "NAME", "cosine, euclid, dot or manhattan (cosine)", VALUE(distance), QD_OPTION_CHOICE,
        .choices = qd_distances},
    {"vector-name", "NAME", "the vector's name (the unnamed one)", VALUE(vector_name), QD_OPTION_TEXT},
    {"multi", NULL, "several dense vectors a point (max_sim)", VALUE(is_multi), QD_OPTION_FLAG},
    {"sparse", "NAMES", "names of sparse vectors, separated by commas", VALUE(sparse), QD_OPTION_TEXT},
    {"format", "FORMAT", "jsonl, npy, fvecs or auto: by the file's name, else by its first bytes (auto)", VALUE(format),
        QD_OPTION_CHOICE, .choices = formats},
    {"batch", "N", "points or queries in one call (import: 1,000; bench: 100)", VALUE(batch), QD_OPTION_COUNT, 0, 1,
        1000000},
    {"first-id", "N", "id of the first row of .npy and .fvecs (1)", VALUE(first_id), QD_OPTION_COUNT, 0, 0, UINT64_MAX},
    {"allow-duplicates", NULL, "of equal ids the last wins (else those that are near each other are refused)",
        VALUE(allows_duplicates), QD_OPTION_FLAG},
    {"resume", NULL, "goes on where the checkpoint says, if there is one, and keeps one", VALUE(is_resumed),
        QD_OPTION_FLAG},
    {"checkpoint", "FILE", "keeps a checkpoint in FILE; with --resume that is the one to go on from", VALUE(checkpoint),
        QD_OPTION_TEXT},
    {"max-in-flight", "N", "batches on their way at once, at most; fewer when the server is slow (8 a connection)",
        VALUE(max_in_flight), QD_OPTION_COUNT, 0, 1, 10000},
    {"max-rate", "N", "points a second at most (no limit)", VALUE(max_rate), QD_OPTION_COUNT, 0, 1, 1000000000},
    {"continue-on-error", NULL, "passes points that cannot be read or stored, lists them, and fails at the end",
        VALUE(goes_on), QD_OPTION_FLAG},
    {"verify", NULL, "reads every batch back by its ids", VALUE(is_verified), QD_OPTION_FLAG},
    {"no-bisect", NULL, "counts a batch that the server refuses as a whole, not in search of its bad points",
        VALUE(is_not_bisected), QD_OPTION_FLAG},
    {"id", "IDS", "numbers and UUIDs, separated by commas", VALUE(id), QD_OPTION_TEXT},
    {"vector", "FLOATS", "one vector, as 0.1,0.2,0.3", VALUE(vector), QD_OPTION_TEXT},
    {"vectors", "FILE", "one query a row of a .npy or .fvecs file; - is standard input", VALUE(vectors),
        QD_OPTION_TEXT},
    {"limit", "N", "hits a query, or points (10)", VALUE(limit), QD_OPTION_COUNT, 0, 1, 1000000},
    {"filter", "JSON",
        "only points that match, as {\"must\": [{\"key\": \"city\", \"match\": {\"value\": \"Berlin\"}}]}",
        VALUE(filter), QD_OPTION_TEXT},
    {"with-payload", NULL, "with the payload", VALUE(with_payload), QD_OPTION_FLAG},
    {"with-vectors", NULL, "with the vectors", VALUE(with_vectors), QD_OPTION_FLAG},
    {"offset", "ID", "the first id of the page", VALUE(offset), QD_OPTION_TEXT},
    {"script", "FILE", "makes the calls of a file, one a line, over one client; - is standard input", VALUE(script),
        QD_OPTION_TEXT},
    {"metrics", "FILE", "writes the client's figures at the end, for Prometheus (docs/OBSERVABILITY.md)",
        VALUE(metrics), QD_OPTION_TEXT},
    {"host", "ADDRESS", "address to listen on (127.0.0.1)", VALUE(host), QD_OPTION_TEXT},
    {"load", "FILE", "collections to begin with, as the embedded engine saves them", VALUE(load), QD_OPTION_TEXT},
    {"applied", "FILE", "appends the ids of every upsert it carried out, 8 bytes each", VALUE(applied), QD_OPTION_TEXT},
    {"data", "DIR", "folder with words-100d.npy and words.txt (examples/data)", VALUE(data), QD_OPTION_TEXT},
    {"calls", "N", "calls to make (1,000)", VALUE(calls), QD_OPTION_COUNT, 0, 1, 100000000},
    {"in-flight", "N", "calls at once (8)", VALUE(in_flight), QD_OPTION_COUNT, 0, 1, 10000},
    {"points", "N", "points to search in, put in first (10,000)", VALUE(points), QD_OPTION_COUNT, 0, 1, 100000000},
};

const size_t qd_n_options = sizeof qd_options / sizeof *qd_options;

const qd_option *qd_option_find(const char *name, size_t n) {
  for (size_t i = 0; i < qd_n_options; i++)
    if (strlen(qd_options[i].name) == n && memcmp(qd_options[i].name, name, n) == 0)
      return &qd_options[i];
  return NULL;
}

int qd_option_fits(const qd_option *option, const qd_command *command) {
  if (option->is_common)
    return 1;
  size_t n = strlen(option->name);
  for (const char *at = strstr(command->options, option->name); at; at = strstr(at + 1, option->name)) {
    int begins = at == command->options || at[-1] == ' ';
    if (begins && (at[n] == '\0' || at[n] == ' '))
      return 1;
  }
  return 0;
}

static qdrant_status set_count(const qd_option *option, const char *text, uint64_t *value, qdrant_error *err) {
  char *end = NULL;
  errno = 0;
  uint64_t read = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
  if (!end || *end || errno || read < option->min || read > option->max)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--%s %s: a whole number from %llu to %llu is needed",
        option->name, text, (unsigned long long)option->min, (unsigned long long)option->max);
  *value = read;
  return QDRANT_OK;
}

static qdrant_status set_seconds(const qd_option *option, const char *text, int64_t *value, qdrant_error *err) {
  char *end = NULL;
  double seconds = isdigit((unsigned char)text[0]) || text[0] == '.' ? strtod(text, &end) : 0;
  if (!end || *end || !(seconds >= 0.001) || seconds > (double)option->max)
    return qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--%s %s: a number of seconds from 0.001 to %llu is needed",
        option->name, text, (unsigned long long)option->max);
  *value = llround(seconds * 1000.0);
  return QDRANT_OK;
}

static qdrant_status set_choice(const qd_option *option, const char *text, int *value, qdrant_error *err) {
  for (int i = 0; option->choices[i]; i++) {
    if (strcmp(option->choices[i], text) == 0) {
      *value = i;
      return QDRANT_OK;
    }
  }
  qd_cli_fail(err, QDRANT_INVALID_ARGUMENT, "--%s %s: is none of", option->name, text);
  for (int i = 0; option->choices[i]; i++)
    qd_cli_suffix(err, "%s %s", i == 0 ? "" : ",", option->choices[i]);
  return err->status;
}

static qdrant_status add_text(const qd_option *option, const char *text, qd_texts *texts, qdrant_error *err) {
  if (texts->n == QD_MAX_TEXTS)
    return qd_cli_fail(
        err, QDRANT_INVALID_ARGUMENT, "--%s %s: at most %d are possible", option->name, text, QD_MAX_TEXTS);
  texts->items[texts->n++] = text;
  return QDRANT_OK;
}

qdrant_status qd_option_set(const qd_option *option, const char *text, qd_args *args, qdrant_error *err) {
  void *value = (char *)args + option->offset;
  switch (option->kind) {
  case QD_OPTION_FLAG: *(int *)value = 1; return QDRANT_OK;
  case QD_OPTION_TEXT: *(const char **)value = text; return QDRANT_OK;
  case QD_OPTION_TEXTS: return add_text(option, text, value, err);
  case QD_OPTION_COUNT: return set_count(option, text, value, err);
  case QD_OPTION_SECONDS: return set_seconds(option, text, value, err);
  case QD_OPTION_CHOICE: return set_choice(option, text, value, err);
  }
  return QDRANT_OK;
}
