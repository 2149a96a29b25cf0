#include "memory/snapshot_store.h"

#include "core/alloc.h"
#include "core/error.h"
#include "memory/peer.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char suffix[] = ".snapshot";
static const char checksum_suffix[] = ".checksum";

int qd_snapshot_store_init(qd_snapshot_store *store) {
  *store = (qd_snapshot_store){0};
  return pthread_mutex_init(&store->lock, NULL) == 0;
}

int qd_snapshot_store_set_directory(qd_snapshot_store *store, const char *directory) {
  store->directory = qd_strdup(directory);
  return store->directory != NULL;
}

static qdrant_status fail_memory(qdrant_error *err) {
  return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a snapshot");
}

static qdrant_status fail_io(const char *what, const char *path, qdrant_error *err) {
  return qd_fail(err, QDRANT_INTERNAL, "Service internal error: cannot %s %s: %s", what, path, strerror(errno));
}

/* The three texts in a row; NULL when out of memory. */
static char *join(qd_arena *arena, const char *first, const char *second, const char *third) {
  size_t n_bytes = strlen(first) + strlen(second) + strlen(third) + 1;
  char *joined = qd_arena_alloc(arena, n_bytes);
  if (joined != NULL)
    snprintf(joined, n_bytes, "%s%s%s", first, second, third);
  return joined;
}

/* Takes what a folder has out of it, and the folder away. All that lies there was put there by a store. */
static void remove_folder(const char *path) {
  char file[4096];
  DIR *folder = opendir(path);
  for (const struct dirent *entry = folder != NULL ? readdir(folder) : NULL; entry != NULL; entry = readdir(folder)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    int n = snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
    if (n > 0 && (size_t)n < sizeof file && unlink(file) != 0)
      remove_folder(file);
  }
  if (folder != NULL)
    closedir(folder);
  rmdir(path);
}

/* A forked child leaves its parent's files alone. */
void qd_snapshot_store_free(qd_snapshot_store *store) {
  if (store->directory != NULL && store->owner != 0 && store->owner == getpid())
    remove_folder(store->directory);
  qd_free(store->directory);
  pthread_mutex_destroy(&store->lock);
}

static qdrant_status make_temporary(qd_snapshot_store *store, qdrant_error *err) {
  static const char pattern[] = "/qdrant-snapshots-XXXXXX";
  const char *parent = getenv("TMPDIR");
  parent = parent != NULL && *parent != '\0' ? parent : "/tmp";
  size_t n_bytes = strlen(parent) + sizeof pattern;
  char *directory = qd_alloc(n_bytes);
  if (directory == NULL)
    return fail_memory(err);
  snprintf(directory, n_bytes, "%s%s", parent, pattern);
  if (mkdtemp(directory) == NULL) {
    qdrant_status status = fail_io("make", directory, err);
    qd_free(directory);
    return status;
  }
  store->directory = directory;
  store->owner = getpid();
  return QDRANT_OK;
}

/* A prefix keeps a collection of any name, "..", too, a folder of its own. NULL when out of memory; the lock is held.
 */
static char *folder_path(const qd_snapshot_store *store, const char *collection, qd_arena *arena) {
  return join(arena, store->directory, collection != NULL ? "/c-" : "/full", collection != NULL ? collection : "");
}

static qdrant_status open_folder(
    qd_snapshot_store *store, const char *collection, qd_arena *arena, char **folder, qdrant_error *err) {
  if (store->directory == NULL) {
    qdrant_status status = make_temporary(store, err);
    if (status != QDRANT_OK)
      return status;
  }
  if (mkdir(store->directory, 0777) != 0 && errno != EEXIST)
    return fail_io("make", store->directory, err);
  *folder = folder_path(store, collection, arena);
  if (*folder == NULL)
    return fail_memory(err);
  return mkdir(*folder, 0777) == 0 || errno == EEXIST ? QDRANT_OK : fail_io("make", *folder, err);
}

static char *make_name(const char *collection, const char *moment, unsigned n_before, qd_arena *arena) {
  char tail[96];
  if (collection != NULL && n_before > 0)
    snprintf(tail, sizeof tail, "-%d-%s-%u%s", QD_PEER_ID, moment, n_before, suffix);
  else if (collection != NULL)
    snprintf(tail, sizeof tail, "-%d-%s%s", QD_PEER_ID, moment, suffix);
  else if (n_before > 0)
    snprintf(tail, sizeof tail, "-%s-%u%s", moment, n_before, suffix);
  else
    snprintf(tail, sizeof tail, "-%s%s", moment, suffix);
  return join(arena, collection != NULL ? collection : "full-snapshot", tail, "");
}

/* The server's name, which tells the second; later snapshots of the same second get a number. An empty file keeps the
 * name until the snapshot takes its place. */
static qdrant_status reserve_name(
    const char *folder, const char *collection, qd_arena *arena, qd_snapshot_file *file, qdrant_error *err) {
  char moment[32];
  struct tm parts;
  time_t now = time(NULL);
  strftime(moment, sizeof moment, "%Y-%m-%d-%H-%M-%S", gmtime_r(&now, &parts));
  for (unsigned n_before = 0;; n_before++) {
    file->name = make_name(collection, moment, n_before, arena);
    file->path = file->name != NULL ? join(arena, folder, "/", file->name) : NULL;
    if (file->path == NULL)
      return fail_memory(err);
    FILE *made = fopen(file->path, "wbx");
    if (made != NULL) {
      fclose(made);
      return QDRANT_OK;
    }
    if (errno != EEXIST)
      return fail_io("write", file->path, err);
  }
}

