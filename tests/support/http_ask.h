#ifndef QD_HTTP_ASK_H
#define QD_HTTP_ASK_H

#include <stddef.h>
#include <stdint.h>

/* One HTTP request over a connection of its own, made by libcurl's easy interface: not by what is tested. */
typedef struct http_question {
  uint16_t port;
  const char *verb;
  const char *target;
  const char *body;   /* NULL: none */
  size_t n_body;      /* 0: strlen(body) */
  const char *header; /* one more, as "name: value"; NULL: none */
  long timeout_ms;    /* 0: 30,000 */
} http_question;

typedef struct http_answer {
  int has_answer; /* 0: the connection ended or the time was over without one */
  long status;
  long retry_after_s;
  char content_type[64];
  char *text; /* free(); ended by NUL */
  size_t n_text;
} http_answer;

http_answer http_ask(const http_question *question);

#endif
