#include "fallback_rest/http_easy.h"

#include <string.h>

static int set_text(CURL *easy, CURLoption option, char *text) {
  struct curl_blob blob = {.data = text, .len = text != NULL ? strlen(text) : 0, .flags = CURL_BLOB_COPY};
  return text == NULL || curl_easy_setopt(easy, option, &blob) == CURLE_OK;
}

/* With a CA file of the user's nothing else is trusted: libcurl's own folder of roots is taken away too. */
static int set_roots(CURL *easy, const qd_material *material) {
  return material->ca_pem == NULL || (set_text(easy, CURLOPT_CAINFO_BLOB, material->ca_pem) &&
                                         curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK);
}

static int set_checks(CURL *easy, qdrant_tls_verify verify) {
  long checks_chain = verify != QDRANT_VERIFY_NONE;
  long checks_name = verify == QDRANT_VERIFY_FULL ? 2 : 0;
  return curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, checks_chain) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, checks_name) == CURLE_OK;
}

int qd_http_set_tls(CURL *easy, const qd_http *http, const qd_material *material) {
  if (material == NULL)
    return curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
  return curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK && /* as gRPC core */
         set_checks(easy, http->options.tls.verify) && set_roots(easy, material) &&
         set_text(easy, CURLOPT_SSLCERT_BLOB, material->cert_pem) &&
         set_text(easy, CURLOPT_SSLKEY_BLOB, material->key_pem);
}
