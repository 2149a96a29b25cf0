#include "tests/support/made_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

made_file made_file_of(const void *bytes, size_t n) {
  made_file file = {.fd = memfd_create("made_file", MFD_CLOEXEC)};
  size_t done = 0;
  while (file.fd >= 0 && done < n) {
    ssize_t written = write(file.fd, (const uint8_t *)bytes + done, n - done);
    if (written <= 0)
      abort();
    done += (size_t)written;
  }
  if (file.fd < 0)
    abort();
  snprintf(file.path, sizeof file.path, "/proc/self/fd/%d", file.fd);
  return file;
}

void made_file_drop(made_file *file) {
  close(file->fd);
  file->fd = -1;
}
