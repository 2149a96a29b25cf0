#ifndef QD_CHANNEL_CREDENTIALS_H
#define QD_CHANNEL_CREDENTIALS_H

#include "tls/material.h"

#include <grpc/grpc.h>

/* Core's credentials for a connection with these certificates (NULL: none, in clear). Released by the caller. */
grpc_channel_credentials *qd_channel_credentials_new(qdrant_tls_verify verify, const qd_material *material);

#endif
