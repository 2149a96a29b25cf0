#ifndef QD_HTTP_STATUS_H
#define QD_HTTP_STATUS_H

#include "qdrant/error.h"

/* The HTTP status that a real server answers where its gRPC port answers this one. */
unsigned qd_http_status(qdrant_status status);

#endif
