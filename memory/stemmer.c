#include "memory/stemmer.h"

#include "core/alloc.h"
#include "core/error.h"

#include <libstemmer.h>
#include <pthread.h>
#include <string.h>

/* As many threads cut words without waiting for each other. */
enum { N_CUTTERS = 4 };

typedef struct cutter {
  pthread_mutex_t lock; /* guards libstemmer's buffers */
  struct sb_stemmer *stemmer;
} cutter;

struct qd_stemmer {
  cutter cutters[N_CUTTERS];
  size_t n; /* that are made */
};

static int add_cutter(const char *language, qd_stemmer *stemmer) {
  cutter *made = &stemmer->cutters[stemmer->n];
  made->stemmer = sb_stemmer_new(language, "UTF_8");
  if (made->stemmer == NULL)
    return 0;
  if (pthread_mutex_init(&made->lock, NULL) != 0) {
    sb_stemmer_delete(made->stemmer);
    return 0;
  }
  stemmer->n++;
  return 1;
}

/* The server's languages. libstemmer has more. */
static int is_known(const char *language) {
  static const char *const names[] = {"ar", "arabic", "hy", "armenian", "da", "danish", "nl", "dutch", "en", "english",
      "fi", "finnish", "fr", "french", "de", "german", "el", "greek", "hu", "hungarian", "it", "italian", "no",
      "norwegian", "pt", "portuguese", "ro", "romanian", "ru", "russian", "es", "spanish", "sv", "swedish", "ta",
      "tamil", "tr", "turkish"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i], language) == 0)
      return 1;
  return 0;
}

qdrant_status qd_stemmer_new(const char *language, qd_stemmer **stemmer, qdrant_error *err) {
  *stemmer = NULL;
  if (!is_known(language))
    return qd_fail(err, QDRANT_INVALID_ARGUMENT, "Language \"%s\" not found.", language);
  qd_stemmer *made = qd_zalloc(sizeof *made);
  if (made == NULL)
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a stemmer");
  while (made->n < N_CUTTERS && add_cutter(language, made))
    continue;
  if (made->n < N_CUTTERS) {
    qd_stemmer_free(made);
    return qd_fail(err, QDRANT_NO_MEMORY, "out of memory for a stemmer");
  }
  *stemmer = made;
  return QDRANT_OK;
}

void qd_stemmer_free(qd_stemmer *stemmer) {
  if (stemmer == NULL)
    return;
  for (size_t i = 0; i < stemmer->n; i++) {
    pthread_mutex_destroy(&stemmer->cutters[i].lock);
    sb_stemmer_delete(stemmer->cutters[i].stemmer);
  }
  qd_free(stemmer);
}

/* Locks one that nobody uses, else waits for the first: for as long as a word takes. */
static cutter *take_cutter(qd_stemmer *stemmer) {
  for (size_t i = 0; i < N_CUTTERS; i++)
    if (pthread_mutex_trylock(&stemmer->cutters[i].lock) == 0)
      return &stemmer->cutters[i];
  pthread_mutex_lock(&stemmer->cutters[0].lock);
  return &stemmer->cutters[0];
}

size_t qd_stemmer_cut(qd_stemmer *stemmer, char *word, size_t n_bytes, size_t max_bytes) {
  cutter *taken = take_cutter(stemmer);
  const sb_symbol *stem = sb_stemmer_stem(taken->stemmer, (const sb_symbol *)word, (int)n_bytes);
  if (stem != NULL) {
    size_t n_stem = (size_t)sb_stemmer_length(taken->stemmer);
    n_bytes = n_stem < max_bytes ? n_stem : max_bytes;
    memcpy(word, stem, n_bytes);
  }
  pthread_mutex_unlock(&taken->lock);
  return n_bytes;
}
