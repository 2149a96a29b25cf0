#ifndef QD_CA_FILE_H
#define QD_CA_FILE_H

#include "qdrant/error.h"

/* Reads a PEM file of trusted roots into *pem, ended by NUL, to be freed with qd_free. gRPC core answers a bad file
 * with "empty address list", so it is checked here: CONFIG_INVALID names the path and what is wrong; NO_MEMORY. */
qdrant_status qd_ca_file_read(const char *path, char **pem, qdrant_error *err);

#endif
