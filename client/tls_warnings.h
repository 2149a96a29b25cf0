#ifndef QD_TLS_WARNINGS_H
#define QD_TLS_WARNINGS_H

#include "client/options.h"

/* Tells the log, once a client, of a key that goes over the network in clear, and of certificates that are not checked.
 */
void qd_warn_about_tls(const qd_options *options);

#endif
