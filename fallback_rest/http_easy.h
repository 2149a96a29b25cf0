#ifndef QD_HTTP_EASY_H
#define QD_HTTP_EASY_H

#include "fallback_rest/http_state.h"

/* A libcurl handle with all that is the same for every exchange; NULL when out of memory. material: the certificates
 * (copied); NULL: no TLS. */
CURL *qd_http_easy_new(qd_http *http, const qd_material *material);

/* In http_tls.c: its part of the above. 0 when out of memory. */
int qd_http_set_tls(CURL *easy, const qd_http *http, const qd_material *material);

/* Readies a handle for an exchange, of which it borrows body and headers. 0 when out of memory. */
int qd_http_easy_arm(CURL *easy, const qd_http *http, qd_http_exchange *exchange);

/* Appends bytes of an answer to exchange->reply. 0 when out of memory. */
int qd_http_easy_keep(qd_http_exchange *exchange, const char *bytes, size_t n_bytes);

void qd_http_easy_close_on_exec(int fd);

/* Takes over what the handle knows about the end, and lets go of the exchange. */
void qd_http_easy_settle(CURL *easy, const qd_http *http, qd_http_exchange *exchange, CURLcode result);

/* What a body is. */
typedef enum qd_http_content { QD_HTTP_JSON = 0, QD_HTTP_GZIP_JSON = 1, QD_HTTP_NO_JSON = 2 } qd_http_content;

/* The list of headers as libcurl sends it: the base's, those of the same name replaced by own, and what JSON needs.
 * NULL when out of memory. */
struct curl_slist *qd_http_header_list(const qdrant_header *base, size_t n_base, const char *api_key,
    const qdrant_header *own, size_t n_own, qd_http_content content);

/* Wiped, since there may be a key in it. NULL is fine. */
void qd_http_header_list_free(struct curl_slist *list);

#endif