qdrant_status qd_snapshot_store_choose(
    qd_snapshot_store *store, const char *collection, qd_arena *arena, qd_snapshot_file *file, qdrant_error *err) {
  char *folder = NULL;
  *file = (qd_snapshot_file){0};
  pthread_mutex_lock(&store->lock);
  qdrant_status status = open_folder(store, collection, arena, &folder, err);
  pthread_mutex_unlock(&store->lock);
  return status == QDRANT_OK ? reserve_name(folder, collection, arena, file, err) : status;
}

/* 0 when it is not there any more. */
static int measure_file(qd_snapshot_file *file) {
  struct stat found;
  if (stat(file->path, &found) != 0 || !S_ISREG(found.st_mode))
    return 0;
  file->created_s = (int64_t)found.st_mtime;
  file->n_bytes = (int64_t)found.st_size;
  return 1;
}

qdrant_status qd_snapshot_store_seal(qd_snapshot_file *file, qd_arena *arena, qdrant_error *err) {
  const char *path = join(arena, file->path, checksum_suffix, "");
  if (path == NULL)
    return fail_memory(err);
  qdrant_status status = qd_sha256_file(file->path, file->checksum, err);
  if (status != QDRANT_OK)
    return status;
  FILE *written = fopen(path, "wb");
  int is_done = written != NULL && fputs(file->checksum, written) >= 0;
  if (written != NULL)
    is_done = fclose(written) == 0 && is_done;
  return is_done && measure_file(file) ? QDRANT_OK : fail_io("write", path, err);
}

/* A checksum that is not there is left out. */
static qdrant_status read_checksum(qd_snapshot_file *file, qd_arena *arena, qdrant_error *err) {
  const char *path = join(arena, file->path, checksum_suffix, "");
  if (path == NULL)
    return fail_memory(err);
  FILE *opened = fopen(path, "rb");
  if (opened == NULL)
    return QDRANT_OK;
  size_t n = fread(file->checksum, 1, sizeof file->checksum - 1, opened);
  file->checksum[n] = '\0';
  fclose(opened);
  return QDRANT_OK;
}

static int is_snapshot_name(const char *name) {
  size_t n = strlen(name);
  return n > sizeof suffix - 1 && strcmp(name + n - (sizeof suffix - 1), suffix) == 0;
}

static int compare_files(const void *a, const void *b) {
  return strcmp(((const qd_snapshot_file *)a)->name, ((const qd_snapshot_file *)b)->name);
}

/* A name that is reserved for a snapshot under way has an empty file. */
static qdrant_status add_file(
    const char *folder, const char *name, qd_arena *arena, qd_snapshot_file **files, size_t *n, qdrant_error *err) {
  qd_snapshot_file file = {.name = qd_arena_strndup(arena, name, strlen(name)), .path = join(arena, folder, "/", name)};
  if (file.name == NULL || file.path == NULL)
    return fail_memory(err);
  if (!measure_file(&file) || file.n_bytes == 0)
    return QDRANT_OK;
  qdrant_status status = read_checksum(&file, arena, err);
  if (status != QDRANT_OK)
    return status;
  if ((*n & (*n - 1)) == 0) {
    qd_snapshot_file *grown = qd_arena_alloc(arena, (2 * *n + 1) * sizeof *grown);
    if (grown == NULL)
      return fail_memory(err);
    if (*n > 0)
      memcpy(grown, *files, *n * sizeof *grown);
    *files = grown;
  }
  (*files)[(*n)++] = file;
  return QDRANT_OK;
}

qdrant_status qd_snapshot_store_list(qd_snapshot_store *store, const char *collection, qd_arena *arena,
    qd_snapshot_file **files, size_t *n, qdrant_error *err) {
  *n = 0;
  *files = NULL;
  pthread_mutex_lock(&store->lock);
  const char *folder = store->directory != NULL ? folder_path(store, collection, arena) : "";
  pthread_mutex_unlock(&store->lock);
  if (folder == NULL)
    return fail_memory(err);
  DIR *opened = *folder != '\0' ? opendir(folder) : NULL;
  if (opened == NULL)
    return QDRANT_OK;
  qdrant_status status = QDRANT_OK;
  for (const struct dirent *entry = readdir(opened); entry != NULL && status == QDRANT_OK; entry = readdir(opened))
    if (is_snapshot_name(entry->d_name))
      status = add_file(folder, entry->d_name, arena, files, n, err);
  closedir(opened);
  if (*n > 0)
    qsort(*files, *n, sizeof **files, compare_files);
  return status;
}

qdrant_status qd_snapshot_store_delete(
    qd_snapshot_store *store, const char *collection, const char *name, qd_arena *arena, qdrant_error *err) {
  qd_snapshot_file *files;
  size_t n;
  qdrant_status status = qd_snapshot_store_list(store, collection, arena, &files, &n, err);
  if (status != QDRANT_OK)
    return status;
  for (size_t i = 0; i < n; i++) {
    if (strcmp(files[i].name, name) != 0)
      continue;
    const char *checksum = join(arena, files[i].path, checksum_suffix, "");
    if (checksum == NULL)
      return fail_memory(err);
    unlink(checksum);
    if (unlink(files[i].path) == 0)
      return QDRANT_OK;
    return fail_io("remove", files[i].path, err);
  }
  return qd_fail(err, QDRANT_NOT_FOUND, "Not found: Snapshot %s not found", name);
}
