#include "tls/material.h"

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/error.h"
#include "core/log.h"
#include "core/wipe.h"
#include "tls/pem.h"
#include "tls/read_file.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

/* The system's bundle of all public roots is about 220 kB. */
enum { MAX_PEM_BYTES = 8 * 1024 * 1024 };

enum file { CA, CERT, KEY, N_FILES };

static const char *const option_names[N_FILES] = {
    [CA] = "tls_ca_path", [CERT] = "tls_cert_path", [KEY] = "tls_key_path"};

/* By what a change is noticed, also of a file that another one was renamed over. */
typedef struct stamp {
  struct timespec changed;
  off_t n_bytes;
  ino_t inode;
} stamp;

struct qd_material_files {
  char *paths[N_FILES]; /* NULL: not given */
  int64_t reload_ns;    /* -1: never */
  pthread_mutex_t lock; /* guards the rest */
  int64_t looked_ns;
  stamp stamps[N_FILES];
  qd_material *present;
};

static char **text_of(qd_material *material, enum file which) {
  return which == CA ? &material->ca_pem : which == CERT ? &material->cert_pem : &material->key_pem;
}

void qd_material_unref(qd_material *material) {
  if (material == NULL || atomic_fetch_sub_explicit(&material->refs, 1, memory_order_acq_rel) != 1)
    return;
  qd_free(material->ca_pem);
  qd_free(material->cert_pem);
  qd_wipe_free(material->key_pem);
  qd_free(material);
}

static void take_stamps(const qd_material_files *files, stamp stamps[N_FILES]) {
  memset(stamps, 0, N_FILES * sizeof *stamps);
  for (int i = 0; i < N_FILES; i++) {
    struct stat info;
    if (files->paths[i] != NULL && stat(files->paths[i], &info) == 0)
      stamps[i] = (stamp){.changed = info.st_mtim, .n_bytes = info.st_size, .inode = info.st_ino};
  }
}

static int is_same(const stamp *a, const stamp *b) {
  return a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
         a->n_bytes == b->n_bytes && a->inode == b->inode;
}

static qdrant_status check(const qd_material_files *files, const qd_material *material, qdrant_error *err) {
  const qd_pem ca = {option_names[CA], files->paths[CA], material->ca_pem};
  const qd_pem certificates = {option_names[CERT], files->paths[CERT], material->cert_pem};
  const qd_pem key = {option_names[KEY], files->paths[KEY], material->key_pem};
  qdrant_status status = QDRANT_OK;
  if (ca.text != NULL)
    status = qd_pem_check_certificates(&ca, err);
  if (status == QDRANT_OK && certificates.text != NULL)
    status = qd_pem_check_certificates(&certificates, err);
  if (status == QDRANT_OK && key.text != NULL)
    status = qd_pem_check_key(&key, &certificates, err);
  return status;
}

static qdrant_status read_files(
    const qd_material_files *files, uint64_t generation, qd_material **made, qdrant_error *err) {
  qd_material *material = qd_zalloc(sizeof *material);
  if (material == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the certificates");
  atomic_init(&material->refs, 1);
  material->generation = generation;
  qdrant_status status = QDRANT_OK;
  for (int i = 0; i < N_FILES && status == QDRANT_OK; i++)
    if (files->paths[i] != NULL)
      status = qd_read_file(option_names[i], files->paths[i], MAX_PEM_BYTES, text_of(material, (enum file)i), err);
  if (status == QDRANT_OK)
    status = check(files, material, err);
  if (status == QDRANT_OK)
    *made = material;
  else
    qd_material_unref(material);
  return status;
}

/* Under the lock. The stamps are taken before the files are read: what changes meanwhile is seen the next time. */
static int has_changed(qd_material_files *files) {
  stamp stamps[N_FILES];
  int is_unchanged = 1;
  take_stamps(files, stamps);
  for (int i = 0; i < N_FILES; i++)
    is_unchanged &= is_same(&stamps[i], &files->stamps[i]);
  memcpy(files->stamps, stamps, sizeof stamps);
  return !is_unchanged;
}

/* Under the lock. Not OK: what was read before stays. */
static qdrant_status read_again(qd_material_files *files, qdrant_error *err) {
  qd_material *read = NULL;
  qdrant_status status = read_files(files, files->present->generation + 1, &read, err);
  if (status == QDRANT_OK) {
    qd_material_unref(files->present);
    files->present = read;
  }
  return status;
}

/* Under the lock. */
static int is_time_to_look(qd_material_files *files) {
  int64_t now_ns = qd_now_ns();
  if (files->reload_ns < 0 || now_ns - files->looked_ns < files->reload_ns)
    return 0;
  files->looked_ns = now_ns;
  return 1;
}

qd_material *qd_material_take(qd_material_files *files) {
  qdrant_error error;
  qd_error_clear(&error);
  pthread_mutex_lock(&files->lock);
  int is_changed = is_time_to_look(files) && has_changed(files);
  if (is_changed)
    read_again(files, &error);
  qd_material *present = files->present;
  atomic_fetch_add_explicit(&present->refs, 1, memory_order_relaxed);
  pthread_mutex_unlock(&files->lock);
  if (is_changed && error.status == QDRANT_OK)
    qd_log(QDRANT_LOG_INFO, "tls", "the certificate files have changed; new connections use them");
  else if (is_changed)
    qd_log(QDRANT_LOG_WARN, "tls", "the certificate files have changed, but what was read before stays in use: %s",
        error.message);
  return present;
}

static int copy_paths(qd_material_files *files, const qd_tls_options *options) {
  const char *given[N_FILES] = {[CA] = options->ca_path, [CERT] = options->cert_path, [KEY] = options->key_path};
  for (int i = 0; i < N_FILES; i++) {
    files->paths[i] = given[i] != NULL ? qd_strdup(given[i]) : NULL;
    if (given[i] != NULL && files->paths[i] == NULL)
      return 0;
  }
  return 1;
}

qdrant_status qd_material_open(const qd_tls_options *options, qd_material_files **files, qdrant_error *err) {
  qd_material_files *opened = qd_zalloc(sizeof *opened);
  if (opened == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the certificates");
  pthread_mutex_init(&opened->lock, NULL);
  opened->reload_ns = options->reload_ms < 0 ? -1 : options->reload_ms * QD_NS_PER_MS;
  opened->looked_ns = qd_now_ns();
  qdrant_status status = QDRANT_OK;
  if (!copy_paths(opened, options))
    status = qd_fail(err, QDRANT_NO_MEMORY, "out of memory for the certificates");
  if (status == QDRANT_OK) {
    take_stamps(opened, opened->stamps);
    status = read_files(opened, 1, &opened->present, err);
  }
  if (status == QDRANT_OK)
    *files = opened;
  else
    qd_material_close(opened);
  return status;
}

void qd_material_close(qd_material_files *files) {
  if (files == NULL)
    return;
  qd_material_unref(files->present);
  for (int i = 0; i < N_FILES; i++)
    qd_free(files->paths[i]);
  pthread_mutex_destroy(&files->lock);
  qd_free(files);
}
