#ifndef QD_TEST_FAULT_SERVER_H
#define QD_TEST_FAULT_SERVER_H

#include <stddef.h>
#include <stdint.h>

/* A server of bare sockets that stands in front of a healthy one: hands everything on, and plays faults when it is told
 * to, so that one client meets a fault and, once it is over, the server behind. */
typedef struct fault_server fault_server;

typedef enum fault_wire { FAULT_HTTP2, FAULT_HTTP1 } fault_wire;

/* When a fault begins. Requests are those for points of a collection; others are handed on always. */
typedef enum fault_moment {
  FAULT_NEVER = 0,
  FAULT_AT_ACCEPT,  /* with a connection, before anything is said on it */
  FAULT_AT_REQUEST, /* with a request, which does not reach the server behind */
  FAULT_AT_REPLY    /* with the answer of the server behind, which has carried the request out */
} fault_moment;

/* What the client hears. */
typedef enum fault_says {
  FAULT_SAYS_NOTHING = 0,
  FAULT_SAYS_HALF_HEAD, /* half of the answer's headers */
  FAULT_SAYS_HEAD,      /* the answer's headers */
  FAULT_SAYS_HALF_BODY, /* headers, and half of the first piece of what follows */
  FAULT_SAYS_RST,       /* HTTP/2: RST_STREAM with the code */
  FAULT_SAYS_GOAWAY,    /* HTTP/2: GOAWAY with the code and the last stream */
  FAULT_SAYS_DRAIN,     /* HTTP/2: the same, then the whole answer */
  FAULT_SAYS_SETTINGS,  /* HTTP/2: the server's first frame */
  FAULT_SAYS_ANSWER,    /* the answer's text in place of the server's */
  FAULT_SAYS_BYTES      /* the answer's body as it is */
} fault_says;

typedef enum fault_then {
  FAULT_THEN_KEEP = 0, /* goes on with the connection */
  FAULT_THEN_CLOSE,
  FAULT_THEN_RESET, /* TCP reset */
  FAULT_THEN_STALL, /* reads on, says nothing more */
  FAULT_THEN_STOP_READING
} fault_then;

/* The last stream of a GOAWAY. */
typedef enum fault_last { FAULT_LAST_NONE, FAULT_LAST_BELOW, FAULT_LAST_OURS, FAULT_LAST_MAX } fault_last;

enum { FAULT_MAX_HEADERS = 6 };

/* An answer of our own, as HTTP/2 frames or HTTP/1 text. */
typedef struct fault_answer {
  const char *status;
  const char *headers[FAULT_MAX_HEADERS][2];
  const char *body;  /* NULL: none */
  size_t n_body;     /* 0: the text's */
  size_t n_long;     /* long headers; 0: none */
  size_t long_bytes; /* of each */
  size_t n_zeros;    /* after the body; 0: none */
} fault_answer;

typedef struct fault {
  fault_moment moment;
  fault_says says;
  fault_then then;
  uint32_t code;
  fault_last last;
  const fault_answer *answer;
  uint32_t delay_ms; /* before it is played */
} fault;

/* wire: what is spoken. The port behind is of 127.0.0.1. */
fault_server *fault_server_start(fault_wire wire, uint16_t target_port);
uint16_t fault_server_port(const fault_server *server);

/* From now on the next `count` connections or requests meet the fault (-1: all). what is borrowed. */
void fault_server_play(fault_server *server, const fault *what, int32_t count);

/* No fault from now on; connections that a fault has stalled are closed. */
void fault_server_heal(fault_server *server);

/* Closes the port and all connections, and opens it again: a server that dies, and its successor. */
void fault_server_die(fault_server *server);
void fault_server_come_back(fault_server *server);

size_t fault_server_n_played(fault_server *server);
void fault_server_stop(fault_server *server);

#endif
