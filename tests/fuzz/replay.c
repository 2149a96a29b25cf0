#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* In place of libFuzzer: `fuzz_x CORPUS N` gives every file of the folder to the target, and then N mutations of them.
 * The seed is fixed (QD_TEST_SEED for another), so that a failure comes again. */

#define MAX_FILES 256
#define MAX_INPUT_BYTES 8192
#define MAX_CHANGES 6

typedef struct input {
  uint8_t bytes[MAX_INPUT_BYTES];
  size_t n_bytes;
} input;

static input files[MAX_FILES];
static size_t n_files;
static uint64_t state = 1;

/* splitmix64 */
static size_t random_below(size_t below) {
  uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (size_t)((z ^ z >> 31) % below);
}

static int read_file(const char *folder, const char *name) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return 0;
  input *to = &files[n_files++];
  to->n_bytes = fread(to->bytes, 1, sizeof to->bytes, file);
  fclose(file);
  return 1;
}

static int read_folder(const char *folder) {
  DIR *open = opendir(folder);
  if (open == NULL)
    return 0;
  int is_read = 1;
  for (struct dirent *entry; (entry = readdir(open)) != NULL && is_read && n_files < MAX_FILES;)
    is_read = entry->d_name[0] == '.' || read_file(folder, entry->d_name);
  closedir(open);
  return is_read && n_files > 0;
}

static int compare_inputs(const void *a, const void *b) {
  const input *one = a;
  const input *other = b;
  if (one->n_bytes != other->n_bytes)
    return one->n_bytes < other->n_bytes ? -1 : 1;
  return memcmp(one->bytes, other->bytes, one->n_bytes);
}

static void remove_bytes(input *in) {
  size_t at = random_below(in->n_bytes);
  size_t n = 1 + random_below(in->n_bytes - at);
  memmove(in->bytes + at, in->bytes + at + n, in->n_bytes - at - n);
  in->n_bytes -= n;
}

/* A piece of another file, or of the same. */
static void insert_bytes(input *in) {
  const input *from = &files[random_below(n_files)];
  if (from->n_bytes == 0)
    return;
  size_t start = random_below(from->n_bytes);
  size_t n = 1 + random_below(from->n_bytes - start);
  size_t at = random_below(in->n_bytes + 1);
  if (n > sizeof in->bytes - in->n_bytes)
    return;
  memmove(in->bytes + at + n, in->bytes + at, in->n_bytes - at);
  memcpy(in->bytes + at, from->bytes + start, n);
  in->n_bytes += n;
}

static void change(input *in) {
  static const uint8_t odd[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x1d, 0x32, 0x3a, '"', '\\', '[', '{', '-'};
  size_t way = random_below(5);
  if (in->n_bytes == 0 || way == 0) {
    insert_bytes(in);
  } else if (way == 1) {
    remove_bytes(in);
  } else if (way == 2) {
    in->bytes[random_below(in->n_bytes)] ^= (uint8_t)(1U << random_below(8));
  } else if (way == 3) {
    in->bytes[random_below(in->n_bytes)] = odd[random_below(sizeof odd)];
  } else {
    uint8_t *byte = &in->bytes[random_below(in->n_bytes)];
    *byte = (uint8_t)(*byte + random_below(9) - 4);
  }
}

/* In memory of exactly its size: a sanitizer sees every byte read too many. */
static void run(const input *in) {
  uint8_t *bytes = malloc(in->n_bytes > 0 ? in->n_bytes : 1);
  if (bytes == NULL)
    abort();
  memcpy(bytes, in->bytes, in->n_bytes);
  LLVMFuzzerTestOneInput(bytes, in->n_bytes);
  free(bytes);
}

int main(int argc, char **argv) {
  static input changed;
  const char *seed = getenv("QD_TEST_SEED");
  state = seed != NULL ? strtoull(seed, NULL, 10) : 1;
  if (argc != 3 || !read_folder(argv[1])) {
    fprintf(stderr, "usage: %s CORPUS N: no corpus there\n", argv[0]);
    return 2;
  }
  qsort(files, n_files, sizeof files[0], compare_inputs); /* whatever order the folder has */
  unsigned long n_mutations = strtoul(argv[2], NULL, 10);
  printf("%zu files, %lu mutations, seed %" PRIu64 " (QD_TEST_SEED)\n", n_files, n_mutations, state);
  for (size_t i = 0; i < n_files; i++)
    run(&files[i]);
  for (unsigned long i = 0; i < n_mutations; i++) {
    changed = files[random_below(n_files)];
    for (size_t n = 1 + random_below(MAX_CHANGES); n > 0; n--)
      change(&changed);
    run(&changed);
  }
  return 0;
}
