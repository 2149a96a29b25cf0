#ifndef TEST_HTTP_PEER_H
#define TEST_HTTP_PEER_H

#include <stddef.h>
#include <stdint.h>

/* An HTTP/1.1 server of bare sockets that answers as a handler says, and misbehaves when it is told to. */
typedef struct http_peer http_peer;

/* What came in; lives until the handler returns. */
typedef struct http_request {
  const char *verb;
  const char *target;
  const char *head; /* all lines before the body */
  const uint8_t *body;
  size_t n_body;
  size_t number;     /* of the request, from 1 */
  size_t connection; /* on which it came, from 1 */
} http_request;

typedef enum http_then {
  HTTP_KEEP = 0, /* waits for the next request */
  HTTP_CLOSE,
  HTTP_RESET, /* TCP reset */
  HTTP_STALL  /* nothing more, until the peer is stopped or the client closes */
} http_then;

/* What goes out: 200 with an empty JSON object unless the handler says otherwise. Texts are borrowed. */
typedef struct http_answer {
  int code;
  const char *headers; /* further lines, each ended by CR LF */
  const char *body;
  size_t n_body;     /* 0: its text's */
  size_t n_withheld; /* bytes of the body, from its end, that are announced but not sent */
  const char *raw;   /* sent instead of everything above; "": nothing */
  uint32_t delay_ms;
  http_then then;
} http_answer;

/* One call at a time; delays and misbehaviour come after it. */
typedef void (*http_handler)(void *user, const http_request *request, http_answer *answer);

typedef struct http_peer_options {
  http_handler handler; /* NULL: answers 200 */
  void *user;
  uint16_t port;         /* 0: any free one */
  uint32_t idle_ms;      /* closes connections that are idle for so long; 0: never */
  uint32_t max_requests; /* closes a connection, without a word, after so many; 0: no limit */
  int stops_reading;     /* reads the head of a request and no more */
  int answers_early;     /* says what the handler says after the head, and drops the rest */
} http_peer_options;

http_peer *http_peer_start(const http_peer_options *options);
uint16_t http_peer_port(const http_peer *peer);
size_t http_peer_n_requests(http_peer *peer);
size_t http_peer_n_connections(http_peer *peer); /* accepted so far */
size_t http_peer_n_open(http_peer *peer);

/* The value of a header of the request, copied to out ("" when absent). name: lower case, as clients write it. */
void http_header(const http_request *request, const char *name, char *out, size_t n_out);

void http_peer_stop(http_peer *peer);

#endif
