#ifndef QD_MADE_FILE_H
#define QD_MADE_FILE_H

#include <stddef.h>

/* A file in memory, for code that opens files by path. */
typedef struct made_file {
  int fd;
  char path[32];
} made_file;

/* Makes a file of these bytes. Aborts when the system has none to give. */
made_file made_file_of(const void *bytes, size_t n);
void made_file_drop(made_file *file);

#endif
