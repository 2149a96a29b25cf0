#include "tests/faults/leaks.h"

#include "core/deadline.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HANG_MS = 20000, STEP_US = 5000 };

static size_t count_entries(const char *path) {
  size_t n = 0;
  DIR *folder = opendir(path);
  for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
    n += entry->d_name[0] != '.';
  closedir(folder);
  return n;
}

size_t count_descriptors(void) {
  return count_entries("/proc/self/fd") - 1; /* the folder's own */
}

size_t count_threads(void) {
  return count_entries("/proc/self/task");
}

static int is_library_thread(const char *id) {
  char path[300];
  char name[32] = "";
  snprintf(path, sizeof path, "/proc/self/task/%s/comm", id);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return 0;
  int has_name = fgets(name, sizeof name, file) != NULL;
  fclose(file);
  return has_name && strncmp(name, "qdrant-", 7) == 0;
}

size_t count_library_threads(void) {
  size_t n = 0;
  DIR *folder = opendir("/proc/self/task");
  for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
    n += (size_t)is_library_thread(entry->d_name);
  closedir(folder);
  return n;
}

size_t resident_kib(void) {
  size_t n_pages = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  if (file == NULL || fscanf(file, "%*s %zu", &n_pages) != 1)
    n_pages = 0;
  if (file != NULL)
    fclose(file);
  return n_pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

const char *await_no_leaks(size_t n_descriptors) {
  static char found[80];
  int64_t deadline_ns = qd_deadline_in_ms(HANG_MS);
  found[0] = '\0';
  for (;;) {
    size_t n_threads = count_library_threads();
    size_t n_open = count_descriptors();
    if (n_threads == 0 && n_open <= n_descriptors)
      return "";
    snprintf(found, sizeof found, "%zu threads of the library, %zu descriptors where there were %zu", n_threads, n_open,
        n_descriptors);
    if (qd_deadline_has_passed(deadline_ns))
      return found;
    usleep(STEP_US);
  }
}
