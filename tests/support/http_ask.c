#include "tests/support/http_ask.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 30000 };

static size_t keep(char *bytes, size_t size, size_t n, void *user) {
  http_answer *answer = user;
  char *larger = realloc(answer->text, answer->n_text + size * n + 1);
  if (larger == NULL)
    return 0;
  answer->text = larger;
  memcpy(answer->text + answer->n_text, bytes, size * n);
  answer->n_text += size * n;
  answer->text[answer->n_text] = '\0';
  return size * n;
}

static void read_answer(CURL *curl, http_answer *answer) {
  curl_off_t seconds = 0;
  char *type = NULL;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
  answer->retry_after_s = (long)seconds;
  if (type != NULL)
    strncpy(answer->content_type, type, sizeof answer->content_type - 1);
}

http_answer http_ask(const http_question *question) {
  http_answer answer = {.text = calloc(1, 1)};
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  CURL *curl = curl_easy_init();
  CURLU *url = curl_url();
  curl_url_set(url, CURLUPART_URL, "http://127.0.0.1/", 0);
  char port[8];
  snprintf(port, sizeof port, "%u", (unsigned)question->port);
  curl_url_set(url, CURLUPART_PORT, port, 0);
  if (question->header != NULL)
    headers = curl_slist_append(headers, question->header);
  curl_easy_setopt(curl, CURLOPT_CURLU, url);
  curl_easy_setopt(curl, CURLOPT_REQUEST_TARGET, question->target);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, question->verb);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, question->timeout_ms > 0 ? question->timeout_ms : (long)TIMEOUT_MS);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  if (question->body != NULL) {
    size_t n_body = question->n_body > 0 ? question->n_body : strlen(question->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n_body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question->body);
  }
  answer.has_answer = curl_easy_perform(curl) == CURLE_OK;
  if (answer.has_answer)
    read_answer(curl, &answer);
  curl_easy_cleanup(curl);
  curl_url_cleanup(url);
  curl_slist_free_all(headers);
  return answer;
}
